"""What agents may load of tickets' threads and files. The customer's side has `public_message.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket

RELATING = ("ticket.related", "ticket.unrelated", "ticket.merged", "ticket.absorbed", "ticket.continued")


def thread_of(ticket: Ticket) -> Sequence[Message]:
    """Everything that was said on a ticket, notes included, oldest first."""
    return db.session.scalars(Message.thread(ticket.id)).all()


def lines_of(event: Event) -> Sequence[Message]:
    """What an event put into its ticket's thread: what was said, or the line that says what happened.

    What was restored or came from another ticket is among it; pages put it in its place by its number.
    """
    if event.ticket_id is None:
        return []
    if "message" in event.data:
        return db.session.scalars(Message.named(event.ticket_id, [event.data["message"]])).all()
    line = and_(Message.event_name == event.name, Message.created_at == event.created_at)
    wanted = [and_(line, Message.kind == "system"), *_put_back(event)]
    return db.session.scalars(Message.thread(event.ticket_id).where(or_(*wanted))).all()


def _put_back(event: Event) -> list[ColumnElement[bool]]:
    """Which older messages an event brought into a thread."""
    if event.name == "message.restored":
        return [Message.id == event.data["which"]]
    return [Message.origin_id.is_not(None)] if event.name == "ticket.absorbed" else []


@dataclass(frozen=True)
class Missed:
    """What a page may lack, or show too much of, that has seen the log up to a sequence number."""

    lines: Sequence[Message]
    removed: list[int]  # ids of messages that are there no more
    relations: bool  # whether other tickets came to have to do with it, or have no more
    mails: bool  # whether some could not be delivered, or were tried again
    is_left: bool  # whether its messages went to another ticket: `lines` are the whole thread then


def missed_since(ticket: Ticket, since: str) -> Missed:
    """A few messages too many, never too few: one is written a moment before its event, so the search begins a
    minute earlier; the page drops what it has already. A held one may be sent, or be taken back, much later: events
    name theirs.
    """
    number = int(since) if since.isascii() and since.isdecimal() and len(since) < 19 else 0
    unseen = or_(Event.sequence > number, Event.sequence.is_(None))  # the relay may be late
    events = db.session.scalars(select(Event).where(Event.ticket_id == ticket.id, unseen)).all()
    start = min((event.created_at for event in events), default=clock.now()) - timedelta(minutes=1)
    named = [event.data["message"] for event in events if "message" in event.data]
    brought = [each for event in events for each in _put_back(event)]
    is_left = any(event.name == "ticket.merged" for event in events)
    lines = Message.named(ticket.id, named, since=start, also=brought)
    return Missed(
        lines=thread_of(ticket) if is_left else db.session.scalars(lines).all(),
        removed=sorted({event.data["which"] for event in events if event.name == "message.removed"}),
        relations=any(event.name in RELATING for event in events),
        mails=any(event.name.startswith("mail.") for event in events),
        is_left=is_left,
    )


def message_for(viewer: User, message_id: int) -> Message | None:
    """A message of a ticket that a user sees, removed or not: for removing and restoring it."""
    tickets = Ticket.visible_to(viewer).with_only_columns(Ticket.id)
    return Message.among(tickets, message_id)


def file_for(viewer: User, attachment_id: int) -> Attachment | None:
    """A file on a message of a ticket that a user sees."""
    tickets = Ticket.visible_to(viewer).with_only_columns(Ticket.id)
    return Attachment.among(Message.ids_on(tickets), attachment_id)


@dataclass(frozen=True)
class Said:
    """A piece of a ticket's thread that a search may show: a message, or the name of a file on one."""

    ticket_id: int
    kind: str
    author: str
    text: str


def newest_said(ticket_ids: Sequence[int], each: int, letters: int) -> list[Said]:
    """The beginnings of the newest messages on each ticket, newest first; nothing that is held or removed."""
    rows = db.session.execute(Message.newest_on(ticket_ids, each, letters)).all()
    return [Said(row.ticket_id, row.kind, row.author_name, row.body) for row in rows]


def files_said(ticket_ids: Sequence[int]) -> list[Said]:
    """What the files on tickets are called."""
    rows = db.session.execute(Message.files_on(ticket_ids)).all()
    return [Said(row.ticket_id, row.kind, row.author_name, row.name) for row in rows]
