"""NTF-003, NTF-005: windows, digests at the recipient's local hour and quiet hours, where daylight saving is minded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core.week import DAYS
from helpdesk.notifications.preference_times import PreferenceTimes
from tests.notifications.slow_times import SlowTimes

BERLIN, SAIGON, NEW_YORK = "Europe/Berlin", "Asia/Ho_Chi_Minh", "America/New_York"


def at(words: str, zone: str = "UTC", fold: int = 0) -> datetime:
    """A wall time of a zone as an instant."""
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("digest", "hour", "zone", "since", "closes"),
    [
        ("none", 8, "UTC", "2026-11-02 10:00:00", "2026-11-02 10:02:00"),
        (
            "hourly",
            8,
            "UTC",
            "2026-11-02 10:00:00",
            "2026-11-02 11:00:00",
        ),  # what comes just then is in the next
        ("hourly", 8, "UTC", "2026-11-02 10:59:59.999999", "2026-11-02 11:00:00"),
        ("hourly", 8, "Asia/Kolkata", "2026-11-02 10:10:00", "2026-11-02 11:00:00"),  # the local full hour
        ("hourly", 8, "Australia/Lord_Howe", "2026-10-04 01:10:00", "2026-10-04 03:00:00"),  # 02:00 is 02:30
        ("daily", 8, SAIGON, "2026-11-02 07:59:59", "2026-11-02 08:00:00"),
        ("daily", 8, SAIGON, "2026-11-02 08:00:00", "2026-11-03 08:00:00"),
        ("daily", 0, SAIGON, "2026-11-02 00:00:01", "2026-11-03 00:00:00"),
        ("daily", 2, BERLIN, "2027-03-27 12:00:00", "2027-03-28 03:00:00"),  # 02:00 is skipped that night
        ("daily", 8, BERLIN, "2027-03-27 12:00:00", "2027-03-28 08:00:00"),
        ("daily", 8, BERLIN, "2026-10-24 12:00:00", "2026-10-25 08:00:00"),
        ("daily", 2, BERLIN, "2026-10-24 12:00:00", "2026-10-25 02:00:00"),  # the first of two
    ],
)
def test_NTF_005_when_a_batch_closes(digest: str, hour: int, zone: str, since: str, closes: str) -> None:
    times = PreferenceTimes(zone, digest, hour)
    assert times.closes(at(since, zone), 120) == at(closes, zone)


def test_NTF_005_of_an_hour_that_comes_twice_the_daily_digest_leaves_once() -> None:
    times = PreferenceTimes(BERLIN, "daily", 2)
    assert times.closes(at("2026-10-25 02:00", BERLIN), 120) == at("2026-10-26 02:00", BERLIN)
    assert times.closes(at("2026-10-25 02:30", BERLIN, fold=1), 120) == at("2026-10-26 02:00", BERLIN)
    hourly = PreferenceTimes(BERLIN, "hourly")
    assert hourly.closes(at("2026-10-25 02:00", BERLIN), 120) == at("2026-10-25 02:00", BERLIN, fold=1)


@pytest.mark.parametrize(
    ("begin", "end", "days", "moment", "until"),
    [
        ("22:00", "07:00", DAYS, "2026-11-02 21:59:59", None),
        ("22:00", "07:00", DAYS, "2026-11-02 22:00:00", "2026-11-03 07:00"),
        ("22:00", "07:00", DAYS, "2026-11-03 06:59:59", "2026-11-03 07:00"),
        ("22:00", "07:00", DAYS, "2026-11-03 07:00:00", None),
        ("12:00", "13:30", DAYS, "2026-11-02 12:30:00", "2026-11-02 13:30"),
        ("22:00", "07:00", ("fri", "sat"), "2026-11-01 06:00:00", "2026-11-01 07:00"),  # begun on Saturday
        ("22:00", "07:00", ("fri", "sat"), "2026-11-01 23:00:00", None),
        ("00:00", "23:59", ("sun",), "2026-11-01 08:00:00", "2026-11-01 23:59"),
        ("22:00", "02:30", DAYS, "2027-03-28 01:30:00", "2027-03-28 03:00"),  # 02:30 is skipped that night
        ("22:00", "22:00", DAYS, "2026-11-02 22:00:00", None),
        ("", "", DAYS, "2026-11-02 03:00:00", None),
        ("22:00", "07:00", (), "2026-11-02 23:00:00", None),
    ],
)
def test_NTF_003_quiet_hours_move_what_leaves_in_them_to_their_end(
    begin: str, end: str, days: tuple[str, ...], moment: str, until: str | None
) -> None:
    times = PreferenceTimes(BERLIN, quiet_from=begin, quiet_to=end, quiet_days=tuple(days))
    instant = at(moment, BERLIN)
    assert times.out_of_quiet(instant) == (at(until, BERLIN) if until else instant)


@pytest.mark.parametrize(
    "zone", [BERLIN, NEW_YORK, SAIGON, "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"]
)
def test_NTF_005_times_agree_with_a_clock_that_is_looked_at_every_minute(zone: str) -> None:
    random = Random(zone)
    for _ in range(12):
        said = {
            "digest": random.choice(["hourly", "daily"]), "hour": random.randrange(24),
            "quiet_from": f"{random.randrange(24):02}:{random.choice('0134')}0",
            "quiet_to": f"{random.randrange(24):02}:{random.choice('0134')}5",
            "quiet_days": tuple(day for day in DAYS if random.random() < 0.7),
        }  # fmt: skip
        around = random.choice(
            ["2026-10-04", "2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28", "2027-04-04"]
        )
        since = at(around) + timedelta(minutes=random.randrange(-1440, 1440))
        times, slow = PreferenceTimes(zone, **said), SlowTimes(zone, **said)
        assert times.closes(since, 120) == slow.closes(since, 120), (said, since)
        assert times.out_of_quiet(since) == slow.out_of_quiet(since), (said, since)
