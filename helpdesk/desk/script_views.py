"""The scripts of the desk, a file for the queue, which a day begins with, and one for every other page; its sheets."""

from flask import Response, abort

from helpdesk.core.access import allow, anyone
from helpdesk.core.bundle import Bundle
from helpdesk.desk.frame_views import bp

FIRST = ("clock", "session", "elements/sign-in-again", "keys", "elements/local-time", "elements/due-in")
WRITING = (
    "elements/kept-draft", "elements/draft-rest", "elements/saved-draft", "elements/queued-send", "elements/held-reply",
    "elements/file-upload", "elements/file-list", "elements/file-wait", "elements/canned-picker",
    "elements/mention-picker", "composer-guards",
)  # fmt: skip
LIVE = ("elements/submit-once", "elements/live-socket", "frame-numbers")
LIST = (
    "queue-rows", "own-marks", "saved-views", "elements/live-queue", "picks", "elements/bulk-bar",
    "elements/list-presence", "elements/data-age",
)  # fmt: skip
TICKET = (
    "elements/undo-bar",
    "elements/live-panels",
    "thread-order",
    "elements/live-thread",
    "elements/own-presence",
)
AROUND = (
    "menus", "elements/present-people", "elements/queue-link", "elements/queue-steps", "elements/snooze-times",
    "palette-recent", "elements/command-palette",
)  # fmt: skip
READING = (
    "elements/copy-link", "after-send", "elements/page-tabs", "elements/reading-mark", "elements/print-page",
    "elements/customer-finder", "elements/bulk-progress", "elements/bell-reader",
)  # fmt: skip
LAST = (
    "elements/unread-bell", "unread-title", "beep", "elements/bell-voice", "notices", "connection", "notice-ends",
    "header-height", "swaps", "catching-up", "kept-focus", "choices", "refusals",
)  # fmt: skip
BUNDLES = {
    "queue": Bundle("/desk/queue.js", (*FIRST, *LIVE, *LIST, *AROUND, *LAST)),
    "page": Bundle("/desk/page.js", (*FIRST, *WRITING, *LIVE, *TICKET, *AROUND, *READING, *LAST)),
}


SHEETS = Bundle("/desk/desk.css", (
    "app", "tokens", "reset", "base", "layout", "utilities", "components/icon", "components/button", "components/field",
    "components/notice", "components/card", "fonts", "components/badge", "components/sla", "components/avatar",
    "components/presence", "components/nav", "components/menu", "components/bell", "components/keys",
    "components/palette", "components/bulk", "components/files", "components/thread", "components/composer",
    "components/canned", "rooms/desk", "rooms/queue", "rooms/search", "rooms/ticket", "rooms/density",
))  # fmt: skip


@bp.get("/desk/<kind>.js")
@allow(anyone)
def script_show(kind: str) -> Response:
    """All scripts of a kind of page."""
    return (BUNDLES.get(kind) or abort(404)).answer()


@bp.app_template_global()
def desk_script(kind: str) -> str:
    """Where they are."""
    return BUNDLES[kind].url


@bp.get("/desk/desk.css")
@allow(anyone)
def sheet_show() -> Response:
    """All sheets of the desk."""
    return SHEETS.answer()


@bp.app_template_global()
def desk_sheet() -> str:
    """Where they are."""
    return SHEETS.url
