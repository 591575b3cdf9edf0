"""A calendar's version in words, in the reader's language: for its page, for conflicts and for its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time

from helpdesk.core import clock
from helpdesk.core.i18n import _, language
from helpdesk.core.opening_times import OpeningTimes, day_name
from helpdesk.core.week import DAYS
from helpdesk.sla.public_holidays import PublicHolidays

_MOMENT = {"en": "EEEE d MMMM yyyy, HH:mm", "vi": "HH:mm EEEE, dd/MM/yyyy"}
_DATE = {"en": "EEE d MMM yyyy", "vi": "EEEEEE, dd/MM/yyyy"}
_YEARLY = {"en": "d MMMM", "vi": "d/M"}


@dataclass(frozen=True)
class CalendarWords:
    """`values` are those of a `CalendarVersion`."""

    values: dict[str, Any]

    @cached_property
    def times(self) -> OpeningTimes:
        """Its week."""
        return OpeningTimes(self.values["schedule"] or {})

    @property
    def total(self) -> str:
        """`40 h 30 min` in a week."""
        return duration(self.times.minutes)

    @property
    def local_time(self) -> str:
        """What the clocks there show now."""
        return format_time(clock.now(), "HH:mm", tzinfo=ZoneInfo(self.values["zone"]), locale=language())

    @property
    def place(self) -> str:
        """Country and region; empty for none."""
        names = dict(PublicHolidays.countries(language()))
        country, region = self.values["country"] or "", self.values["subdivision"] or ""
        parts = dict(PublicHolidays(country).subdivisions) if region else {}
        return ", ".join(part for part in (names.get(country, country), parts.get(region, region)) if part)

    def lines(self) -> list[tuple[str, str]]:
        """(what it is about, what it says), always of the same things in the same order."""
        days = [(day_name(day), self.times.line(day) or _("closed")) for day in DAYS]
        return [
            (_("Time zone"), self.values["zone"]), *days, (_("Public holidays"), self.place or _("none")),
            (_("Own days off"), closures_said(self.values["closures"])),
        ]  # fmt: skip

    def changes(self, before: "CalendarWords") -> list[tuple[str, str, str]]:
        """(what, before, now) of what differs; of days off only those that went or came."""
        mine, theirs = self.values["closures"], before.values["closures"]
        gone, come = [c for c in theirs if c not in mine], [c for c in mine if c not in theirs]
        here, there = (
            CalendarWords(words.values | {"closures": closures}).lines()
            for words, closures in ((self, come), (before, gone))
        )
        return [
            (label, old, new) for (label, new), (_same, old) in zip(here, there, strict=True) if old != new
        ]


def duration(minutes: int) -> str:
    """`40 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    return (
        _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
    )


def moment(at: datetime, zone: str) -> str:
    """An instant as the clocks of a zone show it, with the weekday."""
    return format_datetime(at, _MOMENT[language()], tzinfo=ZoneInfo(zone), locale=language())


def day_said(day: str, is_yearly: bool = False) -> str:
    """`Thu 24 Dec 2026`; without weekday and year where it comes back every year."""
    patterns = _YEARLY if is_yearly else _DATE
    try:
        return format_date(date.fromisoformat(day), patterns[language()], locale=language())
    except (ValueError, TypeError):
        return day or ""


def closures_said(closures: Iterable[dict[str, Any]]) -> str:
    """A line for each: when, what, and whether it comes back."""
    return "\n".join(closure_said(closure) for closure in closures)


def closure_said(closure: dict[str, Any]) -> str:
    """`24 December – 26 December 08:00–12:00: Christmas (every year)`."""
    yearly = bool(closure.get("yearly"))
    days = " – ".join(day_said(closure[key], yearly) for key in ("date", "until") if closure.get(key))
    if closure.get("from") or closure.get("to"):
        days += f" {closure.get('from') or '00:00'}–{closure.get('to') or '24:00'}"
    name = named(closure)
    said = f"{days}: {name}" if name else days
    return _("%(days_off)s (every year)", days_off=said) if yearly else said


def named(day: dict[str, Any]) -> str:
    """The name of a day off in the reader's language, else in the other."""
    first, second = ("name_vi", "name_en") if language() == "vi" else ("name_en", "name_vi")
    return day.get(first) or day.get(second) or ""
