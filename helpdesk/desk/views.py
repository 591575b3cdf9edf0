"""The queue, files, and the socket that keeps pages true."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_login import current_user
from simple_websocket import Server

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.core import live
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.events import last_sequence
from helpdesk.core.pages import fragment, page
from helpdesk.desk import audit_views, deleted_views, key_views, search_views, sla_views, ticket_views  # noqa: F401 - to be registered
from helpdesk.desk.frame_views import bp, filter_bar, nav
from helpdesk.desk.queries import VIEWS, Filters, View, page_of
from helpdesk.tickets.ticket import Ticket

__all__ = ["bp"]


@bp.get("/")
@allow(agent)
def home() -> Response:
    """Where a signed-in person begins."""
    return redirect(url_for("desk.queue_show"), 302)


@bp.get("/queue", defaults={"key": "todo"})
@bp.get("/queue/<key>")
@allow(agent)
def queue_show(key: str) -> Response:
    """The queue."""
    view = VIEWS.get(key) or abort(404)
    sequence = last_sequence()  # read first: whatever comes later is caught up from here
    return page(
        "desk/queue.html", views=nav(view), filters=filter_bar(), live_url=queue_socket(),
        **rows(view, sequence),
    )  # fmt: skip


@bp.get("/queue/<key>/rows")
@allow(agent)
def rows_show(key: str) -> Response:
    """The rows alone, for a page whose list changed."""
    view = VIEWS.get(key) or abort(404)
    return fragment("desk/rows.stream.html", views=nav(view), **rows(view, last_sequence()))


def rows(view: View, sequence: int) -> dict[str, Any]:
    """What the list of a view shows."""
    filters = Filters(
        **{name: request.args.get(name, "")[:20] for name in ("status", "priority", "assignee")}
    )
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = page_of(view, viewer(), filters, after, before)
    chosen = {name: value for name, value in vars(filters).items() if value}
    here = chosen | ({"after": after} if after else {}) | ({"before": before} if before else {})
    return {
        "view": {"key": view.key, "label": str(view.label), "url": url_for("desk.queue_show", key=view.key)},
        "tickets": found.tickets,
        "next_url": found.after and url_for("desk.queue_show", key=view.key, after=found.after, **chosen),
        "previous_url": found.before
        and url_for("desk.queue_show", key=view.key, before=found.before, **chosen),
        "rows_url": url_for("desk.rows_show", key=view.key, **here),
        "sequence": sequence,
    }


def queue_socket() -> str:
    """The address of the socket for the queue of this viewer's merchants."""
    topics = [f"user.{viewer().id}", *(f"queue.{id_}" for id_ in db.session.scalars(viewer().merchant_ids()))]
    return url_for("desk.socket", topics=",".join(topics[: live.MOST_TOPICS]))


@live.sock.route("/ws", bp=bp)
@allow(agent)
def socket(ws: Server) -> None:
    """Stream to one page of the desk."""
    row = current_user.row
    live.serve(ws, live.Identity("session", row.id, row.organizer_id), live.requested_topics())


@live.may_join("queue")
def _own_queue(user: object, merchant_id: int) -> bool:
    return isinstance(user, User) and user.sees_merchant(merchant_id)


@live.may_join("ticket")
def _seen_ticket(user: object, ticket_id: int) -> bool:
    seen = Ticket.visible_to(user).where(Ticket.id == ticket_id) if isinstance(user, User) else None
    return seen is not None and db.session.scalar(seen) is not None
