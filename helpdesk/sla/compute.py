"""JSON lines in, JSON lines out: the calculator of `core/hours.py` for the command line.

{"op": "due", "tz", "schedule", "holidays", "start", "minutes" or "seconds", "pauses"} → {"due"}
{"op": "elapsed", "tz", "schedule", "holidays", "from", "to", "pauses"} → {"seconds"}

Also "closures": [["2026-12-24", "12:00", "24:00"], …], parts of local days. Other keys are passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from helpdesk.core.hours import Hours
from helpdesk.core.week import must
from helpdesk.core.zone import Zone

# Three thousand years: beyond it a number is a mistake, and walking there would only cost time.
_MOST_SECONDS = 100_000_000_000
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def compute_lines(stdin: Iterable[str]) -> Iterator[str]:
    """One answer, without a line end, for every line; a bad line gives {"error": …}, the rest goes on."""
    for line in stdin:
        yield json.dumps(_answer(line))


def _answer(line: str) -> dict[str, str | int]:
    try:
        return Compute.read(line).answer()
    except ValueError as error:
        return {"error": str(error)}


@dataclass(frozen=True)
class Compute:
    """One question to the calculator, as it was asked. Whatever is wrong with it is a ValueError."""

    line: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> Compute:
        """The question in one line of JSON."""
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("not a line of JSON") from None
        must(isinstance(line, dict), "a line must be a JSON object")
        return cls(line)

    def answer(self) -> dict[str, str | int]:
        """{"due": an instant in UTC} or {"seconds": whole open seconds}."""
        op = self.line.get("op")
        must(op in ("due", "elapsed"), f"unknown op: {op!r:.80}")
        if op == "due":
            due = self.hours().due(self._instant("start"), self.target_seconds(), self.pauses())
            return {"due": due.astimezone(UTC).isoformat().replace("+00:00", "Z")}
        return {"seconds": self.hours().elapsed(self._instant("from"), self._instant("to"), self.pauses())}

    def hours(self) -> Hours:
        """The hours that are asked about; a schedule of null is around the clock, which knows no holidays."""
        must("schedule" in self.line, "schedule is missing")
        zone, schedule = self.line.get("tz"), self.line["schedule"]
        holidays = [_date(value) for value in self._list("holidays")]
        closures = [_closure(value) for value in self._list("closures")]
        if schedule is not None:
            return Hours.of(zone, schedule, holidays, closures)  # type: ignore[arg-type]  # refused there
        if zone is not None:
            Zone(zone)
        return Hours.ALWAYS

    def pauses(self) -> list[tuple[datetime, datetime]]:
        """Pairs of aware instants."""
        pairs = self._list("pauses")
        must(
            all(isinstance(pair, list) and len(pair) == 2 for pair in pairs),
            "a pause must be a pair of instants",
        )
        return [(_moment(start, "a pause"), _moment(end, "a pause")) for start, end in pairs]

    def target_seconds(self) -> int:
        """The target from exactly one of `minutes` and `seconds`."""
        units = [unit for unit in ("minutes", "seconds") if unit in self.line]
        must(len(units) == 1, "give a target either in minutes or in seconds")
        value = self.line[units[0]]
        must(type(value) is int, f"{units[0]} must be a whole number")
        seconds = int(value) * (60 if units == ["minutes"] else 1)
        must(seconds <= _MOST_SECONDS, f"{units[0]} are too many")
        return seconds

    def _list(self, name: str) -> list[Any]:
        value = self.line.get(name)
        must(value is None or isinstance(value, list), f"{name} must be a list")
        return value or []

    def _instant(self, name: str) -> datetime:
        return _moment(self.line.get(name), name)


def _moment(value: Any, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is not an instant: {value!r:.80}") from None
    must(moment.tzinfo is not None, f"{name} needs a time zone, such as Z: {value!r:.80}")
    return moment


def _closure(value: Any) -> tuple[date, str, str]:
    must(isinstance(value, list) and len(value) == 3, "a closure must be a day and two times")
    return _date(value[0]), value[1], value[2]


def _date(value: Any) -> date:
    must(isinstance(value, str) and _DATE.fullmatch(value) is not None, f"not a date: {value!r:.80}")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"not a date: {value!r:.80}") from None
