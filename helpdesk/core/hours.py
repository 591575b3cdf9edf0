"""Business time: the one calculator behind every due instant, badge and explanation.

An instant is open when the wall clock of the calendar's zone then shows an open time of a day that is not
closed. So an hour that daylight saving skips counts nothing and one that it repeats counts twice.

Instants are aware datetimes; answers are in UTC. Spans and pauses are half-open, [from, to).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate, pairwise
from typing import ClassVar, Literal, NamedTuple

from helpdesk.core.week import WEEK, Interval, Schedule, Week, closure, covers, day_start, merged
from helpdesk.core.zone import DAY, LATEST, SECOND, Zone, instant, micros

Pauses = Iterable[tuple[datetime, datetime]]
Reason = Literal["open", "closed", "holiday", "paused"]


class Segment(NamedTuple):
    """A stretch of an explanation, [start, end) in UTC, and why it counts or not."""

    start: datetime
    end: datetime
    counted: bool
    reason: Reason


@dataclass(frozen=True)
class Hours:
    """When a desk is open: an IANA zone, a repeating week, closures on single days.

    Never changes, so what it has worked out once it keeps. The week knows at once how much is open before
    any wall time, closures are corrections to that, and the zone's offset changes are walked one by one:
    a span of years costs about as much as an afternoon.
    """

    zone: Zone
    week: Week
    closures: tuple[Interval, ...] = ()

    ALWAYS: ClassVar[Hours]

    @classmethod
    def of(
        cls,
        zone: str,
        schedule: Schedule,
        holidays: Iterable[date] = (),
        closures: Iterable[tuple[date, str, str]] = (),
    ) -> Hours:
        """Hours from what people write: see `Week.of`; local days; (local day, "HH:MM", "HH:MM").

        ValueError, with a sentence, for an unknown zone, a bad time or a calendar that is never open.
        """
        days = ((day_start(day), day_start(day) + DAY) for day in holidays)
        parts = (closure(*one) for one in closures)
        return cls(Zone(zone), Week.of(schedule), merged([*days, *parts]))

    def due(self, start: datetime, seconds: float, pauses: Pauses = ()) -> datetime:
        """The earliest instant at which so many open seconds, to the microsecond, have passed since the start.

        Used up exactly at closing, or as a pause begins, it is due at that instant; 0 seconds are due at
        the start. ValueError for negative seconds or a due instant after the year 9998.
        """
        if seconds < 0:
            raise ValueError("a target cannot be negative")
        at, left = micros(start), round(seconds * SECOND)
        if not left:
            return instant(at)
        for pause_start, pause_end in (*_in_order(pauses), (LATEST, LATEST)):
            reached, left = self._spend(at, pause_start, left)
            if reached is not None:
                return instant(reached)
            at = max(at, pause_end)
        raise ValueError("the target is not used up before the year 9999")

    def elapsed(self, start: datetime, end: datetime, pauses: Pauses = ()) -> int:
        """Whole open seconds in [start, end) outside the pauses; a begun second does not count.

        ValueError if the end lies before the start.
        """
        begin, finish = _span(start, end)
        total = self._counted(begin, finish)
        for pause_start, pause_end in _in_order(pauses):
            total -= self._counted(max(begin, pause_start), min(finish, pause_end))
        return total // SECOND

    def spent(self, start: datetime, end: datetime) -> float:
        """Open seconds in [start, end) with their fraction, for who adds up many spans.

        ValueError if the end lies before the start.
        """
        return self._counted(*_span(start, end)) / SECOND

    def segments(self, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Segment]:
        """The account of [start, end): adjoining segments whose counted time is `elapsed`.

        A pause shows only where time would otherwise count. ValueError if the end lies before the start.
        """
        found: list[Segment] = []
        for begin, finish, reason in self._pieces(*_span(start, end), _in_order(pauses)):
            if found and found[-1].reason == reason:
                found[-1] = found[-1]._replace(end=instant(finish))
            else:
                found.append(Segment(instant(begin), instant(finish), reason == "open", reason))
        return found

    def _counted(self, begin: int, finish: int) -> int:
        """Open microseconds in [begin, finish); 0 if that is empty or reversed."""
        return sum(
            self._opened(right + offset) - self._opened(left + offset)
            for left, right, offset in self.zone.stretches(begin, finish)
        )

    def _spend(self, at: int, limit: int, amount: int) -> tuple[int | None, int]:
        """Go on from an instant until the amount is used up: (that instant, 0), or (None, what is left)."""
        for begin, finish, offset in self.zone.stretches(at, limit):
            before = self._opened(begin + offset)
            here = self._opened(finish + offset) - before
            if amount <= here:
                return self._reached(before + amount) - offset, 0
            amount -= here
        return None, amount

    def _opened(self, wall: int) -> int:
        """Open time on the wall clock from the origin up to a wall time, closures taken out."""
        place = bisect_right(self._closing, wall)
        if place and wall < self.closures[place - 1][1]:
            return self._open_at_closing[place - 1]
        return self.week.opened(wall) - self._lost[place]

    def _reached(self, amount: int) -> int:
        """The earliest wall time with this much (> 0) open time before it; the inverse of `_opened`."""
        place = bisect_left(self._open_at_closing, amount)
        return self.week.reached(amount + self._lost[place])

    def _pieces(
        self, begin: int, finish: int, pauses: Sequence[Interval]
    ) -> Iterator[tuple[int, int, Reason]]:
        """[begin, finish) cut wherever the reason may change."""
        pause_edges = {edge for pause in pauses for edge in pause}
        for first, last, offset in self.zone.stretches(begin, finish):
            edges = pause_edges.union(wall - offset for wall in self._edges(first + offset, last + offset))
            inner = sorted(edge for edge in edges if first < edge < last)
            for left, right in pairwise((first, *inner, last)):
                yield left, right, self._reason(left, left + offset, pauses)

    def _edges(self, start: int, end: int) -> Iterator[int]:
        yield from self.week.edges(start, end)
        first = max(bisect_right(self._closing, start) - 1, 0)
        for interval in self.closures[first : bisect_left(self._closing, end)]:
            yield from interval

    def _reason(self, at: int, wall: int, pauses: Sequence[Interval]) -> Reason:
        if covers(self.closures, wall):
            return "holiday"
        if not self.week.is_open(wall):
            return "closed"
        return "paused" if covers(pauses, at) else "open"

    @cached_property
    def _closing(self) -> list[int]:
        return [start for start, _ in self.closures]

    @cached_property
    def _lost(self) -> list[int]:
        """Weekly open time that the first n closures take away, for n from 0 on."""
        taken = (self.week.opened(end) - self.week.opened(start) for start, end in self.closures)
        return list(accumulate(taken, initial=0))

    @cached_property
    def _open_at_closing(self) -> list[int]:
        """Open time before each closure, what earlier closures took left out."""
        return [
            self.week.opened(start) - lost for start, lost in zip(self._closing, self._lost, strict=False)
        ]


Hours.ALWAYS = Hours(Zone("UTC"), Week(((0, WEEK),)))


def _span(start: datetime, end: datetime) -> Interval:
    begin, finish = micros(start), micros(end)
    if finish < begin:
        raise ValueError("a span or a pause ends before it begins")
    return begin, finish


def _in_order(pauses: Pauses) -> tuple[Interval, ...]:
    return merged(_span(start, end) for start, end in pauses)
