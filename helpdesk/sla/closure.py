"""The organizer's own days off, as a calendar's version keeps them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.week import must
from helpdesk.core.zone import FIRST_YEAR, LAST_YEAR

MOST_CLOSED_DAYS = 366  # of one closure
MOST_CLOSURES, MOST_DAYS = 200, 732  # closures of one calendar, and the days that they last altogether


@dataclass(frozen=True)
class Closure:
    """From one day to another, both closed, each day whole or between two times; perhaps again every year.

    Kept as {"date", "until"?, "from"?, "to"?, "yearly"?, "name_en", "name_vi"}.
    """

    start: date
    end: date
    opening: str
    closing: str
    is_yearly: bool

    @classmethod
    def read(cls, said: dict[str, Any]) -> "Closure":
        """ValueError for what cannot be."""
        start = date.fromisoformat(said["date"])
        end = date.fromisoformat(said.get("until") or said["date"])
        must(start <= end, f"a closure ends before it begins: {start} to {end}")
        must((end - start).days < MOST_CLOSED_DAYS, f"a closure is longer than a year: {start} to {end}")
        return cls(
            start, end, said.get("from") or "00:00", said.get("to") or "24:00", bool(said.get("yearly"))
        )

    @property
    def length(self) -> int:
        """Days."""
        return (self.end - self.start).days + 1

    def parts(self, first: int, last: int) -> Iterator[tuple[date, str, str]]:
        """The closed parts of local days; one that comes back does so in the years from `first` to `last`.

        29 February comes back in leap years only; within a longer closure it is closed with the days around it.
        """
        for year in range(first, last + 1) if self.is_yearly else (self.start.year,):
            begin = _in_year(self.start, year) or date(year, 3, 1)
            until = year + self.end.year - self.start.year
            end = _in_year(self.end, until) or date(until, 2, 28)
            for offset in range((end - begin).days + 1):
                yield begin + timedelta(days=offset), self.opening, self.closing

    def is_on(self, day: date) -> bool:
        """Whether it closes some of a day. One that runs over New Year began the year before."""
        return any(day == each for each, _, _ in self.parts(day.year - 1, day.year))


def refuse_closures(closures: Iterable[dict[str, Any]]) -> None:
    """Refuse more than anybody plans. ValueError for what cannot be read."""
    found = [Closure.read(said) for said in closures]
    if len(found) > MOST_CLOSURES:
        raise Refusal(_("At most %(n)s own days off fit.", n=MOST_CLOSURES))
    if sum(closure.length for closure in found) > MOST_DAYS:
        raise Refusal(_("The own days off may last %(n)s days altogether.", n=MOST_DAYS))
    if any(closure.start.year < FIRST_YEAR or closure.end.year > LAST_YEAR for closure in found):
        raise Refusal(_("Days off lie in the years %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR))


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return None
