"""Time zones as stretches of constant offset.

Within one stretch the wall clock runs as evenly as the instants do, so business time is a
subtraction there. Everything is whole microseconds: instants since 0001-01-01 UTC, wall times
since 0001-01-01 (a Monday) on the zone's own clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

SECOND = 1_000_000
DAY = 86_400 * SECOND
ORIGIN = datetime(1, 1, 1, tzinfo=UTC)
# A year's margin at both ends: no offset can push a wall time out of what datetime can hold.
EARLIEST = (datetime(2, 1, 1, tzinfo=UTC) - ORIGIN) // timedelta(microseconds=1)
LATEST = (datetime(9999, 1, 1, tzinfo=UTC) - ORIGIN) // timedelta(microseconds=1)

_LOCAL = ("localtime", "posixrules", "posix", "right", "Factory")  # files of a machine, no zones of IANA's
_CHUNK = 366 * DAY
# No zone has ever changed its offset and changed it back within six days; a test holds that.
_STEP = 6 * DAY


def micros(instant: datetime) -> int:
    """Microseconds since 0001-01-01 UTC of an aware instant; ValueError if naive or out of range."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    value = (instant - ORIGIN) // timedelta(microseconds=1)
    if not EARLIEST <= value <= LATEST:
        raise ValueError("an instant must lie in the years 2 to 9998")
    return value


def instant(value: int) -> datetime:
    """The aware UTC instant that lies this many microseconds after 0001-01-01 UTC."""
    return ORIGIN + timedelta(microseconds=value)


@dataclass(frozen=True)
class Zone:
    """An IANA time zone by its name; ValueError if there is no such zone."""

    name: str

    def __post_init__(self) -> None:
        try:
            is_published = self.name.split("/")[0] not in _LOCAL
            ZoneInfo(self.name)
        except (KeyError, ValueError, OSError, TypeError, AttributeError):
            is_published = False
        if not is_published:
            raise ValueError(f"unknown time zone: {self.name!r:.80}")

    def stretches(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Cut [start, end) where the offset changes: (from, to, offset to add), in order.

        Microseconds. A stretch may be cut at other places too, which changes no sum.
        """
        chunk = start // _CHUNK
        while start < end:
            for stop, offset in _chunk(self.name, chunk):
                if start < stop and start < end:
                    yield start, min(stop, end), offset
                    start = stop
            chunk += 1


@lru_cache(maxsize=4096)
def _chunk(zone: str, number: int) -> tuple[tuple[int, int], ...]:
    """The stretches of one 366-day chunk as (end, offset)."""
    info = ZoneInfo(zone)
    at = max(number * _CHUNK, EARLIEST)
    last = min((number + 1) * _CHUNK, LATEST)
    offset = _offset(info, at)
    found = []
    while at < last:
        probe = min(at + _STEP, last)
        if _offset(info, probe) != offset:
            probe = _change(info, at, probe, offset)
            found.append((probe, offset))
            offset = _offset(info, probe)
        at = probe
    return (*found, (last, offset))


def _change(info: ZoneInfo, low: int, high: int, offset: int) -> int:
    """The first whole second in (low, high] at which the zone has left the offset."""
    while high - low > SECOND:
        middle = (low + high) // 2 // SECOND * SECOND
        if _offset(info, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(info: ZoneInfo, value: int) -> int:
    offset = instant(value).astimezone(info).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The IANA names that people can choose."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


FIRST_YEAR, LAST_YEAR = 2000, 2099  # that people can plan in


def zone_called(typed: str) -> str | None:
    """The IANA name that somebody means: however it is written, or by its city alone where there is one such city."""
    wanted = typed.strip().replace(" ", "_").casefold()
    by_city = [name for name in zone_names() if name.casefold().rpartition("/")[2] == wanted]
    whole = next((name for name in zone_names() if name.casefold() == wanted), None)
    return whole or (by_city[0] if len(by_city) == 1 else None)
