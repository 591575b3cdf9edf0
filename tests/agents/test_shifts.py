"""AGT-009: when somebody works. Breaks, nights, daylight saving, days of leave in his own zone; pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.agents.shift import AHEAD, ALWAYS, Shift

HANOI, BERLIN, NEW_YORK = "Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"
OFFICE = {"mon": [["09:00", "12:00"], ["13:00", "17:30"]]}
NIGHT = {"sat": [["22:00", "06:00"]]}
MONDAY = (2026, 3, 2)


def at(zone: str, *parts: int, fold: int = 0) -> datetime:
    """The instant at which the clocks of a zone show a time."""
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize("hour,minute,is_on,turns", [
    (8, 59, False, (9, 0)), (9, 0, True, (12, 0)), (11, 59, True, (12, 0)), (12, 0, False, (13, 0)),
    (12, 59, False, (13, 0)), (13, 0, True, (17, 30)), (17, 29, True, (17, 30)),
])  # fmt: skip
def test_AGT_009_a_break_is_a_gap_and_every_edge_counts(hour, minute, is_on, turns):
    shift, now = Shift.of(HANOI, OFFICE), at(HANOI, *MONDAY, hour, minute)
    assert shift.is_on(now) is is_on
    assert shift.changes_at(now) == at(HANOI, *MONDAY, *turns)
    assert shift.ends_at(now) == (at(HANOI, *MONDAY, *turns) if is_on else None)


def test_AGT_009_after_the_last_shift_comes_the_next_week():
    shift, now = Shift.of(HANOI, OFFICE), at(HANOI, *MONDAY, 17, 30)
    assert not shift.is_on(now)
    assert not shift.is_on_leave(now)
    assert shift.begins_at(now) == shift.changes_at(now) == at(HANOI, 2026, 3, 9, 9, 0)


def test_AGT_009_a_night_runs_into_the_next_day_and_the_next_week():
    shift = Shift.of(HANOI, NIGHT)
    for now in (at(HANOI, 2026, 3, 7, 22, 0), at(HANOI, 2026, 3, 8, 5, 59)):
        assert shift.is_on(now)
        assert shift.ends_at(now) == at(HANOI, 2026, 3, 8, 6, 0)
    assert not shift.is_on(at(HANOI, 2026, 3, 8, 6, 0))
    sunday = Shift.of(HANOI, {"sun": [["22:00", "06:00"]]})
    assert sunday.is_on(at(HANOI, 2026, 3, 9, 1, 0))
    assert sunday.ends_at(at(HANOI, 2026, 3, 8, 23, 0)) == at(HANOI, 2026, 3, 9, 6, 0)


def test_AGT_009_twenty_four_oclock_is_the_end_of_the_day():
    shift = Shift.of(HANOI, {"mon": [["18:00", "24:00"]]})
    assert shift.ends_at(at(HANOI, *MONDAY, 20, 0)) == at(HANOI, 2026, 3, 3, 0, 0)
    joined = Shift.of(HANOI, {"mon": [["18:00", "24:00"]], "tue": [["00:00", "02:00"]]})
    assert joined.ends_at(at(HANOI, *MONDAY, 20, 0)) == at(HANOI, 2026, 3, 3, 2, 0)


@pytest.mark.parametrize("zone,day,hours", [
    (BERLIN, date(2026, 3, 29), 7), (BERLIN, date(2026, 10, 25), 9), (BERLIN, date(2026, 6, 7), 8),
    (NEW_YORK, date(2026, 3, 8), 7), (NEW_YORK, date(2026, 11, 1), 9), (HANOI, date(2026, 3, 29), 8),
])  # fmt: skip
def test_AGT_009_a_night_is_as_long_as_the_clocks_make_it(zone, day, hours):
    shift, evening = Shift.of(zone, NIGHT), date.fromordinal(day.toordinal() - 1)
    begins = shift.begins_at(at(zone, evening.year, evening.month, evening.day, 12, 0))
    assert begins == at(zone, evening.year, evening.month, evening.day, 22, 0)
    ends = shift.ends_at(begins)
    assert ends == at(zone, day.year, day.month, day.day, 6, 0)
    assert (ends - begins).total_seconds() / 3600 == hours


def test_AGT_009_an_hour_that_is_skipped_begins_nothing_before_it_is_there():
    shift = Shift.of(BERLIN, {"sun": [["02:30", "04:00"]]})
    now = at(BERLIN, 2026, 3, 29, 1, 0)
    assert shift.begins_at(now) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 there: 02:30 never comes
    assert shift.ends_at(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == at(BERLIN, 2026, 3, 29, 4, 0)


def test_AGT_009_an_hour_that_comes_twice_counts_twice():
    shift = Shift.of(NEW_YORK, {"sun": [["01:15", "01:45"]]})
    first = at(NEW_YORK, 2026, 11, 1, 1, 20)
    assert shift.is_on(first)
    assert shift.ends_at(first) == at(NEW_YORK, 2026, 11, 1, 1, 45)
    assert shift.begins_at(at(NEW_YORK, 2026, 11, 1, 1, 50)) == at(NEW_YORK, 2026, 11, 1, 1, 15, fold=1)


@pytest.mark.parametrize("zone", [HANOI, BERLIN, NEW_YORK, "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_AGT_009_days_of_leave_are_days_of_his_own_zone(zone):
    shift = Shift.of(zone, None, [(date(2026, 3, 3), date(2026, 3, 4))])
    for day, hour, is_off in [((3, 2), 23, False), ((3, 3), 0, True), ((3, 4), 23, True), ((3, 5), 0, False)]:
        now = at(zone, 2026, *day, hour, 0)
        assert shift.is_on(now) is not is_off, now
        assert shift.is_on_leave(now) is is_off, now
    assert shift.ends_at(at(zone, 2026, 3, 2, 12, 0)) == at(zone, 2026, 3, 3, 0, 0)
    assert shift.begins_at(at(zone, 2026, 3, 3, 12, 0)) == at(zone, 2026, 3, 5, 0, 0)


def test_AGT_009_leave_of_many_days_and_overlapping_leave_end_once():
    leave = [(date(2026, 3, 1), date(2026, 12, 31)), (date(2026, 12, 30), date(2027, 1, 10))]
    shift = Shift.of(BERLIN, OFFICE, leave)
    assert shift.begins_at(at(BERLIN, 2026, 5, 4, 10, 0)) == at(BERLIN, 2027, 1, 11, 9, 0)
    assert shift.is_on_leave(at(BERLIN, 2026, 5, 3, 10, 0)), "a Sunday within leave is leave"


def test_AGT_009_never_and_always_are_two_things():
    now = at(BERLIN, *MONDAY, 3, 0)
    never, always = Shift.of(BERLIN, {}), Shift.of(BERLIN, None)
    assert (never.is_on(now), never.changes_at(now), never.begins_at(now), never.ends_at(now)) == (
        False,
        *[None] * 3,
    )
    assert (always.is_on(now), always.changes_at(now), always.begins_at(now)) == (True, None, now)
    assert not never.is_on_leave(now)
    assert always.ends_at(now) is None


def test_AGT_009_a_week_without_a_gap_is_looked_at_again_before_long():
    now = at(BERLIN, *MONDAY, 3, 0)
    shift = Shift.of(BERLIN, ALWAYS)
    assert shift.ends_at(now) is None
    assert shift.changes_at(now) == now + AHEAD


@pytest.mark.parametrize(
    "schedule", [{"mon": [["9", "17:00"]]}, {"moon": [["09:00", "17:00"]]}, {"mon": [["09:00"]]}]
)
def test_AGT_009_what_is_no_week_is_refused(schedule):
    with pytest.raises(ValueError, match=r"\S"):
        Shift.of(HANOI, schedule)
