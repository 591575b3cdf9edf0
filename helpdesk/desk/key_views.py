"""The keys as a page; the same table opens over every page of the desk."""

from flask import Response

from helpdesk.accounts.roles import agent
from helpdesk.core.access import allow
from helpdesk.core.pages import page
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
