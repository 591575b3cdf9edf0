"""An escalation: raised for a reason, acknowledged by somebody, or climbing to the next level by itself.

Whatever changes one holds its ticket first and then its row, so that nobody waits for anybody in a circle.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _, in_names
from helpdesk.core.tenancy import Tenanted
from helpdesk.escalations.climbing import Climbing, alarm
from helpdesk.escalations.ladder_step import TOLD, TRIGGERS, ladder
from helpdesk.escalations.raising import Raising
from helpdesk.escalations.roll import Roll
from helpdesk.tickets.lifecycle import CLOCK_LABELS, PRIORITY_LABELS, Priority
from helpdesk.tickets.ticket import Ticket

NUMBERS = 20  # of an incident's tickets are named
_SAME = ("ticket_id", "trigger", "cause", "reason", "facts", "category_id", "triggered_at")  # on every level


class Escalation(Raising, Climbing, Tenanted, Model):
    """One level of attention on one ticket. Level 0 is one whose first step is still to come."""

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
    reason: Mapped[str] = mapped_column(String(2000), default="")  # as somebody wrote it
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what was found; `because` says it in words
    told: Mapped[list[str]] = mapped_column(default=list)
    went_to: Mapped[list[Any]] = mapped_column(default=list)  # [{"id", "name", "as"}], who was told
    actions: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what the ladder did: {"group", "priority"}
    category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"))  # of an incident
    raised_by: Mapped[dict[str, Any]]
    raised_at: Mapped[datetime]
    triggered_at: Mapped[datetime]  # delays of the ladder count from here
    climbs_at: Mapped[datetime | None]  # when the next level comes unless somebody acknowledges
    attempts: Mapped[int] = mapped_column(default=0)  # to climb, that went wrong
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))  # acknowledged, climbed, finished, assigned

    planned: ClassVar[int] = 0  # of a row of level 0 that is made just now: the level that comes first
    acknowledged_by: Mapped[User | None] = relationship(lazy="joined")
    ticket: Mapped[Ticket] = relationship()

    @classmethod
    def of(cls, ticket_id: int) -> Select[tuple["Escalation"]]:
        """A ticket's escalations, newest first."""
        return select(cls).where(cls.ticket_id == ticket_id).order_by(cls.id.desc())

    @classmethod
    def raise_on(cls, ticket: Ticket, trigger: str, *, by: Actor, **more: Any) -> "Escalation | None":
        """Raise a level for a cause, the ladder's first one by itself. The caller holds the ticket.

        Answers None if the cause was raised before, or the ticket is finished. `more` is as `_begin` takes it.
        """
        row = cls._begin(ticket, trigger, by=by, roll=Roll(cls.causes_on([ticket.id])), **more)
        if row:
            db.session.add(row)
            db.session.flush()
            row._tell(by=by)
        return row

    @classmethod
    def causes_on(cls, ticket_ids: Iterable[int]) -> list[tuple[int, str]]:
        """What was raised on some tickets: the ticket and the cause."""
        known = select(cls.ticket_id, cls.cause).where(cls.ticket_id.in_(list(ticket_ids)))
        return [(ticket_id, cause) for ticket_id, cause in db.session.execute(known)]

    @classmethod
    def _begin(
        cls, ticket: Ticket, trigger: str, *, cause: str, by: Actor, roll: Roll, level: int | None = None,
        reason: str = "", triggered_at: datetime | None = None, facts: dict[str, Any] | None = None,
        category_id: int | None = None,
    ) -> "Escalation | None":  # fmt: skip
        """The row of a new one, at its level, or waiting for the first step where that comes later. Not added yet."""
        if ticket.is_finished or ticket.deleted_at or (ticket.id, cause) in roll.raised:
            return None
        roll.raised.add((ticket.id, cause))
        row = cls(
            ticket_id=ticket.id, level=0, trigger=trigger, cause=cause, reason=reason, facts=facts or {},
            raised_by=by.actor, raised_at=clock.now(), triggered_at=triggered_at or clock.now(),
            category_id=category_id,
        )  # fmt: skip
        first = roll.ladder(ticket, trigger)[0]
        if level is None and first.at(row.triggered_at) > clock.now():
            row.climbs_at, row.planned = first.at(row.triggered_at), first.level
        else:
            row._reach(level or first.level, ticket, roll, by=by)
        return row

    def _reach(self, level: int, ticket: Ticket, roll: Roll, *, by: Actor) -> None:
        """Be at a level: do what its step does, know whom it tells, and wait for the next."""
        steps = roll.ladder(ticket, self.trigger)
        step = next((step for step in steps if step.level == level), None)
        above = next((step for step in steps if step.level > level), None)
        assignee = ticket.assignee
        self.level, self.raised_at = level, clock.now()
        self.climbs_at = above.at(self.triggered_at) if above else None
        self.told = step.told if step else ["managers"]
        self.actions = step.act_on(ticket) if step else {}
        self.went_to = roll.people(self.told, ticket, assignee=assignee, besides=by)

    def _tell(self, *, by: Actor) -> None:
        """It is in the database: say so, and be woken when it climbs."""
        if self.climbs_at:
            alarm.set(self.climbs_at)
        said = {"escalation": self.id, "level": self.level or self.planned, "trigger": self.trigger}
        if self.level:
            record("escalation.raised", on=self, by=by, **said, actions=self.actions)
        else:  # nobody is told yet
            record("escalation.planned", on=self, by=by, **said)

    def rise(self, ticket: Ticket) -> None:
        """Its instant has come: raise the next level, or stop where there is nothing more to do."""
        if ticket.is_finished or ticket.deleted_at:
            self._end("finished")
            return
        roll = Roll()
        step = next((step for step in roll.ladder(ticket, self.trigger) if step.level > self.level), None)
        self.climbs_at = step.at(self.triggered_at) if step else None
        if step is None or step.at(self.triggered_at) > clock.now():
            return  # the ladder was changed meanwhile
        self.climbs_at, self.ended_at, self.outcome = None, clock.now(), "climbed"
        raised_by = ladder.actor if self.level else self.raised_by  # it has been waiting for its first level
        above = type(self)(**{name: getattr(self, name) for name in _SAME}, raised_by=raised_by)
        above._reach(step.level, ticket, roll, by=ladder)
        db.session.add(above)
        db.session.flush()
        above._tell(by=ladder)

    def acknowledge(self, *, by: User) -> None:
        """Somebody looks after it: the climb stops. The caller holds the ticket. Twice changes nothing.

        What it climbed to while he looked at an older page is meant, too.
        """
        for row in self._still_open(self.ticket_id, cause=self.cause):
            if row.level:
                row.acknowledged_at, row.acknowledged_by = clock.now(), by
                row._end("acknowledged", by=by)

    @classmethod
    def end_all(cls, ticket_id: int) -> None:
        """End what is open on a ticket that is finished or gone; one that came back meanwhile keeps it."""
        ticket = Ticket.for_deed(ticket_id)
        if ticket.deleted_at or ticket.is_finished:
            for row in cls._still_open(ticket_id):
                row._end("finished")

    @classmethod
    def end_for_somebody(cls, ticket_id: int) -> None:
        """Somebody has it now: that nobody could be found needs no attention any more."""
        theirs = select(cls.id).where(
            cls.ticket_id == ticket_id, cls.trigger == "no_agent", cls.ended_at.is_(None)
        )
        if db.session.scalar(theirs.limit(1)) and Ticket.for_deed(ticket_id).assignee_id:
            for row in cls._still_open(ticket_id, trigger="no_agent"):
                row._end("assigned")

    @classmethod
    def _still_open(cls, ticket_id: int, **values: Any) -> list["Escalation"]:
        """What is open on a ticket, as it is once everybody else who changes it is done."""
        rows = select(cls).filter_by(ticket_id=ticket_id, **values).where(cls.ended_at.is_(None))
        locked = rows.order_by(cls.id).with_for_update(of=cls, key_share=True)
        return list(db.session.scalars(locked.execution_options(populate_existing=True)).unique())

    def _end(self, outcome: str, *, by: Actor = ladder) -> None:
        self.climbs_at, self.ended_at, self.outcome = None, clock.now(), outcome
        said = {"escalation": self.id, "level": self.level}
        if outcome == "acknowledged":
            record("escalation.acknowledged", on=self, by=by, **said)
        else:
            record("escalation.ended", on=self, by=by, **said)

    @property
    def trigger_label(self) -> str:
        """What raised it, in the reader's words."""
        return str(TRIGGERS[self.trigger])

    @property
    def because(self) -> str:
        """Its reason: as somebody wrote it, or what was found, in the reader's words."""
        facts = self.facts or {}
        if "clock" in facts:
            return _("%(clock)s: the deadline was missed.", clock=CLOCK_LABELS[facts["clock"]])
        if "numbers" in facts:
            more = " …" if len(facts["numbers"]) > NUMBERS else ""
            return _(
                "%(count)s requests about “%(category)s” within %(minutes)s minutes: %(numbers)s",
                count=facts["count"], category=in_names(facts["category"]), minutes=facts["minutes"],
                numbers=", ".join(facts["numbers"][:NUMBERS]) + more,
            )  # fmt: skip
        if "impact" in facts:
            return _("The customer is a VIP.") if facts["impact"] == "vip" else _("The priority is Urgent.")
        return self.reason

    @property
    def heard_by(self) -> list[str]:
        """Whom it went to, each with what he is told as: `Mai (Managers)`."""
        return [f"{one['name']} ({TOLD[one['as']]})" for one in self.went_to or []]

    @property
    def deeds(self) -> list[str]:
        """What the ladder did, and what it could not do, in sentences."""
        return deeds_of(self.actions or {})


def deeds_of(actions: dict[str, Any]) -> list[str]:
    """The same of actions as they are kept."""
    said = []
    if "priority" in actions:
        to = PRIORITY_LABELS[Priority(actions["priority"]["to"])]
        said.append(_("The priority was raised to “%(priority)s”.", priority=to))
    if "group" in actions:
        said.append(_("It was given to the team “%(team)s”.", team=in_names(actions["group"]["name"])))
    if "not_given" in actions:
        team = in_names(actions["not_given"]["name"])
        said.append(_("Nobody in the team “%(team)s” could take it, so it stays where it was.", team=team))
    return said
