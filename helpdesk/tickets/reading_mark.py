"""How far somebody has read a ticket's thread."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import Event
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.message import Message

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket


class ReadingMark(Tenanted, Model):
    """The last message that a user has seen on a ticket."""

    __tablename__ = "reading_marks"
    __table_args__ = (UniqueConstraint("user_id", "ticket_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    message_id: Mapped[int] = mapped_column(BigId)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def advance(cls, ticket: "Ticket", message_id: int, *, by: User) -> None:
        """Somebody has seen everything up to a message. Never back, and never past what is there."""
        newest = db.session.scalar(
            Message.thread(ticket.id).with_only_columns(func.max(Message.id)).order_by(None)
        )
        reached = min(message_id, newest or 0)
        if reached <= 0:
            return
        mine = {"user_id": by.id, "ticket_id": ticket.id}
        known = db.session.scalar(select(cls).filter_by(**mine).limit(1))
        if known is None and add_once(cls(message_id=reached, **mine)):
            return
        further = update(cls).filter_by(**mine).where(cls.message_id < reached)
        db.session.execute(further.values(message_id=reached, updated_at=clock.now()))

    @classmethod
    def has_seen(cls, user_id: int, event: Event) -> bool:
        """Whether a user has read as far as an event: its message or, after it happened, all that was there then."""
        mark = db.session.scalar(select(cls).filter_by(user_id=user_id, ticket_id=event.ticket_id))
        if mark is None:
            return False
        if "message" in event.data:
            return mark.message_id >= event.data["message"]
        there = Message.thread(event.ticket_id or 0).where(Message.created_at <= event.created_at)
        there = there.with_only_columns(func.max(Message.id)).order_by(None)
        return mark.updated_at >= event.created_at and mark.message_id >= (db.session.scalar(there) or 0)

    @classmethod
    def lower(cls, ticket: "Ticket", message_id: int) -> None:
        """A message came from elsewhere among those that were read: nobody has seen it, nor what comes after it."""
        beyond = update(cls).where(cls.ticket_id == ticket.id, cls.message_id >= message_id)
        db.session.execute(beyond.values(message_id=message_id - 1, updated_at=clock.now()))
