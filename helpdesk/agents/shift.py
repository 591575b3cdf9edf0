"""When somebody works: his weekly schedule in his time zone, breaks and leave taken out. Pure.

Breaks are the gaps of a day. Without a schedule he is always on shift, but on his days of leave. The calculator is
the one of the business hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from helpdesk.core.hours import Hours, Segment
from helpdesk.core.week import DAYS, Schedule

ALWAYS: Schedule = {day: [["00:00", "24:00"]] for day in DAYS}
AHEAD = timedelta(days=8)  # a week and the day that daylight saving may shift
INSTANT = 1e-6  # seconds: the shortest time that the calculator knows
MOST_LEAVE_DAYS = 366


@dataclass(frozen=True)
class Shift:
    """The working hours of one person. `hours` is None for somebody who never works."""

    hours: Hours | None
    is_endless: bool = False  # always on, and no leave ahead: nothing will ever change

    @classmethod
    def of(cls, zone: str, schedule: Schedule | None, leave: Iterable[tuple[date, date]] = ()) -> "Shift":
        """From an IANA zone, a week as `Week.of` reads it (None: always) and whole local days of leave, both included.

        ValueError for an unknown zone or a bad time.
        """
        days = [
            first + timedelta(days=n)
            for first, last in leave
            for n in range(min((last - first).days, MOST_LEAVE_DAYS) + 1)
        ]
        if schedule is not None and not any(schedule.values()):
            return cls(None)
        return cls(
            Hours.of(zone, ALWAYS if schedule is None else schedule, days), schedule is None and not days
        )

    def is_on(self, at: datetime) -> bool:
        """Whether he works at an aware instant."""
        return self.hours is not None and self._next(at).counted

    def is_on_leave(self, at: datetime) -> bool:
        """Whether a day of leave, not the end of a shift, is why he does not work."""
        return self.hours is not None and self._next(at).reason == "holiday"

    def changes_at(self, at: datetime) -> datetime | None:
        """When he begins or ends working next, in UTC, or when to look again; None if that never comes."""
        if self.hours is None or self.is_endless:
            return None
        if self.is_on(at):
            return self.ends_at(at) or at + AHEAD
        return self.begins_at(at)

    def ends_at(self, at: datetime) -> datetime | None:
        """When the shift that is on now ends, in UTC; None if none is on, or not within the next days."""
        if self.hours is None or self.is_endless or not self.is_on(at):
            return None
        return next((one.start for one in self.hours.segments(at, at + AHEAD) if not one.counted), None)

    def turns_at(self, at: datetime) -> datetime | None:
        """When to look again: a shift or leave begins or ends, or so much time has passed; None if that never comes.

        Leave may begin and end while he is off shift anyway.
        """
        if self.hours is None or self.is_endless:
            return None
        return self.hours.segments(at, at + AHEAD)[0].end

    def begins_at(self, at: datetime) -> datetime | None:
        """When he works again, in UTC: now, if he does; None if never."""
        if self.hours is None:
            return None
        if self.is_on(at):
            return at
        try:
            return self.hours.due(at, INSTANT) - timedelta(seconds=INSTANT)
        except ValueError:  # leave without end
            return None

    def _next(self, at: datetime) -> Segment:
        assert self.hours is not None
        return self.hours.segments(at, at + timedelta(seconds=INSTANT))[0]
