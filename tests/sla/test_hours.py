"""Business time by the rule: SLA-003, right to the second in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from time import perf_counter

import pytest

from helpdesk.core.hours import Hours, Segment

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
EVERY_DAY = (*WORKDAYS, "sat", "sun")
WHOLE_DAYS = {day: [("00:00", "24:00")] for day in EVERY_DAY}
Closures = tuple[tuple[date, str, str], ...]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "Z")


def office(zone: str = "UTC", holidays: tuple[str, ...] = (), closures: Closures = ()) -> Hours:
    days = [date.fromisoformat(day) for day in holidays]
    return Hours.of(zone, {day: [("09:00", "17:00")] for day in WORKDAYS}, days, closures)


def daily(zone: str, *shifts: tuple[str, str]) -> Hours:
    return Hours.of(zone, dict.fromkeys(EVERY_DAY, shifts))


# The rule of the due instant


def test_SLA_003_a_target_used_up_exactly_at_closing_is_due_at_closing() -> None:
    assert office().due(at("2026-01-05T15:00"), 2 * 3600) == at("2026-01-05T17:00")
    assert office().due(at("2026-01-05T15:00"), 2 * 3600 + 1) == at("2026-01-06T09:00:01")
    assert office().due(at("2026-01-02T16:00"), 3600) == at("2026-01-02T17:00"), "not on Monday"


def test_SLA_003_a_start_outside_hours_begins_to_count_at_opening() -> None:
    for start in ("2026-01-02T17:00", "2026-01-03T12:00", "2026-01-05T08:59:59", "2026-01-05T09:00"):
        assert office().due(at(start), 60) == at("2026-01-05T09:01")


def test_SLA_003_no_seconds_are_due_at_the_start_open_or_not() -> None:
    for start in ("2026-01-05T10:00", "2026-01-03T12:00"):
        assert office().due(at(start), 0) == at(start)
        assert office().due(at(start), 0, [(at("2026-01-01T00:00"), at("2026-02-01T00:00"))]) == at(start)


def test_SLA_003_the_due_instant_is_the_earliest_with_that_much_elapsed() -> None:
    hours, start = office("Europe/Berlin", ("2026-03-30",)), at("2026-03-27T13:37:11")
    for seconds in (1, 59, 3600, 8 * 3600, 100_000):
        due = hours.due(start, seconds)
        assert hours.elapsed(start, due) == seconds
        assert hours.elapsed(start, due - timedelta(microseconds=1)) == seconds - 1


def test_SLA_003_around_the_clock_counts_every_second() -> None:
    assert Hours.ALWAYS.due(at("2026-03-28T23:00"), 86_400) == at("2026-03-29T23:00")
    assert Hours.ALWAYS.elapsed(at("2021-01-01T00:00"), at("2026-01-01T00:00")) == 1826 * 86_400


def test_SLA_003_parts_of_a_second_stay_exact() -> None:
    assert office().due(at("2026-01-05T16:59:59.750"), 1) == at("2026-01-06T09:00:00.750")
    assert office().due(at("2026-01-05T16:59:59.000001"), 1) == at("2026-01-06T09:00:00.000001")
    assert office().elapsed(at("2026-01-05T16:59:58.500"), at("2026-01-06T09:00:00.499999")) == 1
    assert office().elapsed(at("2026-01-05T16:59:58.500"), at("2026-01-06T09:00:00.500")) == 2


def test_SLA_003_instants_of_any_zone_are_answered_in_utc() -> None:
    start = datetime(2026, 1, 5, 17, 0, tzinfo=timezone(timedelta(hours=7)))
    assert office().due(start, 60).isoformat() == "2026-01-05T10:01:00+00:00"


# Writing hours down


@pytest.mark.parametrize(
    "shifts",
    [
        [("09:00", "12:00"), ("12:00", "17:00")],
        [("13:00", "17:00"), ("09:00", "14:00")],
        [("09:00", "17:00"), ("10:00", "11:00"), ("20:00", "20:00")],
        [["9:00", "17:00:00"]],
    ],
    ids=["touching", "unsorted and overlapping", "nested and empty", "other spellings"],
)
def test_SLA_003_hours_that_mean_the_same_are_the_same(shifts: list[tuple[str, str]]) -> None:
    written, plain = Hours.of("UTC", dict.fromkeys(WORKDAYS, shifts)), office()
    assert written == plain
    assert hash(written) == hash(plain)


def test_SLA_003_an_overnight_shift_runs_into_the_next_day() -> None:
    overnight = Hours.of("UTC", {"sun": [("22:00", "06:00")], "wed": [("20:00", "00:00")]})
    split = Hours.of(
        "UTC", {"sun": [("22:00", "24:00")], "mon": [("00:00", "06:00")], "wed": [("20:00", "24:00")]}
    )
    assert overnight == split
    assert overnight.due(at("2026-01-04T21:00"), 8 * 3600) == at("2026-01-05T06:00")


def test_SLA_003_a_shift_at_24_00_belongs_to_the_next_day() -> None:
    assert Hours.of("UTC", {"sun": [("24:00", "06:00")]}) == Hours.of("UTC", {"mon": [("00:00", "06:00")]})


def test_SLA_003_seven_whole_days_are_around_the_clock() -> None:
    assert daily("UTC", ("00:00", "24:00")) == Hours.ALWAYS


@pytest.mark.parametrize(
    "schedule", [{}, {"mon": []}, {"mon": [("09:00", "09:00")], "tue": [("24:00", "24:00")]}]
)
def test_SLA_003_a_calendar_with_no_open_time_is_refused(schedule: dict[str, list[tuple[str, str]]]) -> None:
    with pytest.raises(ValueError, match="a calendar needs some open time"):
        Hours.of("UTC", schedule)


# Days off


def test_SLA_003_a_holiday_closes_the_whole_local_day() -> None:
    hours = Hours.of("Asia/Ho_Chi_Minh", WHOLE_DAYS, [date(2026, 4, 30)])
    assert hours.elapsed(at("2026-04-29T16:59:59"), at("2026-04-30T17:00:01")) == 2


def test_SLA_003_a_holiday_closes_what_lies_on_it_of_an_overnight_shift() -> None:
    hours = Hours.of("UTC", {"mon": [("22:00", "06:00")]}, [date(2026, 1, 6)])
    assert hours.due(at("2026-01-05T12:00"), 7200) == at("2026-01-06T00:00")
    assert hours.due(at("2026-01-05T12:00"), 7201) == at("2026-01-12T22:00:01")


def test_SLA_003_partial_closures_overlap_touch_and_fall_on_closed_days() -> None:
    eve = date(2026, 12, 24)
    parts = ((eve, "15:00", "24:00"), (eve, "12:00", "15:00"), (eve, "14:00", "16:00"))
    saturday = (date(2026, 12, 26), "09:00", "10:00")
    hours = office(holidays=("2026-12-25", "2026-12-26"), closures=(*parts, saturday))
    assert hours.elapsed(at("2026-12-24T00:00"), at("2026-12-28T10:00")) == 4 * 3600
    assert hours.due(at("2026-12-24T11:00"), 3600) == at("2026-12-24T12:00")
    assert hours.due(at("2026-12-24T11:00"), 3601) == at("2026-12-28T09:00:01")


def test_SLA_003_years_of_holidays_end_and_the_due_instant_is_found() -> None:
    days = tuple((date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(3652))
    assert office(holidays=days).due(at("2026-01-01T00:00"), 60) == at("2036-01-01T09:01")


# Pauses


def test_SLA_003_pauses_may_overlap_and_come_in_any_order() -> None:
    pauses = [
        (at("2026-01-05T12:00"), at("2026-01-05T13:00")),
        (at("2026-01-05T10:00"), at("2026-01-05T11:00")),
        (at("2026-01-05T10:30"), at("2026-01-05T11:30")),
        (at("2026-01-05T14:00"), at("2026-01-05T14:00")),
        (at("2026-01-05T17:00"), at("2026-01-06T09:00")),
    ]
    assert office().elapsed(at("2026-01-05T09:00"), at("2026-01-06T09:30"), pauses) == 6 * 3600
    assert office().due(at("2026-01-05T09:00"), 5400, pauses) == at("2026-01-05T12:00"), "as the pause begins"
    assert office().due(at("2026-01-05T09:00"), 5401, pauses) == at("2026-01-05T13:00:01")
    assert office().due(at("2026-01-05T10:15"), 60, pauses) == at("2026-01-05T11:31")


# Daylight saving: (zone, shifts, from, to, open seconds), all by the wall clock of the zone


@pytest.mark.parametrize(
    ("zone", "shift", "start", "end", "seconds"),
    [
        ("Europe/Berlin", ("00:00", "24:00"), "2026-10-24T22:00", "2026-10-25T23:00", 25 * 3600),
        ("Europe/Berlin", ("00:00", "24:00"), "2026-03-28T23:00", "2026-03-29T22:00", 23 * 3600),
        ("Europe/Berlin", ("02:00", "03:00"), "2026-03-28T23:00", "2026-03-29T22:00", 0),
        ("Europe/Berlin", ("02:00", "03:00"), "2026-10-24T22:00", "2026-10-25T23:00", 7200),
        ("Europe/Berlin", ("02:15", "02:45"), "2026-10-24T22:00", "2026-10-25T23:00", 3600),
        ("America/New_York", ("01:30", "03:30"), "2026-03-08T05:00", "2026-03-09T04:00", 3600),
        ("Australia/Lord_Howe", ("00:00", "24:00"), "2026-04-04T13:00", "2026-04-05T13:30", 24 * 3600 + 1800),
        ("Australia/Lord_Howe", ("01:30", "02:00"), "2026-04-04T13:00", "2026-04-05T13:30", 3600),
        ("America/Santiago", ("00:00", "08:00"), "2026-09-06T04:00", "2026-09-07T03:00", 7 * 3600),
        ("America/Santiago", ("23:00", "24:00"), "2026-04-04T03:00", "2026-04-05T04:00", 7200),
        ("Africa/Cairo", ("00:00", "24:00"), "2026-04-23T22:00", "2026-04-24T21:00", 23 * 3600),
        ("Asia/Tehran", ("00:00", "24:00"), "2021-09-20T19:30", "2021-09-21T20:30", 25 * 3600),
        ("Pacific/Apia", ("09:00", "17:00"), "2011-12-29T10:00", "2011-12-31T10:00", 2 * 8 * 3600),
    ],
)  # fmt: skip
def test_SLA_003_daylight_saving_counts_real_seconds(
    zone: str, shift: tuple[str, str], start: str, end: str, seconds: int
) -> None:
    hours = daily(zone, shift)
    assert hours.elapsed(at(start), at(end)) == seconds
    if seconds:
        assert hours.elapsed(at(start), hours.due(at(start), seconds)) == seconds


def test_SLA_003_a_repeated_closing_time_is_met_in_its_first_pass() -> None:
    """01:00 to 02:30 when 03:00 goes back to 02:00: closed after the first 02:30, open again from 02:00."""
    hours = daily("Europe/Berlin", ("01:00", "02:30"))
    assert hours.due(at("2026-10-24T23:00"), 5400) == at("2026-10-25T00:30")
    assert hours.due(at("2026-10-24T23:00"), 5401) == at("2026-10-25T01:00:01")


def test_SLA_003_a_holiday_that_daylight_saving_returns_to_is_closed_again() -> None:
    """St John's went from 00:01 back to 23:01: one minute, then the holiday again."""
    hours = Hours.of("America/St_Johns", WHOLE_DAYS, [date(2010, 11, 6)])
    assert hours.elapsed(at("2010-11-06T02:30"), at("2010-11-07T03:30")) == 60


