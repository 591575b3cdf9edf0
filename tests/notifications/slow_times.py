"""An independent model of preference times: somebody who looks at the wall clock every minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass
class SlowTimes:
    """The same questions as `PreferenceTimes`, answered by looking."""

    zone: str
    digest: str
    hour: int
    quiet_from: str
    quiet_to: str
    quiet_days: tuple[str, ...]

    def _wall(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None, fold=0)

    def _minutes_after(self, since: datetime) -> Iterator[datetime]:
        """Every full minute after an instant."""
        at = since.astimezone(UTC).replace(second=0, microsecond=0)
        while True:
            at += MINUTE
            yield at

    def closes(self, since: datetime, window_seconds: int) -> datetime:
        if self.digest == "none":
            return since + timedelta(seconds=window_seconds)
        if self.digest == "hourly":
            return next(at for at in self._minutes_after(since) if self._wall(at).minute == 0)
        return next(at for at in self._minutes_after(since) if self._comes(at, f"{self.hour:02}:00"))

    def _comes(self, at: datetime, time: str) -> bool:
        """Whether the wall clock reaches a time of some day with this minute, and never showed it or a later one
        of that day before."""
        wall, before = self._wall(at), self._wall(at - MINUTE)
        for day in {wall.date(), before.date()}:
            wanted = datetime(day.year, day.month, day.day, int(time[:2]), int(time[3:]))
            if before < wanted <= wall:
                earlier = (self._wall(at - n * MINUTE) for n in range(1, 181))
                return not any(wanted <= other for other in earlier if other.date() == day)
        return False

    def out_of_quiet(self, at: datetime) -> datetime:
        """Walk over every minute of the three days before: when was it last made quiet, and is that over."""
        if not self.quiet_from or not self.quiet_to or self.quiet_from == self.quiet_to:
            return at
        start = (at - timedelta(days=3)).replace(second=0, microsecond=0)
        is_quiet, begins_on, minute = False, None, start
        last = at.replace(second=0, microsecond=0)
        while minute <= last or is_quiet:
            ends = self._comes(minute, self.quiet_to)
            if is_quiet and ends and self._has_ended(minute, begins_on):
                is_quiet = False
                if minute > at:
                    return self.out_of_quiet(minute)
            if self._comes(minute, self.quiet_from):
                day = self._wall(minute).date()
                if DAYS[day.weekday()] in self.quiet_days and minute <= last:
                    is_quiet, begins_on = True, day
            minute += MINUTE
        return at

    def _has_ended(self, minute: datetime, begins_on: object) -> bool:
        day = self._wall(minute).date()
        overnight = self.quiet_to < self.quiet_from
        return (day - begins_on).days >= (1 if overnight else 0)  # type: ignore[operator]
