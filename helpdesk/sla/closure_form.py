"""A row of own days off on the page of a calendar, typed or pasted."""

import re
from datetime import date
from typing import Any

from wtforms import BooleanField, StringField
from wtforms.validators import Optional, Regexp, StopValidation

from helpdesk.core.forms import Form, a_day, line
from helpdesk.core.i18n import language
from helpdesk.core.i18n import lazy as _
from helpdesk.sla.closure import MOST_CLOSED_DAYS

_ISO, _LOCAL = r"(\d{4})-(\d{1,2})-(\d{1,2})", r"(\d{1,2})/(\d{1,2})/(\d{4})"
_DATE = rf"(?:{_ISO}|{_LOCAL})"
PASTED = re.compile(rf"{_DATE}(?:\s*(?:\.\.|–|—|~|-)\s*{_DATE})?[\s,;:]+(.*)", re.ASCII)
TIME = Regexp(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::00)?$|24:00$", message=_("Enter a time like 09:30."))


class ClosureForm(Form):
    """A row of own days off; one that says nothing counts for nothing."""

    date = line(10)
    until = line(10)
    start = line(8, Optional(), TIME)  # `from` is no name for a field
    end = line(8, Optional(), TIME)
    yearly = BooleanField(default=False)
    name_en = line()
    name_vi = line()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed."""
        return not any(field.data for field in self)

    def validate_date(self, field: StringField) -> None:
        """A day that can be planned."""
        if not self.is_empty:
            a_day(field.data)

    def validate_until(self, field: StringField) -> None:
        """Not before it begins, and not for more than a year."""
        if not field.data:
            return
        last, first = a_day(field.data), a_day(self.date.data)
        if last < first:
            raise StopValidation(_("The last day is before the first."))
        if (last - first).days >= MOST_CLOSED_DAYS:
            raise StopValidation(_("Days off last a year at most."))

    def validate_end(self, field: StringField) -> None:
        """After it begins."""
        times = [(self.start.data or "00:00").zfill(5)[:5], (field.data or "24:00").zfill(5)[:5]]
        if times[0] >= times[1]:
            raise StopValidation(_("It ends before it begins. For a night, enter each day of its own."))

    @property
    def value(self) -> dict[str, Any]:
        """As a calendar keeps it: what is the usual is left out."""
        said = { "until": self.until.data if self.until.data != self.date.data else "",
            "from": _time(self.start.data, "00:00"), "to": _time(self.end.data, "24:00"),
            "yearly": bool(self.yearly.data),
        }  # fmt: skip
        names = {"name_en": self.name_en.data or "", "name_vi": self.name_vi.data or ""}
        return {"date": self.date.data or ""} | {name: value for name, value in said.items() if value} | names


def _time(words: str | None, usual: str) -> str:
    time = (words or "").zfill(5)[:5] if words else ""
    return "" if time == usual else time


def pasted(words: str) -> dict[str, str] | None:
    """`2026-12-24 Christmas Eve | Đêm Giáng sinh`, `28/1/2027 - 2/2/2027 Tết` as a row; None for what is neither."""
    match = PASTED.fullmatch(words + " ")
    if not match:
        return None
    first, last, name = _date_of(match.groups()[:6]), _date_of(match.groups()[6:12]), match[13].strip()
    if not first or (any(match.groups()[6:12]) and not last):
        return None
    english, bar, vietnamese = (part.strip() for part in name.partition("|"))
    if not bar and language() == "vi":
        english, vietnamese = "", english
    return {"date": first, "until": last, "name_en": english[:200], "name_vi": vietnamese[:200]}


def _date_of(numbers: tuple[str | None, ...]) -> str:
    """Six groups, of which the first three (year, month, day) or the last three (day, month, year) are there."""
    year, month, day = numbers[:3] if numbers[0] else numbers[5:2:-1]
    try:
        return date(int(year or 0), int(month or 0), int(day or 0)).isoformat()
    except ValueError:
        return ""
