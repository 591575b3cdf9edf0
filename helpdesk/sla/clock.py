"""A clock: a stored next instant, an index over it, a mark for each threshold that was passed.

The instant of the event decides, not the instant of the check: whoever stops a clock first marks every
threshold that lies before that instant, so an answer one second too late is a breach even if the monitor
looks later, and one second early is met.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.alarms import Alarm
from helpdesk.core.db import BigId, Id, Model, db, holds_everything, partial_index
from helpdesk.core.events import Robot, record
from helpdesk.core.hours import Hours
from helpdesk.core.i18n import lazy
from helpdesk.core.tenancy import Tenanted

log = logging.getLogger(__name__)

KINDS = ("first", "next", "resolution")
BATCH = 200
BUSY = timedelta(seconds=0.5)  # until rows that somebody has are looked at again
LATER = timedelta(minutes=1)  # until a row that cannot be marked is tried again
alarm = Alarm("sla")
monitor = Robot("SLA monitor", lazy("The SLA monitor"))


def used_up(hours: Hours, at: datetime, target: int, used: float, percent: int = 100) -> datetime:
    """When so much of a target will be used up by who goes on at an instant, having used some: at once if too much.

    ValueError where the hours are so few that it would be after the year 9998.
    """
    left = -(-target * percent // 100) - used
    return hours.due(at, max(0, left))


class Pause(Tenanted, Model):
    """A span in which a clock stood still, and why: a status of the ticket, or DELETED."""

    __tablename__ = "sla_pauses"

    id: Mapped[Id]
    clock_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_clocks.id"), index=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(20), default="")


class Face(NamedTuple):
    """All that a badge shows of a clock."""

    kind: str
    state: str
    due_at: datetime | None
    met_at: datetime | None
    warn_at: datetime | None
    critical_at: datetime | None
    target_seconds: int | None


class Clock(Tenanted, Model):
    """One promise on one ticket: how many seconds of the policy's time, how many are used, when it is due.

    One that the policy makes no promise of is off: it counts what is used, so that it is carried over if a promise
    comes later, and is never due.
    """

    __tablename__ = "sla_clocks"
    __table_args__ = (
        UniqueConstraint("tracker_id", "kind", "round"),
        partial_index("ix_sla_clocks_due", "organizer_id", "next_look_at", where="next_look_at IS NOT NULL"),
    )

    id: Mapped[Id]
    tracker_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_trackers.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    round: Mapped[int] = mapped_column(default=1)  # a next-response clock starts anew with each question
    is_off: Mapped[bool] = mapped_column(default=False)
    target_seconds: Mapped[int]  # 0 where it is off
    started_at: Mapped[datetime | None]
    made_at: Mapped[
        datetime | None
    ]  # what held then measures it, also if it started before; None: as it started
    used_seconds: Mapped[float] = mapped_column(default=0)  # fractions too, or many pauses would drift
    running_since: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # while it runs, or for good once breached
    warn_at: Mapped[datetime | None]
    critical_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]  # the next of the three that is not marked yet
    warned_at: Mapped[datetime | None]  # when it was noticed; the instant itself is in the event
    critical_marked_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]  # the instant at which it was due
    breach_noticed_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]

    pauses: Mapped[list[Pause]] = relationship(order_by=Pause.id)

    @property
    def state(self) -> str:
        """`running`, `paused`, `met` or `missed`, as the page's badge says it."""
        if self.breached_at:
            return "missed"
        if self.met_at:
            return "met"
        return "running" if self.running_since else "paused"

    @property
    def face(self) -> Face:
        """What a badge shows of it, as a value."""
        return Face(*(getattr(self, name) for name in Face._fields))

    @classmethod
    def nearest_of(cls, ticket_ids: Collection[int]) -> dict[int, Face]:
        """What `Tracker.nearest` shows of these tickets, by their ids; of one with none that runs, nothing."""
        shown = (cls.breached_at, cls.due_at, cls.met_at, cls.warn_at, cls.critical_at, cls.target_seconds)
        faces = select(cls.ticket_id, cls.kind, *shown)
        runs = (cls.met_at.is_(None), cls.due_at.is_not(None), cls.running_since.is_not(None))
        last_first = faces.where(cls.ticket_id.in_(ticket_ids), *runs).order_by(
            cls.due_at.desc(), cls.id.desc()
        )
        rows = db.session.execute(last_first).all() if ticket_ids else []
        return {
            id_: Face(kind, "missed" if missed else "running", *rest) for id_, kind, missed, *rest in rows
        }

    @property
    def changed_at(self) -> datetime | None:
        """Since when it runs or stands as it does."""
        return self.running_since or (self.pauses[-1].from_at if self.pauses else self.started_at)

    @property
    def is_tally(self) -> bool:
        """Whether it promises nothing: it counts on after the promise was broken, for the time to resolution."""
        return self.kind == "resolution" and self.round > 1

    @property
    def is_open(self) -> bool:
        """Whether something is still awaited."""
        return self.met_at is None

    def run(self, at: datetime, hours: Hours, warn_percent: int, critical_percent: int) -> None:
        """Start or go on, from what was used. A breached clock goes on too, and keeps its due instant."""
        if self.running_since:
            return
        self.running_since = at
        for pause in self.pauses:
            pause.to_at = pause.to_at or at
        if self.breached_at or self.is_off:
            return
        self.due_at = self._instant(hours, at, 100)
        self.warn_at = self._instant(hours, at, warn_percent)
        self.critical_at = self._instant(hours, at, critical_percent)
        self._look_next()

    def _instant(self, hours: Hours, at: datetime, percent: int) -> datetime:
        return used_up(hours, at, self.target_seconds, self.used_seconds, percent)

    def _look_next(self) -> None:
        unmarked = [
            (self.warn_at, self.warned_at),
            (self.critical_at, self.critical_marked_at),
            (self.due_at, self.breached_at),
        ]
        self.next_look_at = min((at for at, marked in unmarked if at and not marked), default=None)
        if self.next_look_at:
            alarm.set(self.next_look_at)

    def mark(self, until: datetime) -> None:
        """Mark every threshold that was reached by an instant, each once, with the instant it fell on."""
        if self.next_look_at is None:
            return
        now = clock.now()
        if self.warn_at and self.warn_at <= until and not self.warned_at:
            self.warned_at = now
            record("sla.warned", on=self, by=monitor, kind=self.kind, due_at=self.warn_at.isoformat())
        if self.critical_at and self.critical_at <= until and not self.critical_marked_at:
            self.critical_marked_at = now
            record("sla.critical", on=self, by=monitor, kind=self.kind, due_at=self.critical_at.isoformat())
        if self.due_at and self.due_at < until and not self.breached_at:
            self.breached_at, self.breach_noticed_at = self.due_at, now
            record(
                "sla.breached",
                on=self,
                by=monitor,
                kind=self.kind,
                clock=self.id,
                due_at=self.due_at.isoformat(),
            )
        self._look_next()

    def stop(self, at: datetime, hours: Hours) -> None:
        """Stand still: keep what was used, forget the instants that moved with it."""
        if self.running_since is None or self.met_at:
            return
        self.mark(at)
        self.used_seconds += hours.spent(self.running_since, at)
        self.running_since = self.next_look_at = None
        if not self.breached_at:
            self.due_at = self.warn_at = self.critical_at = None

    def pause(self, at: datetime, hours: Hours, reason: str) -> None:
        """Stand still while nobody on our side is awaited; one that stands already goes on to stand for this reason."""
        if self.met_at:
            return
        if self.running_since:
            self.stop(at, hours)
        elif self.pauses and self.pauses[-1].to_at is None:
            if self.pauses[-1].reason == reason:
                return
            self.pauses[-1].to_at = at
        self.pauses.append(Pause(from_at=at, reason=reason))

    def meet(self, at: datetime, hours: Hours) -> None:
        """What was promised happened, in time or not."""
        if self.met_at:
            return
        due_at = self.due_at
        self.stop(at, hours)
        self.due_at, self.met_at, self.next_look_at = due_at, at, None
        if not self.breached_at and not self.is_off:
            record("sla.met", on=self, by=monitor, kind=self.kind)

    def unmeet(self, reason: str) -> None:
        """What was promised is awaited again; the time between counts for nothing. A late one stays as it is."""
        if self.met_at is None or self.breached_at:
            return
        for pause in self.pauses:
            pause.to_at = pause.to_at or self.met_at
        self.pauses.append(Pause(from_at=self.met_at, reason=reason))
        self.met_at = None

    def aim(self, seconds: int | None) -> None:
        """Another target, or None for no promise, while it stands still. A breached clock keeps its own."""
        if self.met_at or self.breached_at or self.is_tally:
            return
        self.target_seconds, self.is_off = seconds or 0, seconds is None

    @classmethod
    def lock_all(cls, ticket_ids: Sequence[int]) -> None:
        """Keep the monitor off the clocks of some tickets until the transaction ends. They are read after this."""
        if holds_everything():
            return
        own = select(cls.id).where(cls.ticket_id.in_(ticket_ids)).order_by(cls.id)
        db.session.execute(own.with_for_update(key_share=True)).all()

    @classmethod
    def mark_due(cls) -> bool:
        """Mark the clocks whose next instant has come, oldest first. Answers whether there may be more.

        Costs what is due, not what runs. Several monitors share the work: a row that one has locked is
        skipped by the others, and a mark is made once.
        """
        now = clock.now()
        soonest = select(cls.next_look_at).where(cls.next_look_at.is_not(None)).order_by(cls.next_look_at)
        first = db.session.scalar(soonest.limit(1))
        if first is None or first >= now:
            if first:
                alarm.set(first)
            return False
        due = select(cls).where(cls.next_look_at < now).order_by(cls.next_look_at, cls.id).limit(BATCH)
        clocks = db.session.scalars(due.with_for_update(skip_locked=True, key_share=True)).all()
        if not clocks:
            alarm.set(now + BUSY)  # a deed has the rows, and may leave the clock as it is
        elif not cls._mark_all(clocks, now):
            moved = [cls._mark_all([each], now) or cls._set_aside(each.id, now) for each in clocks]
            return any(moved)
        return bool(clocks)

    @classmethod
    def _mark_all(cls, clocks: Sequence["Clock"], now: datetime) -> bool:
        """Mark them in one step. Answers False, with nothing done, if one of them cannot be."""
        try:
            with db.session.begin_nested():
                for each in clocks:
                    each.mark(now)
        except Exception:  # whatever is wrong with it
            log.exception("clocks could not be marked", extra={"clocks": [each.id for each in clocks]})
            return False
        return True

    @classmethod
    def _set_aside(cls, clock_id: int, now: datetime) -> bool:
        """Look at it again later: what is wrong with one row must not hold up the others. False: not even that."""
        later = update(cls).where(cls.id == clock_id).values(next_look_at=now + LATER)
        try:
            with db.session.begin_nested():
                db.session.execute(later.execution_options(synchronize_session=False))
        except SQLAlchemyError:
            log.exception("a clock could not be set aside", extra={"clock": clock_id})
            return False
        return True
