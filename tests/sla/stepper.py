"""A slow model of business time that only ever asks: is this one instant open?

It shares nothing with the calculator: it reads the hours as written and walks a grid of instants, each
standing for the step that begins there. Exact when every edge and offset change lies on the grid.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Pairs = Sequence[tuple[str, str]]
Pauses = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Desk:
    """Hours as a manager writes them: nothing sorted, nothing merged, nothing split."""

    zone: str
    schedule: dict[str, Pairs]
    holidays: Sequence[date] = ()
    closures: Sequence[tuple[date, str, str]] = ()

    def is_open(self, instant: datetime) -> bool:
        """Does the wall clock now show an open time of a day that is not closed?"""
        local = instant.astimezone(ZoneInfo(self.zone))
        day, wall = local.date(), local.isoformat()[11:19]
        if day in self.holidays or any(day == d and a <= wall < b for d, a, b in self.closures):
            return False
        today = self.schedule.get(DAYS[day.weekday()], ())
        yesterday = self.schedule.get(DAYS[day.weekday() - 1], ())
        return any(a <= wall < b or b < a <= wall for a, b in today) or any(
            wall < b < a for a, b in yesterday
        )


class Walk:
    """The open seconds of a grid of instants, counted one step at a time."""

    def __init__(self, desk: Desk, start: datetime, steps: int, step: timedelta, pauses: Pauses):
        self.grid = [(start + n * step).astimezone(UTC) for n in range(steps + 1)]
        size = int(step.total_seconds())
        counts = (
            size * (desk.is_open(at) and not any(a <= at < b for a, b in pauses)) for at in self.grid[:-1]
        )
        self.sums = list(accumulate(counts, initial=0))

    def elapsed(self, first: int, last: int) -> int:
        """Open seconds between two places of the grid."""
        return self.sums[last] - self.sums[first]

    def due(self, first: int, seconds: int) -> datetime | None:
        """The earliest instant by which the seconds are used up; None if that is beyond the grid."""
        if seconds == 0:
            return self.grid[first]
        place = bisect_left(self.sums, self.sums[first] + seconds)
        if place == len(self.sums):
            return None
        return self.grid[place] - timedelta(seconds=self.sums[place] - self.sums[first] - seconds)
