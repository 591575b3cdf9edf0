"""An escalation: raised for a reason, acknowledged by somebody, or climbing to the next level by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, add_once, db, partial_index
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, Event, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.core.tenancy import Tenanted
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.tickets.lifecycle import MOVES, Status
from helpdesk.tickets.ticket import Ticket

TRIGGERS = {
    "breach": lazy("SLA breached"),
    "manual": lazy("Raised by hand"),
    "customer": lazy("The customer asked for it"),
    "no_agent": lazy("Nobody could be assigned"),
}
BATCH = 100
ladder = Robot("escalation ladder", lazy("The escalation ladder"))


class Escalation(Tenanted, Model):
    """One level of attention on one ticket."""

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("ticket_id", "cause", "level"),
        partial_index("ix_escalations_climbing", "organizer_id", "climbs_at", where="climbs_at IS NOT NULL"),
        partial_index("ix_escalations_open", "organizer_id", "ticket_id", where="ended_at IS NULL"),
        Index("ix_escalations_category", "category_id", "raised_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    level: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(20))
    cause: Mapped[str] = mapped_column(String(60))  # what raised it; the same cause raises a level once
    reason: Mapped[str] = mapped_column(String(2000), default="")
    told: Mapped[list[str]] = mapped_column(default=list)
    went_to: Mapped[list[Any]] = mapped_column(
        default=list
    )  # [{"id", "name", "as"}], the users who were told
    actions: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what the ladder did: {"group", "priority"}
    category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"))  # of an incident
    raised_by: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    triggered_at: Mapped[datetime]  # delays of the ladder count from here
    climbs_at: Mapped[datetime | None]  # when the next level comes unless somebody acknowledges
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))  # acknowledged, climbed, finished

    acknowledged_by: Mapped[User | None] = relationship(lazy="joined")
    ticket: Mapped[Ticket] = relationship()

    @property
    def trigger_label(self) -> str:
        """What raised it, in the reader's words."""
        return str(TRIGGERS[self.trigger])

    @classmethod
    def of(cls, ticket_id: int) -> Select[tuple["Escalation"]]:
        """A ticket's escalations, newest first."""
        return select(cls).where(cls.ticket_id == ticket_id).order_by(cls.id.desc())

    @classmethod
    def raise_on(
        cls, ticket: Ticket, trigger: str, *, cause: str, by: Actor, level: int = 1, reason: str = "",
        triggered_at: datetime | None = None,
    ) -> "Escalation | None":  # fmt: skip
        """Raise a level for a cause. Answers None if that was done before, or the ticket is finished."""
        if ticket.is_finished or ticket.deleted_at:
            return None
        now = clock.now()
        start = triggered_at or now
        step, after = LadderStep.after(trigger, level - 1), LadderStep.after(trigger, level)
        row = cls(
            ticket_id=ticket.id, level=level, trigger=trigger, cause=cause, reason=reason, raised_by=by.actor,
            told=step.told if step else ["managers"], raised_at=now, triggered_at=start,
            climbs_at=start + timedelta(minutes=after.delay_minutes) if after else None,
        )  # fmt: skip
        if not add_once(row):
            return None
        record("escalation.raised", on=row, by=by, escalation=row.id, level=level, trigger=trigger)
        return row

    @classmethod
    def raise_by_hand(cls, ticket: Ticket, *, by: User, level: int, reason: str) -> "Escalation":
        """An agent asks for more attention: the ticket becomes ESCALATED."""
        if Status.ESCALATED not in MOVES[Status(ticket.status)] and ticket.status != Status.ESCALATED:
            raise Refusal(_("A finished ticket cannot be escalated; reopen it first."))
        cause = f"manual:{ticket.version}"
        row = cls.raise_on(ticket, "manual", cause=cause, by=by, level=level, reason=reason)
        if row is None:
            raise Refusal(_("This ticket is escalated already."))
        ticket.move_to(Status.ESCALATED, by=by)
        return row

    @classmethod
    def raise_by_customer(cls, ticket: Ticket, reason: str, *, by: Customer) -> "Escalation":
        """The customer asks for more attention, at most once in 24 hours."""
        asked = select(cls.raised_at).where(
            cls.ticket_id == ticket.id, cls.trigger == "customer", cls.level == 1
        )
        last = db.session.scalar(asked.order_by(cls.id.desc()).limit(1))
        if last and clock.now() - last < timedelta(hours=24):
            raise Refusal(_("You have asked already. We are looking into it."))
        cause = f"customer:{int(clock.now().timestamp())}"
        row = cls.raise_on(ticket, "customer", cause=cause, by=by, reason=reason)
        if row is None:
            raise Refusal(_("This request is not open any more."))
        return row

    @classmethod
    def raise_for_breach(cls, event: Event) -> None:
        """The first level at a breach; the clock is the cause, so that it is raised once."""
        triggered_at = datetime.fromisoformat(event.data["due_at"])
        ticket = Ticket.for_deed(event.ticket_id)
        cls.raise_on(
            ticket, "breach", cause=f"clock:{event.data['clock']}", by=ladder, triggered_at=triggered_at
        )

    @classmethod
    def raise_for_nobody(cls, event: Event) -> None:
        """Nobody could be assigned: the managers hear of it, once per ticket."""
        cls.raise_on(Ticket.for_deed(event.ticket_id), "no_agent", cause="no_agent", by=ladder)

    def acknowledge(self, *, by: User) -> None:
        """Somebody looks after it: the climb stops. Twice changes nothing."""
        if self.acknowledged_at:
            return
        now = clock.now()
        self.acknowledged_at, self.acknowledged_by, self.climbs_at = now, by, None
        self.ended_at, self.outcome = now, "acknowledged"
        record("escalation.acknowledged", on=self, by=by, escalation=self.id, level=self.level)
        for higher in db.session.scalars(self._climbing()).all():
            higher.acknowledge(by=by)  # it climbed while he looked

    def _climbing(self) -> Select[tuple["Escalation"]]:
        """What would climb further for the same cause."""
        cls = type(self)
        same = select(cls).where(cls.ticket_id == self.ticket_id, cls.cause == self.cause)
        return same.where(cls.climbs_at.is_not(None))

    def climb(self) -> None:
        """Raise the next level, or stop where the ticket is finished."""
        self.climbs_at, self.ended_at = None, clock.now()
        ticket = Ticket.for_deed(self.ticket_id)
        above = self.raise_on(
            ticket,
            self.trigger,
            cause=self.cause,
            by=ladder,
            level=self.level + 1,
            triggered_at=self.triggered_at,
        )
        self.outcome = "climbed" if above else "finished"

    @classmethod
    def end_all(cls, ticket_id: int | None) -> None:
        """End what is open on a ticket that is gone; one that was restored meanwhile keeps it."""
        ticket = db.session.get(Ticket, ticket_id, populate_existing=True)
        if ticket is None or not (ticket.deleted_at or ticket.is_closed):
            return
        still = (
            select(cls)
            .where(cls.ticket_id == ticket_id, cls.ended_at.is_(None))
            .with_for_update(of=cls, key_share=True)
        )
        for row in db.session.scalars(still):
            row.climbs_at, row.ended_at, row.outcome = None, clock.now(), "finished"

    @classmethod
    def climb_due(cls) -> bool:
        """Climb where nobody acknowledged in time. Answers whether there may be more."""
        due = select(cls).where(cls.climbs_at <= clock.now()).order_by(cls.climbs_at).limit(BATCH)
        rows = db.session.scalars(due.with_for_update(skip_locked=True, of=cls, key_share=True)).all()
        for row in rows:
            row.climb()
        return len(rows) == BATCH
