"""What business time costs: the median microseconds of a normal due and of five years elapsed.

Run as `python -m bench.calendar`: as a bare script it would stand in for the standard module of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter

from helpdesk.core.hours import Hours

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
HOLIDAYS = [date(year, month, day) for year in range(2024, 2032) for month in range(1, 13) for day in (1, 15)]
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
YEARS = timedelta(days=5 * 365 + 1)


def main() -> None:
    """Print one line for each measure; around 200 holidays, a lunch break, a zone with daylight saving."""
    shifts = [("08:00", "12:00"), ("13:00", "17:30")]
    hours = Hours.of("Europe/Berlin", dict.fromkeys(WORKDAYS, shifts), HOLIDAYS)
    pauses = [(START + timedelta(hours=n), START + timedelta(hours=n, minutes=40)) for n in (2, 30, 50)]
    measure("due, 8 open hours", lambda n: hours.due(START + timedelta(minutes=7 * n), 8 * 3600))
    measure(
        "due, 8 open hours, 3 pauses",
        lambda n: hours.due(START + timedelta(minutes=n % 60), 8 * 3600, pauses),
    )
    measure("elapsed, 5 years", lambda n: hours.elapsed(START + timedelta(minutes=7 * n), START + YEARS))
    measure("segments, 1 month", lambda n: hours.segments(START, START + timedelta(days=30), pauses), 300)


def measure(name: str, deed: Callable[[int], object], times: int = 3000) -> None:
    """Run a deed so many times, with the number of the run, and print the median."""
    took = []
    for n in range(times):
        began = perf_counter()
        deed(n)
        took.append(perf_counter() - began)
    print(f"{name}: {median(took) * 1e6:.1f} µs median, {took[0] * 1e6:.0f} µs the first time")


if __name__ == "__main__":
    main()
