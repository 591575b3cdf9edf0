"""How far somebody has read a ticket's thread."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.tenancy import Tenanted


class ReadingMark(Tenanted, Model):
    """The last message that a user has seen on a ticket."""

    __tablename__ = "reading_marks"
    __table_args__ = (UniqueConstraint("user_id", "ticket_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    message_id: Mapped[int] = mapped_column(BigId)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
