"""The queue, files, and the socket that keeps pages true."""

from flask import Response, abort, redirect, url_for
from flask_login import current_user
from simple_websocket import Server
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.roles import agent
from helpdesk.accounts.user import User
from helpdesk.core import live
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.desk import (  # noqa: F401 - to be registered
    audit_views,
    bulk_views,
    deleted_views,
    key_views,
    presence_views,
    saved_views,
    script_views,
    search_views,
    setting_views,
    sla_views,
    ticket_views,
)
from helpdesk.desk.frame_views import asked, bp
from helpdesk.desk.listing import Listing
from helpdesk.desk.listing_views import rows_alone, shown
from helpdesk.desk.queries import VIEWS
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
    return shown(Listing(VIEWS.get(key) or abort(404), asked()))


@bp.get("/queue/<key>/rows")
@allow(agent)
def rows_show(key: str) -> Response:
    """The rows alone, for a page whose list changed."""
    return rows_alone(Listing(VIEWS.get(key) or abort(404), asked()))


@live.sock.route("/ws", bp=bp)
@allow(agent)
def socket(ws: Server) -> None:
    """Stream to one page of the desk."""
    row = current_user.row
    live.serve(ws, live.Identity("session", row.id, row.organizer_id), live.requested_topics())


@live.may_join("queue")
def _own_queue(user: object, merchant_id: int) -> bool:
    return isinstance(user, User) and user.sees_merchant(merchant_id)


@live.may_join("customer")
def _own_customer(user: object, customer_id: int) -> bool:
    merchant_id = db.session.scalar(select(Customer.merchant_id).where(Customer.id == customer_id))
    return isinstance(user, User) and merchant_id is not None and user.sees_merchant(merchant_id)


@live.may_join("ticket")
def _seen_ticket(user: object, ticket_id: int) -> bool:
    seen = Ticket.visible_to(user).where(Ticket.id == ticket_id) if isinstance(user, User) else None
    return seen is not None and db.session.scalar(seen) is not None
