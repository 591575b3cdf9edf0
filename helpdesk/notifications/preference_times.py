"""When gathered mails leave: windows, digests at a local hour, quiet hours. Pure; daylight saving is minded.

Wall times are as in `core.zone`: microseconds on the zone's own clock. What falls into an hour that is skipped comes
at its end; of an hour that is repeated, the first one counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.core.week import DAYS, time_of_day
from helpdesk.core.zone import DAY, SECOND, Zone, instant, micros

HOUR = 3600 * SECOND
DIGESTS = ("none", "hourly", "daily")


@dataclass(frozen=True)
class PreferenceTimes:
    """One recipient's times: his zone, his digest, his quiet hours ("HH:MM", over midnight where they end earlier)."""

    zone: str = "UTC"
    digest: str = "none"
    hour: int = 8
    quiet_from: str = ""
    quiet_to: str = ""
    quiet_days: tuple[str, ...] = DAYS  # on which they begin

    def closes(self, since: datetime, window_seconds: int) -> datetime:
        """When a batch leaves whose first thing came at an instant; quiet hours left aside.

        A digest leaves after that instant: what comes just as one leaves is in the next.
        """
        if self.digest == "hourly":
            return instant(self._next_full_hour(micros(since)))
        if self.digest == "daily":
            return instant(self._next_local_hour(micros(since)))
        return since + timedelta(seconds=window_seconds)

    def out_of_quiet(self, at: datetime) -> datetime:
        """The instant itself, or the end of the quiet hours that it lies in."""
        if not self.quiet_from or not self.quiet_to or self.quiet_from == self.quiet_to:
            return at
        found = micros(at)
        while (end := self._end_of_quiet(found)) is not None:
            found = end
        return at if found == micros(at) else instant(found)

    def _end_of_quiet(self, at: int) -> int | None:
        """The end of the quiet hours around an instant; None outside of them."""
        begins, ends = time_of_day(self.quiet_from), time_of_day(self.quiet_to)
        today = self._day_of(at)
        for day in (today - 2 * DAY, today - DAY, today, today + DAY):
            if DAYS[day // DAY % 7] in self.quiet_days:
                end = self._first_at(day + ends + (DAY if ends < begins else 0))
                if self._first_at(day + begins) <= at < end:
                    return end
        return None

    def _next_full_hour(self, since: int) -> int:
        """The first instant after another at which the wall clock shows a full hour."""
        for start, end, offset in Zone(self.zone).stretches(since, since + DAY):
            wall = start + offset + (1 if start == since else 0)
            found = -(-wall // HOUR) * HOUR - offset
            if found < end:
                return found
        raise AssertionError("every day has a full hour")

    def _next_local_hour(self, since: int) -> int:
        """The first instant after another at which the wall clock reaches the digest's hour."""
        day = self._day_of(since) - DAY
        while (found := self._first_at(day + self.hour * HOUR)) <= since:
            day += DAY
        return found

    def _day_of(self, at: int) -> int:
        """The wall time at which the local day of an instant began."""
        _start, _end, offset = next(iter(Zone(self.zone).stretches(at, at + 1)))
        return (at + offset) // DAY * DAY

    def _first_at(self, wall: int) -> int:
        """The first instant at which the wall clock shows a wall time or, where that is skipped, a later one."""
        for start, end, offset in Zone(self.zone).stretches(wall - 15 * HOUR, wall + 2 * DAY):
            if wall < end + offset:
                return max(start, wall - offset)
        raise AssertionError("no zone is two days behind")
