"""The keys as a page, which opens over every page of the desk too; and the list of the command palette."""

from flask import Response, request

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.forms import one_line
from helpdesk.core.fulltext import LONGEST_QUESTION
from helpdesk.core.pages import fragment, page
from helpdesk.desk.command import Command
from helpdesk.desk.frame_views import bp
from helpdesk.desk.shortcut import PLACES, SHORTCUTS, Shortcut


@bp.get("/keys")
@allow(agent)
def keys_show() -> Response:
    """Every key and what it does."""
    return page("desk/keys.html")


@bp.app_template_global()
def shortcuts() -> list[tuple[str, str, list[Shortcut]]]:
    """Place, its heading, and the keys that count there."""
    return [
        (place, str(heading), [one for one in SHORTCUTS if one.place == place])
        for place, heading in PLACES.items()
    ]


@bp.get("/palette")
@allow(agent)
def palette_show() -> Response:
    """What can be done, or what was typed means: the list of the command palette."""
    words, on_ticket = request.args.get("q", "")[:LONGEST_QUESTION], request.args.get("ticket", "")[:24]
    return fragment(
        "desk/_commands.html", groups=Command.matching(viewer(), one_line(words), on_ticket=on_ticket)
    )
