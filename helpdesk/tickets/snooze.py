"""The snooze: a ticket that is out of sight until a time, or until the customer writes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.core.tenancy import Tenanted

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

LONGEST = timedelta(days=366)
OPEN = "ended_at IS NULL"
alarm = Robot("snooze", lazy("The alarm"))


class Snooze(Tenanted, Model):
    """Somebody put a ticket out of sight. The ticket says until when; its clocks go on, and so do its warnings."""

    __tablename__ = "snoozes"
    __table_args__ = (
        partial_index("ix_snoozes_ticket", "ticket_id", where=OPEN, unique=True),
        partial_index("ix_snoozes_due", "organizer_id", "until", where=OPEN),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    until: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    @classmethod
    def begin(cls, ticket: "Ticket", until: datetime, *, by: User) -> None:
        """Put a ticket out of sight, or change until when."""
        if ticket.is_finished:
            raise Refusal(_("A ticket that is finished is out of sight already."))
        if not clock.now() < until <= clock.now() + LONGEST:
            raise Refusal(_("Choose a time that is still to come, at most a year from now."))
        if ticket.snoozed_until == until:
            return
        cls._end(ticket)
        db.session.add(cls(ticket_id=ticket.id, user_id=by.id, until=until, ended_at=None))
        ticket.snoozed_until = until
        ticket._tell(record("ticket.snoozed", on=ticket, by=by, until=until.isoformat()))

    @classmethod
    def end(cls, ticket: "Ticket", *, by: Actor) -> None:
        """Bring it back. What is in sight stays there."""
        if user_id := cls._end(ticket):
            ticket._tell(record("ticket.woken", on=ticket, by=by, snoozer=user_id, why=by.actor["kind"]))

    @classmethod
    def forget(cls, ticket: "Ticket") -> None:
        """It is finished: there is nothing to come back for, and nothing to tell."""
        cls._end(ticket)

    @classmethod
    def wake_due(cls) -> bool:
        """Bring back one ticket whose time has come. Answers whether there may be more."""
        from helpdesk.tickets.ticket import Ticket

        due = select(cls.ticket_id).where(cls.ended_at.is_(None), cls.until <= clock.now())
        wanted = select(Ticket).where(Ticket.id.in_(due), Ticket.deleted_at.is_(None))
        wanted = wanted.order_by(Ticket.id).limit(1)
        free = wanted.with_for_update(of=Ticket, skip_locked=True, key_share=True)
        ticket = db.session.scalar(free.execution_options(populate_existing=True))
        if ticket is None:
            return False
        cls.end(ticket, by=alarm)
        return True

    @classmethod
    def _end(cls, ticket: "Ticket") -> int | None:
        """End the one that is open. Answers whose it was."""
        if ticket.snoozed_until is None:
            return None
        ticket.snoozed_until = None
        open_one = db.session.scalar(select(cls).where(cls.ticket_id == ticket.id, cls.ended_at.is_(None)))
        if open_one is None:
            return None
        open_one.ended_at = clock.now()
        db.session.flush()  # before another one begins: only one may be open
        return open_one.user_id
