"""What was deleted: a page for managers, with the way back."""

from flask import Response, request, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import page
from helpdesk.desk.frame_views import bp, nav
from helpdesk.desk.queries import deleted_before, deletions_of


@bp.get("/queue/deleted")
@allow(manager)
def deleted_show() -> Response:
    """The deleted tickets, last deleted first."""
    tickets, before = deleted_before(viewer(), request.args.get("before", ""))
    return page(
        "desk/deleted.html", views=nav(None)[0], tickets=tickets, deletions=deletions_of(tickets),
        next_url=before and url_for("desk.deleted_show", before=before),
    )  # fmt: skip
