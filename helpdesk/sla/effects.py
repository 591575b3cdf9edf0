"""Effects: what running tickets would come to if they were measured otherwise from now on. Nothing is changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.hours import Hours
from helpdesk.core.i18n import _
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock, used_up
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker


@dataclass(frozen=True)
class Effects:
    """How many promises run, how many deadlines would be other ones, how many of those would be over at once."""

    running: int
    moved: int
    overdue: int

    @classmethod
    def of_policy(
        cls, policy: Policy, proposed: PolicyVersion, *, waiting: Mapping[int, str] | None = None
    ) -> "Effects":
        """If the tickets of a policy were measured with another version of it, which is not saved yet.

        `waiting` are the open tickets in a status that pauses or paused, with it: where a ticket stands is not known
        here. Without it no clock is taken to stand still, or to go on, because of the change.
        """
        newest = CalendarVersion.newest_of(proposed.calendar_id)
        own = select(PolicyVersion.id).where(PolicyVersion.policy_id == policy.id)
        change = _Change(lambda _id: proposed, newest.hours if newest else Hours.ALWAYS, waiting or {})
        return change.over(Tracker.version_id.in_(list(db.session.scalars(own))))

    @classmethod
    def of_calendar(cls, calendar: Calendar, proposed: CalendarVersion) -> "Effects":
        """If the tickets of a calendar were measured with another version of it, which is not saved yet."""
        own = select(CalendarVersion.id).where(CalendarVersion.calendar_id == calendar.id)
        versions = {row.id: row for row in db.session.scalars(select(PolicyVersion))}
        change = _Change(versions.__getitem__, proposed.hours, {})
        return change.over(Tracker.calendar_version_id.in_(list(db.session.scalars(own))))


class _Standing(NamedTuple):
    """An open clock as its row says it, and what it is measured with. Plain columns: there may be 100,000."""

    ticket_id: int
    kind: str
    is_off: bool
    used: float
    since: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    priority: str
    version_id: int
    hours_id: int | None


_COLUMNS = (
    Clock.ticket_id, Clock.kind, Clock.is_off, Clock.used_seconds, Clock.running_since, Clock.due_at,
    Clock.breached_at, Tracker.priority, Tracker.version_id, Tracker.calendar_version_id,
)  # fmt: skip


@dataclass(frozen=True)
class _Change:
    """Another measure from now on: the arithmetic of `Tracker._measure` on rows that stay as they are."""

    version_of: Callable[[int], PolicyVersion]  # the id of the present version → what would be in force
    hours: Hours
    waiting: Mapping[int, str]

    def over(self, whose: ColumnElement[bool]) -> Effects:
        """For the open clocks of some trackers. Raises `Refusal` where a target would never be used up."""
        now, present = clock.now(), _hours_in_use()
        running = moved = overdue = 0
        try:
            for standing in self._open(whose):
                running += not standing.is_off and standing.since is not None
                due_at = self._due(standing, present[standing.hours_id], now)
                if due_at != standing.due_at:
                    moved += 1
                    overdue += due_at is not None and due_at <= now
        except ValueError:
            raise Refusal(_("With so few opening hours a deadline would be after the year 9998.")) from None
        return Effects(running, moved, overdue)

    def _open(self, whose: ColumnElement[bool]) -> list[_Standing]:
        paused = and_(Clock.kind == "resolution", Clock.running_since.is_(None))
        wanted = (
            or_(Clock.running_since.is_not(None), paused)
            if self.waiting
            else Clock.running_since.is_not(None)
        )
        rows = (
            select(*_COLUMNS)
            .join(Tracker, Tracker.id == Clock.tracker_id)
            .where(whose, Clock.met_at.is_(None), wanted, ~and_(Clock.kind == "resolution", Clock.round > 1))
        )
        found = (_Standing(*row) for row in db.session.execute(rows))
        return [each for each in found if each.since or each.ticket_id in self.waiting]

    def _due(self, standing: _Standing, hours: Hours, now: datetime) -> datetime | None:
        """When it would be due: a breached one keeps its instant, what stands still or promises nothing has none."""
        if standing.breached_at or (standing.due_at and standing.due_at < now):
            return standing.due_at
        version = self.version_of(standing.version_id)
        target = version.target(standing.priority, standing.kind)
        stands = standing.kind == "resolution" and (
            self.waiting.get(standing.ticket_id) in version.pausing_statuses
        )
        if target is None or stands:
            return None
        used = standing.used + (hours.spent(standing.since, now) if standing.since else 0)
        return used_up(self.hours, now, target, used)


def _hours_in_use() -> dict[int | None, Hours]:
    """The opening hours that trackers may be measured with now, by version; None is around the clock."""
    versions = db.session.scalars(select(CalendarVersion))
    return {None: Hours.ALWAYS} | {version.id: version.hours for version in versions}
