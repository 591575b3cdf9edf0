"""The tracker: a ticket's promises. One per ticket, born with it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion


class Tracker(Tenanted, Model):
    """Holds the clocks, pins the version of the policy, keeps what was finally measured."""

    __tablename__ = "sla_trackers"

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), unique=True)
    version_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_policy_versions.id"))
    priority: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    first_response_seconds: Mapped[int | None]  # of the policy's time
    first_response_wall_seconds: Mapped[int | None]
    resolution_at: Mapped[datetime | None]
    resolution_seconds: Mapped[int | None]  # of the policy's time, pauses left out
    resolution_wall_seconds: Mapped[int | None]

    version: Mapped[PolicyVersion] = relationship(lazy="joined", innerjoin=True)
    clocks: Mapped[list[Clock]] = relationship(order_by=Clock.id, lazy="selectin")

    @classmethod
    def start(cls, ticket_id: int, priority: str, at: datetime, *, policy_id: int | None = None) -> "Tracker":
        """Begin to measure a ticket at the instant of its creation, by the wanted policy or the default one."""
        version = Policy.in_force(policy_id)
        tracker = cls(ticket_id=ticket_id, version=version, priority=priority, started_at=at, clocks=[])
        for kind in ("first", "resolution"):
            tracker._begin(kind, at)
        db.session.add(tracker)
        return tracker

    def _begin(self, kind: str, at: datetime, round: int = 1) -> None:
        target = self.version.target(self.priority, kind)
        if target is None:
            return
        clock = Clock(
            ticket_id=self.ticket_id, kind=kind, round=round, target_seconds=target, used_seconds=0, pauses=[]
        )
        self.clocks.append(clock)
        self._run(clock, at)

    def _run(self, clock: Clock, at: datetime) -> None:
        clock.run(at, self.version.hours, self.version.warn_percent, self.version.critical_percent)

    def lock(self) -> None:
        """Keep the monitor off the clocks until the transaction ends."""
        own = select(Clock).where(Clock.tracker_id == self.id).with_for_update(key_share=True)
        db.session.scalars(own.execution_options(populate_existing=True)).all()

    def _open(self, kind: str) -> list[Clock]:
        return [clock for clock in self.clocks if clock.kind == kind and clock.is_open]

    def answered(self, at: datetime) -> None:
        """An agent replied: the first-response and the next-response clock have what they waited for.

        A clock that went on only after that instant (its ticket was gone meanwhile) is met where it went on.
        """
        for clock in self._open("first") + self._open("next"):
            clock.meet(max(at, clock.running_since or at), self.version.hours)
        if self.first_response_at is None:
            self.first_response_at = at
            self.first_response_seconds = self.version.hours.elapsed(self.started_at, at)
            self.first_response_wall_seconds = int((at - self.started_at).total_seconds())

    def asked(self, at: datetime) -> None:
        """The customer wrote: where the policy promises it, a next response is due."""
        if self.first_response_at and not self._open("next"):
            rounds = [clock.round for clock in self.clocks if clock.kind == "next"]
            self._begin("next", at, max(rounds, default=0) + 1)

    def follow(self, status: str, at: datetime) -> None:
        """The ticket is in a status now: the resolution clock pauses or goes on accordingly."""
        for clock in self._open("resolution"):
            if status in self.version.pausing_statuses:
                clock.pause(at, self.version.hours)
            else:
                self._run(clock, at)

    def resolved(self, at: datetime) -> None:
        """The ticket is resolved: nothing is awaited from us any more."""
        for clock in self.clocks:
            if clock.kind == "resolution":
                clock.meet(at, self.version.hours)
                self.resolution_seconds = int(clock.used_seconds)
            else:
                clock.pause(at, self.version.hours)
        self.resolution_at = at
        self.resolution_wall_seconds = int((at - self.started_at).total_seconds())

    def reopened(self, at: datetime) -> None:
        """The ticket is open again: it goes on with what it had used. What was breached stays so."""
        for clock in self.clocks:
            if clock.kind == "resolution" and not clock.breached_at:
                clock.met_at = None
            if clock.is_open:
                self._run(clock, at)

    def restored(self, status: str, at: datetime) -> None:
        """The ticket is there again: its clocks go on with what they had used."""
        for clock in self.clocks:
            paused = clock.kind == "resolution" and status in self.version.pausing_statuses
            if clock.is_open and not paused:
                self._run(clock, at)

    def ended(self, at: datetime) -> None:
        """The ticket is closed or deleted: no clock runs on."""
        for clock in self.clocks:
            clock.pause(at, self.version.hours)

    def reprioritised(self, priority: str, status: str, at: datetime) -> None:
        """Other targets; what was used is carried over."""
        self.priority = priority
        for clock in self.clocks:
            target = self.version.target(priority, clock.kind)
            was_running = clock.running_since is not None
            if target is not None:
                clock.retarget(target, at, self.version.hours)
                if was_running:
                    self._run(clock, at)

    def next_due(self, at: datetime) -> datetime | None:
        """The first instant after another at which a promise would be broken; None when none is running."""
        due = [clock.due_at for clock in self.clocks if clock.is_open and clock.running_since]
        return min((each for each in due if each and each > at), default=None)

    @property
    def nearest(self) -> Clock | None:
        """The running clock that is due first, breached ones included; else none."""
        running = [clock for clock in self.clocks if clock.is_open and clock.due_at and clock.running_since]
        return min(running, key=lambda clock: clock.due_at, default=None)
