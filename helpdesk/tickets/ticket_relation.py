"""Tickets that have to do with each other."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.tenancy import Tenanted


class TicketRelation(Tenanted, Model):
    """A pair; the ticket with the smaller id comes first, so that each pair is there once. Ended, never removed."""

    __tablename__ = "ticket_relations"
    __table_args__ = (UniqueConstraint("ticket_id", "other_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    other_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
