"""SLA-003, SLA-004: calendars in versions: what makes one, what is refused, what is known of the coming years."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.opening_times import OpeningTimes, read_day
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.policy import PolicyVersion
from helpdesk.sla.public_holidays import PublicHolidays
from helpdesk.sla.tracker import Tracker
from tests.sla.calendars import changed, made, told, values, versions
from tests.sla.desk_time import own_policy, targets
from tests.support.databases import both_databases

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def policy_with(world, calendar_id, **other) -> int:
    with world.inside():
        version = own_policy(targets=targets(first=3600, resolution=7200), calendar_id=calendar_id, **other)
        return version.policy_id


# Versions -------------------------------------------------------------------------------------------------------


@both_databases
def test_SLA_004_other_hours_make_the_next_version_and_names_alone_make_none(world):
    id_ = made(world)
    changed(world, id_, name_en="Desk")
    assert [v.number for v in versions(world, id_)] == [1]
    changed(world, id_, zone="Asia/Tokyo")
    changed(world, id_, schedule={"sat": [["10:00", "12:00"]]}, apply_to_running=True)
    assert [(v.number, v.zone, v.moved_to_id) for v in versions(world, id_)] == [
        (1, "Europe/Berlin", None), (2, "Asia/Tokyo", None), (3, "Asia/Tokyo", 0),
    ]  # fmt: skip
    with world.inside():
        assert {v.created_by_id for v in versions(world, id_)} == {world.user("Mai").id}


def test_SLA_004_what_is_the_same_makes_nothing_and_is_told_to_nobody(world):
    id_ = made(world, country="VN")
    before = told(world)
    changed(world, id_, apply_to_running=True, **values(country="VN"))
    assert len(versions(world, id_)) == 1
    assert told(world) == before


def test_SLA_004_the_history_says_old_and_new_values(world):
    id_ = made(world)
    changed(world, id_, name_vi="Bàn", zone="Asia/Tokyo", closures=[{"date": "2026-12-24", "name_en": "x"}])
    (first, _), (second, data) = told(world)
    assert (first, second) == ("created", "changed")
    assert data["changes"] == {
        "name_vi": ["Văn phòng", "Bàn"], "zone": ["Europe/Berlin", "Asia/Tokyo"],
        "closures": [[], [{"date": "2026-12-24", "name_en": "x"}]],
    }  # fmt: skip
    assert (data["number"], data["called"]) == (2, {"en": "Office", "vi": "Bàn"})


def test_SLA_004_hours_that_change_outdate_who_edits_the_calendar_meanwhile(world):
    id_ = made(world)
    with world.inside():
        before = world.one(Calendar, id=id_).version
    changed(world, id_, zone="Asia/Tokyo")
    with world.inside():
        assert world.one(Calendar, id=id_).version == before + 1


def test_SLA_004_a_running_ticket_keeps_the_version_that_it_began_with(world):
    id_ = made(world)
    policy_with(world, id_)
    ticket = world.ticket()
    changed(world, id_, zone="Asia/Tokyo")
    later = world.ticket()
    with world.inside():
        numbers = [world.one(Tracker, ticket_id=t).calendar_version.number for t in (ticket, later)]
    assert numbers == [1, 2]


# What is refused ------------------------------------------------------------------------------------------------


REFUSED = [
    ({"schedule": {}}, "some open time"),
    ({"schedule": {"mon": []}}, "some open time"),
    ({"schedule": {"mon": [["09:00", "09:00"]]}}, "cannot be read"),
    ({"schedule": {"mon": [["09:00", "25:00"]]}}, "cannot be read"),
    ({"schedule": {"noday": [["09:00", "10:00"]]}}, "cannot be read"),
    ({"zone": "../../etc/passwd"}, "no such time zone"),
    ({"zone": "Mars/Olympus"}, "no such time zone"),
    ({"zone": "x" * 64}, "no such time zone"),
    ({"country": "ZZ"}, "not known"),
    ({"country": "DE", "subdivision": "XX"}, "not known"),
    ({"closures": [{"date": "2026-01-01", "until": "2027-05-15"}]}, "cannot be read"),
    ({"closures": [{"date": "2026-02-30"}]}, "cannot be read"),
    ({"closures": [{"date": "2026-01-02", "until": "2026-01-01"}]}, "cannot be read"),
    ({"closures": [{"date": "9999-12-31"}]}, "2000 to 2099"),
    ({"closures": [{"date": "0001-01-01", "yearly": True}]}, "2000 to 2099"),
    ({"closures": [{"date": f"20{y:02}-01-01"} for y in range(90)] * 3}, "At most 200"),
    ({"closures": [{"date": "2026-01-01", "until": "2026-12-31"}] * 3}, "732 days"),
    ({"closures": [{"date": "2026-01-01", "until": "2026-12-31", "yearly": True}]}, "no open time left"),
    ({"closures": [{}]}, "cannot be read"),
    ({"closures": ["2026-01-01"]}, "cannot be read"),
    ({"schedule": "mon"}, "cannot be read"),
]  # fmt: skip


def test_SLA_003_what_cannot_be_a_calendar_is_refused_with_a_sentence(world):
    id_ = made(world)
    for wrong, said in REFUSED:
        with pytest.raises(Refusal, match=said):
            changed(world, id_, **wrong)
        with pytest.raises(Refusal, match=said), world.inside():
            Calendar.create(values(**wrong), by=world.user("Mai"))
    assert len(versions(world, id_)) == 1
    with world.inside():
        assert world.count(Calendar) == 1


@both_databases
def test_SLA_004_one_that_a_policy_counts_by_is_not_archived_and_the_sentence_names_it(world):
    id_ = made(world)
    policy_with(world, id_)
    with pytest.raises(Refusal, match="“Own”"), world.inside():
        db.session.get_one(Calendar, id_).archive(by=world.user("Mai"))
    with world.inside():
        assert world.one(Calendar, id=id_).archived_at is None


def test_SLA_004_one_that_only_an_old_version_of_a_policy_used_is_archived_and_restored_once(world):
    id_, other = made(world), made(world)
    policy_id = policy_with(world, id_)
    with world.inside():
        db.session.add(PolicyVersion(policy_id=policy_id, number=2, targets={}, calendar_id=other))
    for deed in ("archive", "archive", "restore", "restore"):
        with world.inside():
            getattr(db.session.get_one(Calendar, id_), deed)(by=world.user("Mai"))
    assert [name for name, _ in told(world)] == ["created", "created", "archived", "restored"]


# The years that are known ---------------------------------------------------------------------------------------


def test_SLA_003_the_holidays_of_a_country_are_kept_with_the_version(world):
    id_ = made(world, country="VN", zone="Asia/Ho_Chi_Minh")
    (version,) = versions(world, id_)
    with world.inside():
        version = db.session.get_one(CalendarVersion, version.id)
        years = {day["date"][:4] for day in version.holidays}
        assert (min(years), max(years)) == ("2025", "2036")
        (name,) = version.names_on(date(2026, 9, 2))
        assert name == {"en": "National Day", "vi": "Quốc khánh"}
        start = datetime(2026, 9, 1, 17, 0, tzinfo=UTC)  # the 2nd begins there
        assert version.hours.elapsed(start, datetime(2026, 9, 2, 17, 0, tzinfo=UTC)) == 0


@both_databases
def test_SLA_003_where_few_years_are_left_the_next_version_is_made_by_itself_and_moves_no_ticket(world):
    id_ = made(
        world, country="VN", zone="Asia/Ho_Chi_Minh", closures=[{"date": "2026-12-24", "yearly": True}]
    )
    gone = made(world)
    with world.inside():
        db.session.get_one(Calendar, gone).archive(by=world.user("Mai"))
    extend(world, datetime(2033, 12, 31, tzinfo=UTC))
    assert [v.number for v in versions(world, id_)] == [1]
    for _twice in range(2):
        extend(world, datetime(2034, 1, 1, tzinfo=UTC))
    first, second = versions(world, id_)
    assert (second.number, second.moved_to_id, second.created_by_id) == (2, None, None)
    assert (first.last_year, second.last_year) == (2036, 2044)
    assert (first.values, len(versions(world, gone))) == (second.values, 1)
    with world.inside():
        second = db.session.get_one(CalendarVersion, second.id)
        assert second.holidays[-1]["date"].startswith("2044")
        assert second.names_on(date(2044, 12, 24))
    assert told(world)[-1][1]["changes"] == {"last_year": [2036, 2044]}


def extend(world, at):
    with clock.frozen(at), world.inside():
        Calendar.extend_known()


def test_SLA_003_a_yearly_closure_around_29_february_closes_that_day_too(world):
    id_ = made(
        world, closures=[{"date": "2026-02-25", "until": "2026-03-02", "yearly": True, "name_en": "Tet"}]
    )
    with world.inside():
        version = db.session.get_one(Calendar, id_).newest
        assert [bool(version.names_on(date(2028, *day))) for day in [(2, 29), (3, 2), (3, 3)]] == [
            True,
            True,
            False,
        ]
        leap_day = datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)
        assert version.hours.elapsed(*leap_day) == 0


def test_SLA_003_what_runs_over_new_year_is_known_on_both_sides_and_29_february_in_leap_years(world):
    turn = {"date": "2026-12-30", "until": "2027-01-02", "yearly": True, "name_en": "Turn"}
    leap = {"date": "2024-02-29", "yearly": True, "name_en": "Leap"}
    id_ = made(world, closures=[turn, leap])
    with world.inside():
        version = db.session.get_one(Calendar, id_).newest
        named = [
            bool(version.names_on(date(*day)))
            for day in [
                (2030, 1, 1),
                (2030, 12, 31),
                (2030, 1, 3),
                (2028, 2, 29),
                (2027, 2, 28),
                (2027, 3, 1),
            ]
        ]
        assert named == [True, True, False, True, False, False]
        day = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 2, tzinfo=UTC)
        assert version.hours.elapsed(*day) == 0


# Opening times as they are written ------------------------------------------------------------------------------


@pytest.mark.parametrize("line,found", [
    ("", []),
    ("09:00-12:00, 13:00-17:30", [["09:00", "12:00"], ["13:00", "17:30"]]),
    ("13:00–17:30; 9-12", [["09:00", "12:00"], ["13:00", "17:30"]]),
    ("9:00 - 12:00 13:00 - 17:00", [["09:00", "12:00"], ["13:00", "17:00"]]),
    ("8h30-11h, 13h-17h30", [["08:30", "11:00"], ["13:00", "17:30"]]),
    ("09:00-13:00, 12:00-17:00", [["09:00", "17:00"]]),
    ("09:00-12:00, 12:00-17:00", [["09:00", "17:00"]]),
    ("0-24", [["00:00", "24:00"]]),
    ("18:00-24:00", [["18:00", "24:00"]]),
    ("18:00-00:00", [["18:00", "24:00"]]),
    ("22:00-06:00", [["22:00", "06:00"]]),
    ("20:00-23:00, 22:00-06:00", [["20:00", "06:00"]]),
    ("0-24, 22:00-06:00", [["00:00", "24:00"], ["22:00", "06:00"]]),
    ("05:00-01:00, 22:00-06:00", [["05:00", "01:00"], ["22:00", "06:00"]]),
])  # fmt: skip
def test_SLA_003_opening_times_are_read_as_people_write_them(line, found):
    assert read_day(line) == found


@pytest.mark.parametrize(
    "line",
    ["x", "9", "9-", "09:60-10:00", "25-26", "24:00-25:00", "9-9", "-1-5", "９-１２", "9-12" * 50, "<b>"],
)
def test_SLA_003_an_opening_time_that_cannot_be_read_says_how_to_write_it(client, line):
    with client.application.test_request_context(), pytest.raises(Refusal):
        read_day(line)


def test_SLA_003_a_night_shows_on_the_day_after_too():
    times = OpeningTimes({"sun": [["22:00", "06:00"]]})
    assert times.bars("sun") == [(22 * 60, 120)]
    assert times.bars("mon") == [(0, 360)]
    assert times.minutes == 480


# The library of holidays ----------------------------------------------------------------------------------------


def test_SLA_003_countries_are_named_in_the_readers_language_and_sorted_by_it():
    english, vietnamese = PublicHolidays.countries("en"), PublicHolidays.countries("vi")
    assert ("VN", "Vietnam") in english
    assert ("VN", "Việt Nam") in vietnamese
    assert len(english) > 200
    names = [name for _, name in vietnamese]
    assert names.index("Ai Cập") < names.index("Ấn Độ") < names.index("Đức") < names.index("Việt Nam")


def test_SLA_003_a_region_has_days_of_its_own():
    names = dict(PublicHolidays("DE").subdivisions)
    assert names["BY"] == "Bayern"
    epiphany = {"date": "2026-01-06", "name_en": "Epiphany", "name_vi": ""}
    assert epiphany in PublicHolidays("DE", "BY").days([2026])
    assert epiphany not in PublicHolidays("DE").days([2026])


def test_SLA_003_every_country_of_the_list_answers_without_a_warning():
    for code, _name in PublicHolidays.countries("en"):
        for day in PublicHolidays(code).days([1800, 2026, 2150]):
            assert day["name_en"], code