# The explanation


def test_SLA_003_segments_give_the_account_of_a_span() -> None:
    hours = office(holidays=("2026-01-06",), closures=((date(2026, 1, 7), "09:00", "09:30"),))
    pauses = [(at("2026-01-05T16:00"), at("2026-01-05T20:00"))]
    expected = [
        ("2026-01-05T15:00", "2026-01-05T16:00", "open"),
        ("2026-01-05T16:00", "2026-01-05T17:00", "paused"),
        ("2026-01-05T17:00", "2026-01-06T00:00", "closed"),
        ("2026-01-06T00:00", "2026-01-07T00:00", "holiday"),
        ("2026-01-07T00:00", "2026-01-07T09:00", "closed"),
        ("2026-01-07T09:00", "2026-01-07T09:30", "holiday"),
        ("2026-01-07T09:30", "2026-01-07T10:00", "open"),
    ]
    found = hours.segments(at("2026-01-05T15:00"), at("2026-01-07T10:00"), pauses)
    assert found == [Segment(at(start), at(end), reason == "open", reason) for start, end, reason in expected]  # type: ignore[arg-type]


def test_SLA_003_an_empty_span_needs_no_account() -> None:
    assert office().segments(at("2026-01-05T15:00"), at("2026-01-05T15:00")) == []


