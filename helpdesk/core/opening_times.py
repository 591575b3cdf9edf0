"""The opening hours of a week as people write and read them: a line for each weekday."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel.dates import get_day_names

from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, language
from helpdesk.core.week import DAYS, Schedule, Week
from helpdesk.core.zone import DAY, SECOND

MINUTE = 60 * SECOND
FULL_DAY = 24 * 60
_CLOCK = r"(\d{1,2})(?:[:.h](\d{2})?)?"
_INTERVAL = re.compile(rf"{_CLOCK}\s*[-–—~]\s*{_CLOCK}", re.ASCII)
_BETWEEN = re.compile(r"[,;+&]|\s{2,}|(?<=[\dh])\s+(?=\d{1,2}(?:[:.h]\d{2})?\s*[-–—~])")


@dataclass(frozen=True)
class OpeningTimes:
    """A schedule: "mon" … "sun" → [["09:00", "17:00"], …]. A day that is missing is closed, 22:00-06:00 is a night."""

    schedule: Schedule

    @classmethod
    def read(cls, lines: dict[str, str]) -> "OpeningTimes":
        """From a line for each day; refuses with a sentence what it cannot read."""
        found = {day: read_day(lines.get(day) or "") for day in DAYS}
        return cls({day: shifts for day, shifts in found.items() if shifts})

    @cached_property
    def week(self) -> Week | None:
        """For the calculator; None where it is never open."""
        return Week.of(self.schedule) if self.schedule else None

    @property
    def minutes(self) -> int:
        """Open minutes in a week."""
        return self.week.total // MINUTE if self.week else 0

    def line(self, day: str) -> str:
        """A day as it is written: `09:00-12:00, 13:00-17:30`."""
        return ", ".join(f"{opening}-{closing}" for opening, closing in self.schedule.get(day, ()))

    def bars(self, day: str) -> list[tuple[int, int]]:
        """The open parts of a day as (minute it begins, minutes), what runs on from the day before included."""
        midnight = DAYS.index(day) * DAY
        parts = self.week.intervals if self.week else ()
        cut = ((max(start - midnight, 0), min(end - midnight, DAY)) for start, end in parts)
        return [(start // MINUTE, (end - start) // MINUTE) for start, end in cut if start < end]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each weekday: what it is called, when it is open, and the bars of its picture."""
        return [
            {"day": day, "name": day_name(day), "open": self.line(day).replace("-", "–"), "bars": self.bars(day)}
            for day in DAYS
        ]  # fmt: skip


def day_name(day: str, width: str = "wide") -> str:
    """`Monday`, `Thứ Hai`."""
    return get_day_names(width, locale=language())[DAYS.index(day)]


def read_day(line: str) -> list[list[str]]:
    """`9-12, 13:00–17:30` → [["09:00", "12:00"], ["13:00", "17:30"]], in order, joined where they touch or overlap."""
    parts = [part.strip() for part in _BETWEEN.split(line) if part.strip()]
    return tidied([_interval(part) for part in parts])


def tidied(shifts: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Intervals of minutes, past midnight beyond 24 × 60, joined as long as the result can be written in one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(shifts):
        last_start, last_end = found[-1] if found else (0, -1)
        joined = max(last_end, end)
        if start <= last_end and (joined <= FULL_DAY or joined - last_start < FULL_DAY):
            found[-1] = (last_start, joined)
        else:
            found.append((start, end))
    return [[_clock(start), _clock(end if end <= FULL_DAY else end - FULL_DAY)] for start, end in found]


def _interval(part: str) -> tuple[int, int]:
    match = _INTERVAL.fullmatch(part)
    numbers = [int(number or 0) for number in match.groups()] if match else []
    if not match or numbers[1] > 59 or numbers[3] > 59:
        raise Refusal(
            _(
                "“%(part)s” is no opening time. Write it like 09:00-12:00, with a comma between two.",
                part=part[:40],
            )
        )
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if start >= FULL_DAY or end > FULL_DAY:
        raise Refusal(_("“%(part)s” goes beyond 24:00, the end of the day.", part=part[:40]))
    if start == end:
        raise Refusal(_("“%(part)s” ends when it begins. A whole day is 00:00-24:00.", part=part[:40]))
    return start, end if end > start else end + FULL_DAY


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
