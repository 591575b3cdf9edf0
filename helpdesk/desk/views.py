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
from helpdesk.desk import (  # noqa: F401 - to be registered
    audit_views,
    deleted_views,
    key_views,
    presence_views,
    search_views,
    setting_views,
    sla_views,
    ticket_views,
)
from helpdesk.desk.filters import Filters
from helpdesk.desk.frame_views import bp, chips, filter_bar, merchants_seen, nav
from helpdesk.desk.presence import Presence
from helpdesk.desk.queries import VIEWS, View, page_of
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
    """The queue. A form says also what was not chosen; the address that stays does not."""
    view, filters = VIEWS.get(key) or abort(404), Filters.of(request.args)
    if "" in request.args.values():
        return redirect(url_for("desk.queue_show", key=view.key, **filters.said), 302)
    sequence, merchants = (
        last_sequence(),
        merchants_seen(),
    )  # read first: what comes later is caught up from here
    views, bar = nav(view, filters), filter_bar(filters, merchants)
    return page(
        "desk/queue.html", views=views, filters=bar, chips=chips(view, filters, bar), live_url=queue_socket(merchants),
        **rows(view, filters, views, sequence),
    )  # fmt: skip


@bp.get("/queue/<key>/rows")
@allow(agent)
def rows_show(key: str) -> Response:
    """The rows alone, for a page whose list changed."""
    view, filters, sequence = VIEWS.get(key) or abort(404), Filters.of(request.args), last_sequence()
    views = nav(view, filters)
    return fragment("desk/rows.stream.html", views=views, **rows(view, filters, views, sequence))


def rows(view: View, filters: Filters, views: list[dict[str, Any]], sequence: int) -> dict[str, Any]:
    """What the list of a view shows."""
    after, before = request.args.get("after", ""), request.args.get("before", "")
    found = page_of(view, viewer(), filters, after, before)
    here = filters.said | {name: at for name, at in (("after", after), ("before", before)) if at}

    def address(**more: Any) -> str:
        return url_for("desk.queue_show", key=view.key, **filters.said, **more)

    return {
        "view": {
            "key": view.key, "label": str(view.label), "url": url_for("desk.queue_show", key=view.key),
            "is_narrowed": bool(filters.narrowing),
        },
        "tickets": found.tickets, "present": Presence.on([ticket.id for ticket in found.tickets], but=viewer().id),
        "total": next(each["total"] for each in views if each["current"]),
        "next_url": found.after and address(after=found.after),
        "previous_url": found.before and address(before=found.before),
        "rows_url": url_for("desk.rows_show", key=view.key, **here), "sequence": sequence,
    }  # fmt: skip


def queue_socket(merchants: list[Any]) -> str:
    """The address of the socket for the queue of this viewer's merchants."""
    topics = [f"user.{viewer().id}", *(f"queue.{id_}" for id_, _ in merchants)]
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
