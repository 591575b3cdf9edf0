"""What the pages of calendars show of a version: its words, and the days off of this year and the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.core import clock
from helpdesk.core.zone import zone_names
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.calendar_words import CalendarWords, day_said, moment, named
from helpdesk.sla.closure import Closure
from helpdesk.sla.public_holidays import PublicHolidays


@dataclass(frozen=True)
class CalendarPage:
    """`days` are the public holidays: those that the version keeps, or those of what is being typed."""

    values: dict[str, Any]
    days: list[dict[str, str]]

    @classmethod
    def of(cls, version: CalendarVersion) -> "CalendarPage":
        """Of a version that is kept."""
        return cls(version.values, version.holidays)

    @classmethod
    def typed(cls, values: dict[str, Any], kept: CalendarVersion | None) -> "CalendarPage":
        """Of a form. Where the country is the kept version's, so are the holidays."""
        place = ("country", "subdivision")
        if kept and all(kept.values[name] == values[name] for name in place):
            return cls(values, kept.holidays)
        holidays = PublicHolidays(values["country"] or "", values["subdivision"])
        years = (clock.now().year, clock.now().year + 1)
        return cls(values, holidays.days(years) if holidays.is_known else [])

    @cached_property
    def words(self) -> CalendarWords:
        """The hours in words."""
        return CalendarWords(self.values)

    @property
    def years(self) -> tuple[int, int]:
        """This year and the next, where the calendar is."""
        zone = self.values["zone"]
        now = clock.now().astimezone(ZoneInfo(zone)) if zone in zone_names() else clock.now()
        return now.year, now.year + 1

    @property
    def week(self) -> list[dict[str, Any]]:
        """A row for each weekday: what it is called, when it is open, and the bars of its picture."""
        return self.words.times.rows

    def said(self, day: dict[str, Any]) -> str:
        """When a day off is."""
        return day_said(day["date"])

    def named(self, day: dict[str, Any]) -> str:
        """What a day off is called, in the reader's language or else in the other."""
        return named(day)

    def moment(self, at: datetime) -> str:
        """An instant on the clocks there."""
        return moment(at, self.values["zone"])

    def holidays_in(self, year: int) -> list[dict[str, str]]:
        """The public holidays of a year."""
        return [day for day in self.days if day["date"].startswith(f"{year}-")]

    def count_in(self, year: int) -> int:
        """How many days of a year have something closed, whoever closes it."""
        days = {date.fromisoformat(day["date"]) for day in self.holidays_in(year)}
        return len(days | {day for day in _closed_on(self.values["closures"], year) if day.year == year})


def _closed_on(closures: Iterable[dict[str, Any]], year: int) -> Iterable[date]:
    for closure in closures:
        try:
            yield from (day for day, _, _ in Closure.read(closure).parts(year - 1, year))
        except (ValueError, TypeError, KeyError):  # still being typed
            continue
