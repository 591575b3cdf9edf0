"""Leave: whole days on which somebody does not work. Cancelled, never removed."""

from datetime import date, datetime, timedelta

from sqlalchemy import Date, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.agents.shift import MOST_LEAVE_DAYS
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _
from helpdesk.core.tenancy import Tenanted


class Leave(Tenanted, Model):
    """From the first day to the last, both included, as days of his own time zone."""

    __tablename__ = "agent_leaves"
    __table_args__ = (Index("ix_agent_leaves_user_id", "user_id", "last_day"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    cancelled_at: Mapped[datetime | None]

    @classmethod
    def take(cls, user: User, first: date, last: date, *, by: Actor, note: str = "") -> "Leave":
        """Enter days of leave. Of the same days again only the note is new. Refuses the wrong order, or a whole year.

        Whoever calls it settles the profile afterwards (`Agent.settle`).
        """
        if last < first:
            raise Refusal(_("The last day of leave lies before the first."))
        if (last - first).days >= MOST_LEAVE_DAYS:
            raise Refusal(_("A leave can be a year at most."))
        there = db.session.scalar(cls.of(user.id).where(cls.first_day == first, cls.last_day == last))
        if there:
            there.note = note or there.note
            return there
        leave = cls(user_id=user.id, first_day=first, last_day=last, note=note)
        db.session.add(leave)
        db.session.flush()
        record("agent.leave_taken", on=None, by=by, **leave._said(user))
        return leave

    def cancel(self, user: User, *, by: Actor) -> None:
        """He works on these days after all. Twice changes nothing."""
        if self.cancelled_at is None:
            self.cancelled_at = clock.now()
            record("agent.leave_cancelled", on=None, by=by, **self._said(user))

    def _said(self, user: User) -> dict[str, object]:
        days = {"first": self.first_day.isoformat(), "last": self.last_day.isoformat()}
        return {"user": user.id, "called": user.name, **days}

    @classmethod
    def of(cls, user_id: int) -> Select[tuple["Leave"]]:
        """What is entered for somebody, past days included, in order."""
        own = select(cls).where(cls.user_id == user_id, cls.cancelled_at.is_(None))
        return own.order_by(cls.first_day, cls.id)

    @classmethod
    def ahead(cls, user_id: int) -> Select[tuple["Leave"]]:
        """What is not over yet, wherever on earth he is."""
        return cls.all_ahead().where(cls.user_id == user_id)

    @classmethod
    def all_ahead(cls) -> Select[tuple["Leave"]]:
        """The same of everybody."""
        ahead = select(cls).where(cls.last_day >= clock.now().date() - timedelta(days=1))
        return ahead.where(cls.cancelled_at.is_(None)).order_by(cls.first_day, cls.id)
