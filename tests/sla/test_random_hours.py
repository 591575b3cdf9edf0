"""SLA-003 against the slow stepper: thousands of random desks, most of them near a change of the clocks."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.core.hours import Hours
from helpdesk.core.zone import Zone, instant, micros, zone_names
from tests.sla.stepper import DAYS, Desk, Walk

# Changes of the clocks, the skipped day of Apia among them; around these it is easiest to be wrong.
CHANGES = {
    "Europe/Berlin": ["2024-03-31T01:00", "2024-10-27T01:00", "2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2025-03-09T07:00", "2025-11-02T06:00"],
    "Australia/Lord_Howe": ["2025-04-05T15:00", "2025-10-04T15:30"],
    "Asia/Ho_Chi_Minh": ["2026-02-17T00:00"],
    "America/Santiago": ["2025-04-06T03:00", "2025-09-07T04:00"],
    "Asia/Tehran": ["2021-03-21T20:30", "2021-09-21T19:30"],
    "Pacific/Apia": ["2011-12-30T10:00", "2012-04-01T14:00"],
    "Africa/Cairo": ["2014-05-15T22:00", "2024-04-25T22:00", "2024-10-31T21:00"],
    "America/St_Johns": ["2010-03-14T03:31", "2010-11-07T02:31"],
    "Asia/Kathmandu": ["2025-01-01T00:00"],
    "America/Sao_Paulo": ["2018-11-04T03:00", "2019-02-17T02:00"],
    "UTC": ["2028-02-29T00:00"],
}
Pauses = list[tuple[datetime, datetime]]


def times(step: timedelta) -> st.SearchStrategy[str]:
    """Times of day on the step's grid, 24:00 included; midnight and the small hours more often."""
    seconds = int(step.total_seconds())
    places = (
        st.integers(0, 86_400 // seconds) | st.integers(0, 4 * 3600 // seconds) | st.just(86_400 // seconds)
    )
    return places.map(lambda n: f"{n * seconds // 3600:02}:{n * seconds // 60 % 60:02}:{n * seconds % 60:02}")


@st.composite
def worlds(draw: Any, step: timedelta, steps: int) -> tuple[Desk, Walk, Pauses]:
    """A desk, and a walk of so many steps across or near a change of its clocks."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    start = change - draw(st.integers(-steps // 4, steps)) * step
    near = st.integers(-3, steps * step // timedelta(days=1) + 2).map(
        lambda n: start.date() + timedelta(days=n)
    )
    shift = st.tuples(times(step), times(step))
    same = st.lists(shift, min_size=1, max_size=3).map(lambda one: dict.fromkeys(DAYS, one))
    week = same | st.fixed_dictionaries(dict.fromkeys(DAYS, st.lists(shift, max_size=3)))
    part = st.tuples(near, times(step), times(step)).map(lambda c: (c[0], *sorted(c[1:])))
    desk = Desk(zone, draw(week), draw(st.lists(near, max_size=3)), draw(st.lists(part, max_size=2)))
    place = st.integers(-steps // 4, steps * 5 // 4)
    pairs = draw(st.lists(st.tuples(place, place).map(sorted), max_size=3))
    pauses = [(start + a * step, start + b * step) for a, b in pairs]
    return desk, Walk(desk, start, steps, step, pauses), pauses


def check(world: tuple[Desk, Walk, Pauses], draw: Callable[[Any], Any], step: timedelta) -> None:
    """Seven cases: three spans, three due instants, one account. Hours that are never open are refused."""
    desk, walk, pauses = world
    if all(a == b or (a, b) == ("24:00:00", "00:00:00") for day in desk.schedule.values() for a, b in day):
        with pytest.raises(ValueError, match="some open time"):
            Hours.of(desk.zone, desk.schedule, desk.holidays, desk.closures)
        return
    hours = Hours.of(desk.zone, desk.schedule, desk.holidays, desk.closures)
    last = len(walk.grid) - 1
    for _ in range(3):
        one, other = sorted((draw(st.integers(0, last)), draw(st.integers(0, last))))
        assert hours.elapsed(walk.grid[one], walk.grid[other], pauses) == walk.elapsed(one, other)
        left = walk.elapsed(one, last)
        seconds = draw(st.integers(0, left) | st.sampled_from([left, walk.elapsed(one, other)]))
        expected = walk.due(one, seconds)
        assert hours.due(walk.grid[one], seconds, pauses) == expected
    account(hours, walk, pauses, step)


def account(hours: Hours, walk: Walk, pauses: Pauses, step: timedelta) -> None:
    """The segments of the whole walk adjoin, differ from their neighbours and count what the walk counts."""
    found = hours.segments(walk.grid[0], walk.grid[-1], pauses)
    assert [segment.start for segment in found] == [walk.grid[0], *(segment.end for segment in found[:-1])]
    assert found[-1].end == walk.grid[-1]
    assert all(one.reason != other.reason for one, other in pairwise(found))
    starts = [segment.start for segment in found]
    for place, at in enumerate(walk.grid[:-1]):
        counted = found[bisect_right(starts, at) - 1].counted
        assert walk.elapsed(place, place + 1) == counted * step.total_seconds()


QUARTER, MINUTE, SECOND = timedelta(minutes=15), timedelta(minutes=1), timedelta(seconds=1)


@settings(max_examples=800, deadline=None)
@given(worlds(QUARTER, 320).filter(lambda world: world[0].zone != "America/St_Johns"), st.data())
def test_SLA_003_days_by_quarters_of_an_hour(world: tuple[Desk, Walk, Pauses], data: st.DataObject) -> None:
    check(world, data.draw, QUARTER)


@settings(max_examples=150, deadline=None)
@given(worlds(MINUTE, 1600), st.data())
def test_SLA_003_a_day_by_minutes(world: tuple[Desk, Walk, Pauses], data: st.DataObject) -> None:
    check(world, data.draw, MINUTE)


@settings(max_examples=60, deadline=None)
@given(worlds(SECOND, 3600), st.data())
def test_SLA_003_an_hour_by_seconds(world: tuple[Desk, Walk, Pauses], data: st.DataObject) -> None:
    check(world, data.draw, SECOND)


def zone_file(name: str) -> bytes:
    """The file that `zoneinfo` reads: the machine's own, else the one of the tzdata package."""
    for root in TZPATH:
        if (path := Path(root, name)).is_file():
            return path.read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()


def published_changes(name: str) -> list[tuple[int, int]]:
    """(second since 1970, offset from then on) for every change of offset that the zone's file lists."""
    data = zone_file(name)
    counts = struct.unpack(">6l", data[20:44])
    second = 44 + counts[3] * 5 + counts[4] * 6 + counts[5] + counts[2] * 8 + counts[1] + counts[0]
    _, _, _, times, types, _ = struct.unpack(">6l", data[second + 20 : second + 44])
    body = data[second + 44 :]
    instants = struct.unpack(f">{times}q", body[: 8 * times])
    offsets = [struct.unpack(">l", body[9 * times + 6 * n :][:4])[0] for n in range(types)]
    kinds = body[8 * times : 9 * times]
    return [
        (at, offsets[kind])
        for before, at, kind in zip((0, *kinds), instants, kinds, strict=False)
        if offsets[before] != offsets[kind]
    ]


def test_SLA_003_no_zone_changes_its_offset_unseen() -> None:
    """Every change of every zone from 1970 on that is published, against the stretches of the calculator."""
    names = {zone_file(name): name for name in sorted(zone_names())}.values()
    assert len(names) > 300
    first = datetime(1970, 1, 2, tzinfo=UTC)
    for name in names:
        published = [change for change in published_changes(name) if change[0] > first.timestamp()]
        last = datetime.fromtimestamp(published[-1][0] + 1 if published else first.timestamp(), UTC)
        stretches = list(Zone(name).stretches(micros(first), micros(last)))
        found = [(begin, offset) for (_, _, old), (begin, _, offset) in pairwise(stretches) if old != offset]
        seen = [(int(instant(begin).timestamp()), offset // 1_000_000) for begin, offset in found]
        assert seen == published, name
        between = [after[0] - before[0] for before, after in pairwise(published)]
        assert min(between, default=7 * 86_400) > 6 * 86_400, f"{name}: the calculator probes every six days"


def test_SLA_003_the_stepper_itself_knows_the_wall_clock() -> None:
    desk = Desk("Europe/Berlin", {"sat": [("22:00", "06:00")]}, [date(2026, 10, 24)])
    assert not desk.is_open(datetime(2026, 10, 24, 21, tzinfo=UTC)), "a holiday"
    assert desk.is_open(datetime(2026, 10, 25, 4, 59, tzinfo=UTC)), "Saturday's shift, on Sunday"
    assert not desk.is_open(datetime(2026, 10, 25, 5, 0, tzinfo=UTC))
