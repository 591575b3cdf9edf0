"""The opening hours of a week on the wall clock, and the days that are taken out of it.

Wall times are microseconds since 0001-01-01, a Monday, on the clock of the calendar's zone;
an even line of 24-hour days that knows nothing of daylight saving.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate

from helpdesk.core.zone import DAY, SECOND

Interval = tuple[int, int]
Schedule = Mapping[str, Sequence[Sequence[str]]]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = 7 * DAY
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def must(fact: bool, sentence: str) -> None:
    """ValueError with the sentence unless the fact holds, whatever is wrong: the kind or the value."""
    if not fact:
        raise ValueError(sentence)


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Half-open intervals sorted and joined where they touch or overlap; empty ones fall away."""
    found: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def covers(intervals: Sequence[Interval], value: int) -> bool:
    """Does one of the merged intervals hold the value?"""
    place = bisect_right(intervals, value, key=lambda interval: interval[0])
    return place > 0 and value < intervals[place - 1][1]


def time_of_day(text: str) -> int:
    """Microseconds after midnight of "HH:MM" or "HH:MM:SS", up to 24:00; ValueError otherwise."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (25, 0, 0)
    value = (hours * 3600 + minutes * 60 + seconds) * SECOND
    must(value <= DAY, f"not a time of day from 00:00 to 24:00: {text!r:.80}")
    return value


def day_start(day: date) -> int:
    """The wall time at which a local day begins."""
    return (day.toordinal() - 1) * DAY


def closure(day: date, opening: str, closing: str) -> Interval:
    """The part of one local day from one time to another; ValueError if they are reversed."""
    start, end = time_of_day(opening), time_of_day(closing)
    must(start <= end, f"a closure on {day} ends before it begins: {opening} to {closing}")
    return day_start(day) + start, day_start(day) + end


@dataclass(frozen=True)
class Week:
    """A week of open hours that repeats for ever: merged intervals of wall time from Monday 00:00."""

    intervals: tuple[Interval, ...]

    def __post_init__(self) -> None:
        must(bool(self.intervals), "a calendar needs some open time")

    @classmethod
    def of(cls, schedule: Schedule) -> Week:
        """Read {"mon": [["09:00", "17:00"], …], …}; a day that is missing is closed.

        Intervals come in any order and may overlap. One that ends before it begins is an overnight
        shift and runs into the next day. ValueError for unknown days, bad times, no open time.
        """
        must(isinstance(schedule, Mapping), "a schedule is a mapping from weekdays to intervals")
        for day in schedule:
            must(day in DAYS, f"unknown weekday: {day!r:.80}")
        return cls(merged(piece for day, shifts in schedule.items() for piece in _shifts(day, shifts)))

    @cached_property
    def total(self) -> int:
        """Open time in one week."""
        return self._through[-1]

    def opened(self, wall: int) -> int:
        """Open time from the origin up to a wall time."""
        weeks, rest = divmod(wall, WEEK)
        place = bisect_right(self._starts, rest) - 1
        if place < 0:
            return weeks * self.total
        unused = max(self._ends[place] - rest, 0)
        return weeks * self.total + self._through[place] - unused

    def reached(self, amount: int) -> int:
        """The earliest wall time with this much (> 0) open time before it; the inverse of `opened`."""
        weeks, rest = divmod(amount - 1, self.total)
        place = bisect_left(self._through, rest + 1)
        return weeks * WEEK + self._ends[place] - (self._through[place] - rest - 1)

    def is_open(self, wall: int) -> bool:
        """Is the wall time within the week's hours?"""
        return covers(self.intervals, wall % WEEK)

    def edges(self, start: int, end: int) -> Iterator[int]:
        """The opening and closing times of every week that [start, end) touches."""
        for monday in range(start // WEEK * WEEK, end, WEEK):
            yield from (monday + edge for edge in self._starts)
            yield from (monday + edge for edge in self._ends)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.intervals]

    @cached_property
    def _ends(self) -> list[int]:
        return [end for _, end in self.intervals]

    @cached_property
    def _through(self) -> list[int]:
        """Open time of the week up to the end of each interval."""
        return list(accumulate(end - start for start, end in self.intervals))


def _shifts(day: str, shifts: Sequence[Sequence[str]]) -> Iterator[Interval]:
    """The pieces of one weekday's intervals; Sunday night goes on at the beginning of the week."""
    must(isinstance(shifts, (list, tuple)), f"the hours of {day} must be a list of intervals")
    midnight = DAYS.index(day) * DAY
    for shift in shifts:
        pair = isinstance(shift, (list, tuple)) and len(shift) == 2
        must(pair, f"an interval on {day} is not a pair of times: {shift!r:.80}")
        opening, closing = (time_of_day(text) for text in shift)
        start = midnight + opening
        end = midnight + closing + (DAY if closing < opening else 0)
        yield start, min(end, WEEK)
        yield 0, end - WEEK
