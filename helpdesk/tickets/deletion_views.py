"""What managers put out of sight, and bring back: tickets and messages."""

from flask import Response, abort, make_response, redirect, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import is_htmx, respond
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.message import Message
from helpdesk.tickets.queries import message_for
from helpdesk.tickets.ticket import Ticket


def _found(number: str) -> Ticket:
    return Ticket.find(number, viewer(), lock=True, deleted_too=True) or abort(404)


@bp.post("/tickets/<number:number>/deletion")
@allow(manager)
def ticket_delete(number: str) -> Response:
    """Put a ticket out of everybody's sight."""
    ticket = _found(number)
    ticket.delete(by=viewer())
    to = url_for("desk.deleted_show")  # the page on which this was asked for is there no more
    return make_response("", {"HX-Redirect": to}) if is_htmx() else redirect(to, 303)


@bp.post("/tickets/<number:number>/restoration")
@allow(manager)
def ticket_restore(number: str) -> Response:
    """Bring it back."""
    ticket = _found(number)
    ticket.restore(by=viewer())
    to = url_for("desk.ticket_show", number=number)
    return respond(to, "tickets/restored.stream.html", ticket=ticket)


@bp.post("/messages/<id:message_id>/deletion")
@allow(manager)
def message_delete(message_id: int) -> Response:
    """Put a message out of everybody's sight."""
    ticket, message = _said(message_id)
    message.remove(ticket, by=viewer())
    return _changed(ticket, message)


@bp.post("/messages/<id:message_id>/restoration")
@allow(manager)
def message_restore(message_id: int) -> Response:
    """Bring it back to its place."""
    ticket, message = _said(message_id)
    message.restore(ticket, by=viewer())
    return _changed(ticket, message)


def _said(message_id: int) -> tuple[Ticket, Message]:
    """A message and its ticket, locked; the message may have been moved while that was waited for."""
    while True:
        message = message_for(viewer(), message_id) or abort(404)
        seen = Ticket.visible_to(viewer()).where(Ticket.id == message.ticket_id)
        number = db.session.scalar(seen.with_only_columns(Ticket.number)) or abort(404)
        ticket = Ticket.find(number, viewer(), lock=True) or abort(404)
        db.session.refresh(message)
        if message.ticket_id == ticket.id:
            return ticket, message


def _changed(ticket: Ticket, message: Message) -> Response:
    to = url_for("desk.ticket_show", number=ticket.number)
    if message.deleted_at:
        return respond(to, "tickets/message_removed.stream.html", message_id=message.id)
    return respond(to, "tickets/message_added.stream.html", message=message, ticket=ticket)
