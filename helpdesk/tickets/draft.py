"""Drafts: unsent words, kept on the server per user, ticket and kind."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.tenancy import Tenanted


class Draft(Tenanted, Model):
    """What somebody has begun to write on a ticket: a `reply` or a `note`."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "ticket_id", "kind"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[list[Any]] = mapped_column(default=list)
    then: Mapped[str | None] = mapped_column(String(20))
    submission_key: Mapped[str | None] = mapped_column(String(64))  # of the form it is written in
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    cleared_at: Mapped[datetime | None]
