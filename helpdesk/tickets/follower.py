"""Followers: who is told of a ticket although it is not his."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.name_order import by_name
from helpdesk.core.tenancy import Tenanted

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket


class Follower(Tenanted, Model):
    """A user follows a ticket. Ended, never removed. It changes nothing on the ticket, so it is no event."""

    __tablename__ = "followers"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @classmethod
    def follow(cls, ticket: "Ticket", *, by: User) -> None:
        """Be told of it from now on. Twice is once."""
        live.nudge(f"ticket.{ticket.id}")
        mine = {"ticket_id": ticket.id, "user_id": by.id}
        known = db.session.scalar(select(cls).filter_by(**mine))
        if known is None and add_once(cls(removed_at=None, **mine)):
            return
        known = known or db.session.scalars(select(cls).filter_by(**mine)).one()
        if known.removed_at:
            known.created_at, known.removed_at = clock.now(), None

    @classmethod
    def unfollow(cls, ticket: "Ticket", *, by: User) -> None:
        """Be told no more. Who does not follow it goes on so."""
        known = db.session.scalar(select(cls).filter_by(ticket_id=ticket.id, user_id=by.id))
        if known and known.removed_at is None:
            live.nudge(f"ticket.{ticket.id}")
            known.removed_at = clock.now()

    @classmethod
    def of(cls, ticket_id: int) -> Sequence[User]:
        """Who follows a ticket and is still here, by name."""
        here = select(User).where(User.id.in_(cls._ids(ticket_id)), User.is_active)
        return by_name(db.session.scalars(here.order_by(User.id)))

    @classmethod
    def has(cls, ticket_id: int, user_id: int) -> bool:
        """Whether somebody follows a ticket."""
        return db.session.scalar(cls._ids(ticket_id).where(cls.user_id == user_id)) is not None

    @classmethod
    def _ids(cls, ticket_id: int) -> Select[tuple[int]]:
        return select(cls.user_id).where(cls.ticket_id == ticket_id, cls.removed_at.is_(None))
