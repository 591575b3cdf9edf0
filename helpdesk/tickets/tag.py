"""Tags: free words on tickets, written in one way."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.tenancy import Tenanted


class Tag(Tenanted, Model):
    """A word that an organizer puts on tickets. One that was merged stands for the other from then on."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("organizer_id", "name"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40))
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tags.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]


class TicketTag(Tenanted, Model):
    """A tag on a ticket. Taken off, never removed."""

    __tablename__ = "ticket_tags"
    __table_args__ = (
        UniqueConstraint("ticket_id", "tag_id"),
        Index("ix_ticket_tags_tag", "tag_id", "ticket_id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    tag_id: Mapped[int] = mapped_column(BigId, ForeignKey("tags.id"))
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
