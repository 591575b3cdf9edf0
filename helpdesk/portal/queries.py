"""What the customer's pages ask for."""

from collections import defaultdict

from sqlalchemy import func, or_, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.public_message import PublicAttachment, PublicMessage
from helpdesk.tickets.ticket import Ticket

MOST_CHANGES = 20  # of a history on a page


def thread(ticket_id: int) -> list[PublicMessage]:
    """The thread as the customer reads it, oldest first."""
    return list(db.session.scalars(PublicMessage.thread(ticket_id)))


def opening_of(ticket_id: int) -> PublicMessage | None:
    """The message that it began with, as its customer wrote it."""
    return db.session.scalar(PublicMessage.thread(ticket_id).limit(1))


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
    own = select(FormKey).join(FormKey.merchant).where(FormKey.merchant_id == merchant_id, FormKey.is_on)
    own = own.where(FormKey.archived_at.is_(None), Merchant.archived_at.is_(None))
    return db.session.scalar(own.order_by(FormKey.id).limit(1))


def ticket_of_merchant(ticket_id: int, merchant_id: int) -> Ticket | None:
    """A ticket that came in by a merchant's form."""
    own = select(Ticket).where(
        Ticket.id == ticket_id, Ticket.merchant_id == merchant_id, Ticket.deleted_at.is_(None)
    )
    return db.session.scalar(own.options(*Ticket.to_show()))


def merchants_seen() -> list[Merchant]:
    """The stores of an organizer, by name."""
    every = select(Merchant).where(Merchant.deleted_at.is_(None)).order_by(Merchant.name, Merchant.id)
    return list(db.session.scalars(every))


def forms_of(shop: Merchant) -> list[FormKey]:
    """All forms of a store, archived ones included."""
    return list(db.session.scalars(FormKey.of(shop)))


def forms_by_merchant() -> dict[int, list[FormKey]]:
    """The forms in use, by the id of their store."""
    found: dict[int, list[FormKey]] = defaultdict(list)
    for form in db.session.scalars(select(FormKey).where(FormKey.archived_at.is_(None)).order_by(FormKey.id)):
        found[form.merchant_id].append(form)
    return found


def form_of(form_id: int, merchant_id: int) -> FormKey | None:
    """One form of a store that is there."""
    own = (
        select(FormKey)
        .join(FormKey.merchant)
        .where(FormKey.id == form_id, FormKey.merchant_id == merchant_id)
    )
    return db.session.scalar(own.where(Merchant.deleted_at.is_(None)))


def merchant_use(merchant_id: int) -> dict[str, int]:
    """What hangs on a store: its tickets, those of them that are open, its customers, its people."""
    tickets = select(func.count()).select_from(Ticket)
    tickets = tickets.where(Ticket.merchant_id == merchant_id, Ticket.deleted_at.is_(None))
    people = select(func.count()).select_from(Membership)
    people = people.where(Membership.merchant_id == merchant_id, Membership.deleted_at.is_(None))
    asked = {
        "tickets": tickets,
        "open": tickets.where(Ticket.is_alive),
        "customers": select(func.count())
        .select_from(Customer)
        .where(Customer.merchant_id == merchant_id, Customer.deleted_at.is_(None)),
        "people": people,
    }
    return {name: db.session.scalar(one) or 0 for name, one in asked.items()}


def form_changes(form: FormKey) -> list[Event]:
    """The latest changes of a form's settings, newest first."""
    names = Event.name.startswith("form.")
    latest = select(Event).where(names, Event.ticket_id.is_(None), Event.data["form"].as_integer() == form.id)
    return list(db.session.scalars(latest.order_by(Event.id.desc()).limit(MOST_CHANGES)))
