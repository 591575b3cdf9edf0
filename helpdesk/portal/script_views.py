"""The scripts of the request page in one file.

A customer's first visit is on a phone and often the only one: ux 2 gives it 25 KB of scripts, htmx included.
"""

from flask import Response

from helpdesk.core.access import allow, anyone
from helpdesk.core.bundle import Bundle
from helpdesk.portal.link_views import bp

REQUEST = Bundle("/request.js", (
    "clock", "elements/local-time", "elements/kept-draft", "elements/file-upload", "elements/file-list",
    "elements/file-wait", "elements/submit-once", "elements/live-socket", "thread-order", "elements/live-thread",
    "notices", "swaps", "refusals", "elements/first-sign",
))  # fmt: skip


@bp.get("/request.js")
@allow(anyone)
def script_show() -> Response:
    """All of them."""
    return REQUEST.answer()


@bp.app_template_global()
def request_script() -> str:
    """Where they are."""
    return REQUEST.url
