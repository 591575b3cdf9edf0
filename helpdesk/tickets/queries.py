"""What agents may load of tickets' threads and files. The customer's side has `public_message.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket


def thread_of(ticket: Ticket) -> Sequence[Message]:
    """Everything that was said on a ticket, notes included, oldest first."""
    return db.session.scalars(Message.thread(ticket.id)).all()


def lines_of(event: Event) -> Sequence[Message]:
    """What an event put into its ticket's thread: what was said, or the line that says what happened."""
    if event.ticket_id is None:
        return []
    thread = Message.thread(event.ticket_id)
    if "message" in event.data:
        return db.session.scalars(thread.where(Message.id == event.data["message"])).all()
    line = thread.where(Message.event_name == event.name, Message.created_at == event.created_at)
    return db.session.scalars(line.where(Message.kind == "system")).all()


def thread_since(ticket: Ticket, since: str) -> Sequence[Message]:
    """What a page may lack that has seen the log up to a sequence number; a few too many, never too few.

    A message is written a moment before its event, so the search begins a minute earlier; the page drops
    what it has already.
    """
    number = int(since) if since.isascii() and since.isdecimal() and len(since) < 19 else 0
    unseen = or_(Event.sequence > number, Event.sequence.is_(None))  # the relay may be late
    later = select(func.min(Event.created_at)).where(Event.ticket_id == ticket.id, unseen)
    start = (db.session.scalar(later) or clock.now()) - timedelta(minutes=1)
    return db.session.scalars(Message.thread(ticket.id).where(Message.created_at >= start)).all()


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
