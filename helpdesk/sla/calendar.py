"""Calendars: opening hours and days off, in versions that never change."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted
from helpdesk.sla.hours import Hours
from helpdesk.sla.week import must

YEARS_AHEAD = 10  # so far days off that come back every year are known; see `CalendarVersion.last_year`
MOST_CLOSED_DAYS = 366  # of one closure


class Calendar(Tenanted, Model):
    """A named set of opening hours. When it is open is in its versions."""

    __tablename__ = "sla_calendars"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def on_offer(cls) -> Select[tuple["Calendar"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)

    @property
    def newest(self) -> "CalendarVersion":
        """What is in force for new tickets."""
        return CalendarVersion.newest_of(self.id)


class CalendarVersion(Tenanted, Model):
    """When a calendar was open from one change to the next. A tracker pins the version it is measured with.

    `holidays` are the country's, worked out when the version was made: another release of the library that knows
    them changes no promise that was given.
    """

    __tablename__ = "sla_calendar_versions"
    __table_args__ = (
        UniqueConstraint("calendar_id", "number"),
        partial_index(
            "ix_sla_calendar_versions_moving", "organizer_id", "id", where="moved_to_id IS NOT NULL"
        ),
    )

    id: Mapped[Id]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_calendars.id"))
    number: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    schedule: Mapped[dict[str, Any]]  # "mon" … "sun" → [["09:00", "17:00"], …], see `Week.of`
    country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166 alpha-2
    subdivision: Mapped[str | None] = mapped_column(String(10))  # as the library of holidays calls it
    closures: Mapped[list[Any]]  # the organizer's own days off, see `_days_of`
    holidays: Mapped[list[Any]]  # [{"date", "name_en", "name_vi"}], the country's, whole days
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    moved_to_id: Mapped[int | None] = mapped_column(BigId)  # last tracker that was moved to it; None: done

    calendar: Mapped[Calendar] = relationship()

    @classmethod
    def newest_of(cls, calendar_id: int | None) -> "CalendarVersion | None":
        """The newest version of a calendar; None for around the clock."""
        if calendar_id is None:
            return None
        versions = select(cls).where(cls.calendar_id == calendar_id).order_by(cls.number.desc())
        return db.session.scalars(versions.limit(1)).one()

    @property
    def last_year(self) -> int:
        """The last year in which its days off are known."""
        return self.created_at.year + YEARS_AHEAD

    @property
    def hours(self) -> Hours:
        """Its opening hours, for the calculator. ValueError, with a sentence, where they cannot be."""
        holidays = [day["date"] for day in self.holidays]
        years = [self.created_at.year - 1, self.last_year]
        return _hours(json.dumps([self.zone, self.schedule, holidays, self.closures, years], sort_keys=True))

    def names_on(self, day: date) -> list[dict[str, str]]:
        """What is celebrated or closed on a local day: [{"en", "vi"}], the country's holidays first."""
        said = day.isoformat()
        found = [each for each in self.holidays if each["date"] == said]
        found += [
            each for each in self.closures if day in {d for d, _, _ in _days_of(each, day.year, day.year)}
        ]
        return [{"en": each.get("name_en") or "", "vi": each.get("name_vi") or ""} for each in found]


@lru_cache(maxsize=256)
def _hours(said: str) -> Hours:
    """The same words, the same hours: what they have worked out is kept."""
    zone, schedule, holidays, closures, (first, last) = json.loads(said)
    days = [date.fromisoformat(day) for day in holidays]
    parts = [part for closure in closures for part in _days_of(closure, first, last)]
    return Hours.of(zone, schedule, days, parts)


def _days_of(closure: dict[str, Any], first: int, last: int) -> Iterator[tuple[date, str, str]]:
    """The closed parts of local days: {"date", "until"?, "from"?, "to"?, "yearly"?, "name_en", "name_vi"}.

    From `date` to `until` (both closed), each day whole or between two times; `yearly` repeats it in the years from
    `first` to `last`, where 29 February is closed in leap years only. ValueError for what cannot be.
    """
    start = date.fromisoformat(closure["date"])
    end = date.fromisoformat(closure.get("until") or closure["date"])
    must(start <= end, f"a closure ends before it begins: {start} to {end}")
    must((end - start).days < MOST_CLOSED_DAYS, f"a closure is longer than a year: {start} to {end}")
    opening, closing = closure.get("from") or "00:00", closure.get("to") or "24:00"
    for year in range(first, last + 1) if closure.get("yearly") else (start.year,):
        for offset in range((end - start).days + 1):
            day = start + timedelta(days=offset)
            moved = _in_year(day, year + day.year - start.year)
            if moved:
                yield moved, opening, closing


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None
