"""What is sent to the agents' open pages when something happened on a ticket."""

from sqlalchemy import select

from helpdesk.accounts.user import User, workers_of
from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket


def _ticket(event: Event) -> Ticket | None:
    found = select(Ticket).where(Ticket.id == event.ticket_id, Ticket.deleted_at.is_(None))
    return db.session.scalar(found.options(*Ticket.to_show()))


def ticket_changed(event: Event) -> None:
    """The row to every queue of its merchant, its state and its new message to its page."""
    merchant_id = db.session.scalar(select(Ticket.merchant_id).where(Ticket.id == event.ticket_id))
    queue, own = f"queue.{merchant_id}", f"ticket.{event.ticket_id}"
    ticket = _ticket(event) if live.heard(queue, own) else None
    if ticket is None:
        return
    live.push(queue, "desk/row_changed.stream.html", sequence=event.sequence, ticket=ticket)
    live.ring(queue, sequence=event.sequence, ticket=ticket.number)
    if not live.heard(own):
        return
    agents = db.session.scalars(workers_of(ticket.merchant_id)).all()
    live.push(
        own,
        "tickets/changed.stream.html",
        sequence=event.sequence,
        ticket=ticket,
        moves=ticket.moves,
        agents=agents,
    )
    for message in _messages(event):
        live.push(
            own, "tickets/message_added.stream.html", sequence=event.sequence, message=message, ticket=ticket
        )


def _messages(event: Event) -> list[Message]:
    """What the event put into the thread: what was said, or the line that says what happened."""
    if "message" in event.data:
        return [db.session.get_one(Message, event.data["message"])]
    same = Message.thread(event.ticket_id).where(
        Message.kind == "system", Message.event_name == event.name, Message.created_at == event.created_at
    )
    return list(db.session.scalars(same))


def escalations_changed(event: Event) -> None:
    """The panel of escalations to the ticket's page, and a notice to the managers wherever they are."""
    ticket = _ticket(event)
    if ticket:
        rows = db.session.scalars(Escalation.of(ticket.id)).all()
        topic = f"ticket.{ticket.id}"
        if event.name == "escalation.raised":
            notify_managers(event, ticket)
        live.push(
            topic, "escalations/changed.stream.html", sequence=event.sequence, ticket=ticket, escalations=rows
        )


def notify_managers(event: Event, ticket: Ticket) -> None:
    """Say on every open page of a manager that a ticket was escalated; not to who did it himself."""
    escalation = db.session.get_one(Escalation, event.data["escalation"])
    managers = select(User.id).where(User.is_active, User.role.in_(("manager", "admin")))
    for user_id in db.session.scalars(managers):
        if event.actor["kind"] != "user" or event.actor["id"] != user_id:
            template, topic = "escalations/raised.stream.html", f"user.{user_id}"
            live.push(topic, template, sequence=event.sequence, ticket=ticket, escalation=escalation)