def test_SLA_003_midnight_inside_a_night_shift_does_not_cut_the_account() -> None:
    found = daily("Europe/Berlin", ("22:00", "06:00")).segments(
        at("2026-10-24T12:00"), at("2026-10-25T12:00")
    )
    assert [(segment.reason, segment.end - segment.start) for segment in found] == [
        ("closed", timedelta(hours=8)),
        ("open", timedelta(hours=9)),
        ("closed", timedelta(hours=7)),
    ]


# What is refused


def test_SLA_003_what_makes_no_sense_is_refused() -> None:
    hours, noon, before = office(), at("2026-01-05T12:00"), at("2026-01-05T11:00")
    with pytest.raises(ValueError, match="cannot be negative"):
        hours.due(noon, -1)
    with pytest.raises(ValueError, match="needs a time zone"):
        hours.due(noon.replace(tzinfo=None), 60)
    with pytest.raises(ValueError, match="ends before it begins"):
        hours.elapsed(noon, before)
    with pytest.raises(ValueError, match="ends before it begins"):
        hours.segments(noon, before)
    with pytest.raises(ValueError, match="ends before it begins"):
        hours.due(noon, 60, [(noon, before)])
    with pytest.raises(ValueError, match="before the year 9999"):
        hours.due(noon, 10**12)
    with pytest.raises(ValueError, match="years 2 to 9998"):
        hours.due(datetime.max.replace(tzinfo=UTC), 60)


# Cost


def test_SLA_003_years_cost_no_more_than_an_afternoon() -> None:
    """A wide margin around what the benchmark measures: walking 1,826 days one by one would not fit."""
    hours, start, end = (
        office("Europe/Berlin", ("2026-01-01",)),
        at("2026-01-01T00:00"),
        at("2031-01-01T00:00"),
    )
    hours.elapsed(start, end)
    took = []
    for _ in range(50):
        began = perf_counter()
        hours.elapsed(start, end)
        took.append(perf_counter() - began)
    assert sorted(took)[25] < 0.001
