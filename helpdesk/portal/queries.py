"""What the customer's pages ask for."""

from sqlalchemy import or_, select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryOption
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.public_message import PublicAttachment, PublicMessage
from helpdesk.tickets.ticket import Ticket


def thread(ticket_id: int) -> list[PublicMessage]:
    """The thread as the customer reads it, oldest first."""
    return list(db.session.scalars(PublicMessage.thread(ticket_id)))


def public_message(message_id: int) -> PublicMessage | None:
    """One message, if it is public."""
    return db.session.scalar(select(PublicMessage).where(PublicMessage.id == message_id))


def lines_of(event: Event) -> list[PublicMessage]:
    """What an event put into the thread for the customer: what was said, or the line that says what happened."""
    own = PublicMessage.thread(event.ticket_id or 0)
    if "message" in event.data:
        own = own.where(PublicMessage.id == event.data["message"])
    else:
        own = own.where(PublicMessage.event_name == event.name, PublicMessage.created_at == event.created_at)
    return list(db.session.scalars(own))


def happened_since(ticket_id: int, sequence: int) -> bool:
    """Whether something happened on a ticket after a sequence number; what is not sealed yet counts."""
    later = or_(Event.sequence > sequence, Event.sequence.is_(None))
    found = select(Event.id).where(Event.ticket_id == ticket_id, later).limit(1)
    return db.session.scalar(found) is not None


def file_of(ticket_id: int, attachment_id: int) -> PublicAttachment | None:
    """A file of one ticket's public messages."""
    own = select(PublicMessage.id).where(PublicMessage.ticket_id == ticket_id)
    found = select(PublicAttachment).where(
        PublicAttachment.id == attachment_id, PublicAttachment.message_id.in_(own)
    )
    return db.session.scalar(found)


def form_key_of(merchant_id: int) -> FormKey | None:
    """A form by which a merchant takes new requests."""
    own = select(FormKey).where(FormKey.merchant_id == merchant_id, FormKey.is_on).order_by(FormKey.id)
    return db.session.scalar(own.limit(1))


def categories_on_offer(merchant_id: int) -> list[CategoryOption]:
    """What a request to a merchant can be about."""
    return Category.on_offer(merchant_id)


def priorities_up_to(highest: str) -> list[str]:
    """What a customer may choose, least first (CAT-004)."""
    return [priority.value for priority in list(Priority)[: list(Priority).index(Priority(highest)) + 1]]


def ticket_of_merchant(ticket_id: int, merchant_id: int) -> Ticket | None:
    """A ticket that came in by a merchant's form."""
    own = select(Ticket).where(
        Ticket.id == ticket_id, Ticket.merchant_id == merchant_id, Ticket.deleted_at.is_(None)
    )
    return db.session.scalar(own.options(*Ticket.to_show()))
