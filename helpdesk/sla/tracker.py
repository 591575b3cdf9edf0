"""The tracker: a ticket's promises. One per ticket, born with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.clock import now
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.hours import Hours
from helpdesk.core.tenancy import Tenanted
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.measure import Measure
from helpdesk.sla.policy import Policy, PolicyVersion


class Tracker(Tenanted, Model):
    """Holds the clocks, pins the versions of policy and calendar, keeps what was finally measured."""

    __tablename__ = "sla_trackers"
    __table_args__ = (
        Index("ix_sla_trackers_version", "version_id", "id"),
        Index("ix_sla_trackers_calendar", "calendar_version_id", "id"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), unique=True)
    version_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_policy_versions.id"))
    priority: Mapped[str] = mapped_column(String(10))
    calendar_version_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("sla_calendar_versions.id")
    )  # None: around the clock
    started_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    first_response_seconds: Mapped[int | None]  # of the policy's time
    first_response_wall_seconds: Mapped[int | None]
    resolution_at: Mapped[datetime | None]
    resolution_seconds: Mapped[int | None]  # of the policy's time, pauses left out
    resolution_wall_seconds: Mapped[int | None]

    version: Mapped[PolicyVersion] = relationship(lazy="joined", innerjoin="unnested")
    calendar_version: Mapped[CalendarVersion | None] = relationship(lazy="joined")
    clocks: Mapped[list[Clock]] = relationship(order_by=Clock.id, lazy="selectin")
    measures: Mapped[list[Measure]] = relationship(order_by=Measure.id)

    @classmethod
    def start(cls, priority: str, at: datetime, *, policies: Sequence[int | None] = ()) -> "Tracker":
        """Begin to measure at the instant of a creation, by the first wanted policy or the default one.

        The ticket is not there yet, but its row says when the first of these clocks is due: see `of`.
        """
        version = Policy.in_force(*policies)
        tracker = cls(
            version=version, calendar_version=CalendarVersion.newest_of(version.calendar_id),
            priority=priority, started_at=at, clocks=[],
        )  # fmt: skip
        for kind in ("first", "resolution"):
            tracker._begin(kind, at)
        return tracker

    def of(self, ticket_id: int) -> "Tracker":
        """It is this ticket's, from its birth on."""
        for each in (self, *self.clocks):
            each.ticket_id = ticket_id
        db.session.add(self)
        return self

    @property
    def hours(self) -> Hours:
        """The opening hours that count."""
        return self.calendar_version.hours if self.calendar_version else Hours.ALWAYS

    @property
    def promises(self) -> list[Clock]:
        """The clocks that promise something, in the order in which they began."""
        return [clock for clock in self.clocks if not clock.is_off]

    @property
    def listed(self) -> list[Clock]:
        """Those that a page lists: of the questions that the customer asked, the last one and what was missed."""
        rounds = [clock.round for clock in self.promises if clock.kind == "next"]
        last = max(rounds, default=0)
        return [
            clock
            for clock in self.promises
            if clock.kind != "next" or clock.round == last or clock.breached_at
        ]

    def _begin(self, kind: str, at: datetime, round: int = 1) -> None:
        target = self.version.target(self.priority, kind)
        clock = Clock(
            ticket_id=self.ticket_id, kind=kind, round=round, started_at=at, made_at=now(), used_seconds=0, pauses=[],
            target_seconds=target or 0, is_off=target is None,
        )  # fmt: skip
        self.clocks.append(clock)
        self._run(clock, at)

    def _run(self, clock: Clock, at: datetime) -> None:
        clock.run(at, self.hours, self.version.warn_percent, self.version.critical_percent)

    def lock(self) -> None:
        """Keep the monitor off the clocks until the transaction ends, and see them as they are then."""
        Clock.lock_all([self.ticket_id])
        own = select(Clock).where(Clock.tracker_id == self.id)
        db.session.scalars(own.execution_options(populate_existing=True)).all()

    def _open(self, kind: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.kind == kind and clock.is_open]

    def answered(self, at: datetime) -> None:
        """An agent replied: the first-response and the next-response clock have what they waited for.

        A clock that went on or stood still only after that instant (its ticket was gone, or resolved, meanwhile) is
        met there: the account of what it used never ends before what it used.
        """
        for clock in self._open("first") + self._open("next"):
            clock.meet(max(at, clock.changed_at or at), self.hours)
        if self.first_response_at is None:
            self.first_response_at = at
            self.first_response_seconds = sum(
                int(clock.used_seconds) for clock in self.clocks if clock.kind == "first"
            )
            self.first_response_wall_seconds = int((at - self.started_at).total_seconds())

    def asked(self, at: datetime) -> None:
        """The customer wrote: where the policy promises it, a next response is due."""
        if self.first_response_at and not self._open("next"):
            rounds = [clock.round for clock in self.clocks if clock.kind == "next"]
            self._begin("next", at, max(rounds, default=0) + 1)

    def follow(self, status: str, at: datetime) -> None:
        """The ticket is in a status now: the resolution clock pauses or goes on accordingly."""
        for clock in self._open("resolution"):
            since = max(at, clock.changed_at or at)  # it may have changed between that instant and now
            if status in self.version.pausing_statuses:
                clock.pause(since, self.hours, status)
            else:
                self._run(clock, since)

    def resolved(self, at: datetime) -> None:
        """The ticket is resolved: nothing is awaited from us any more."""
        for clock in self.clocks:
            since = max(at, clock.changed_at or at)  # it may have changed between that instant and now
            if clock.kind == "resolution":
                clock.meet(since, self.hours)
            else:
                clock.pause(since, self.hours, "RESOLVED")
        used = (clock.used_seconds for clock in self.clocks if clock.kind == "resolution")
        self.resolution_at, self.resolution_seconds = at, int(sum(used))
        self.resolution_wall_seconds = int((at - self.started_at).total_seconds())

    def reopened(self, at: datetime) -> None:
        """The ticket is open again: it goes on with what it had used. What was breached stays so."""
        for clock in self.clocks:
            if clock.kind == "resolution":
                clock.unmeet("RESOLVED")
                if not clock.running_since:
                    clock.aim(self.version.target(self.priority, clock.kind))
            if clock.is_open:
                self._run(clock, at)
        self._count_on(at)

    def _count_on(self, at: datetime) -> None:
        """A resolution that came late and was not the last: its clock is frozen, the time to resolution goes on."""
        last = max(
            (clock for clock in self.clocks if clock.kind == "resolution"), key=lambda clock: clock.round
        )
        if last.breached_at and last.met_at:
            tally = Clock(
                ticket_id=self.ticket_id, kind=last.kind, round=last.round + 1, started_at=at, made_at=now(),
                used_seconds=0, pauses=[], target_seconds=0, is_off=True,
            )  # fmt: skip
            self.clocks.append(tally)
            self._run(tally, at)

    def restored(self, status: str, at: datetime) -> None:
        """The ticket is there again: its clocks go on with what they had used, or stand for what they stood for."""
        for clock in self.clocks:
            if self._pauses(clock, status):
                clock.pause(at, self.hours, status)
            elif clock.is_open:
                self._run(clock, at)

    def _pauses(self, clock: Clock, status: str) -> bool:
        is_paused = clock.kind == "resolution" and status in self.version.pausing_statuses
        return is_paused or status in ("RESOLVED", "CLOSED")

    def ended(self, at: datetime, reason: str) -> None:
        """The ticket is closed or deleted: no clock runs on."""
        for clock in self.clocks:
            clock.pause(at, self.hours, reason)

    def reprioritised(self, priority: str, status: str, at: datetime) -> None:
        """Other targets; what was used is carried over."""
        self._measure(at, "priority", status, priority, self.version, self.calendar_version)

    def governed_by(
        self, version: PolicyVersion, calendar_version: CalendarVersion | None, *, why: str, status: str, at: datetime
    ) -> bool:  # fmt: skip
        """Another policy or another version of one; what was used is carried over. Answers whether it changed.

        `why` is category, policy or calendar: what changed. `status` is the ticket's.
        """
        if version is self.version and calendar_version is self.calendar_version:
            return False
        self._measure(at, why, status, self.priority, version, calendar_version)
        return True

    def _measure(
        self, at: datetime, why: str, status: str, priority: str, version: PolicyVersion,
        calendar_version: CalendarVersion | None,
    ) -> None:  # fmt: skip
        """Measure otherwise from an instant on: open clocks stand, take over what was used, and go on."""
        running = [clock for clock in self.clocks if clock.is_open and clock.running_since]
        for clock in running:
            clock.stop(at, self.hours)
        self.measures.append(
            Measure(
                from_at=self.measures[-1].to_at if self.measures else self.started_at, to_at=at, ended_by=why,
                priority=self.priority, version=self.version, calendar_version=self.calendar_version,
            )
        )  # fmt: skip
        self.priority, self.version, self.calendar_version = priority, version, calendar_version
        for clock in self.clocks:
            clock.aim(version.target(priority, clock.kind))
        for clock in running:
            self._run(clock, at)
        if status not in ("RESOLVED", "CLOSED"):
            self.follow(status, at)

    def next_due(self, at: datetime) -> datetime | None:
        """The first instant after another at which a promise would be broken; None when none is running."""
        due = [clock.due_at for clock in self.clocks if clock.is_open and clock.running_since]
        return min((each for each in due if each and each > at), default=None)

    @property
    def nearest(self) -> Clock | None:
        """The running clock that is due first, breached ones included; else none."""
        running = [clock for clock in self.clocks if clock.is_open and clock.due_at and clock.running_since]
        return min(running, key=lambda clock: clock.due_at, default=None)
