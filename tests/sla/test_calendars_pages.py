"""SLA-003, SLA-004: the settings pages of calendars, as a browser without scripts sees them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpdesk.core import clock
from helpdesk.sla.calendar import Calendar
from tests.sla.calendars import LIST, changed, facts, latest, page_of, send, used
from tests.support.page import form, read
from tests.support.seat import Seat

T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@pytest.fixture
def mai(world):
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


# The list -------------------------------------------------------------------------------------------------------


def test_SLA_003_the_list_says_what_is_open_where_and_who_uses_it(world, mai):
    assert "No calendars yet" in mai.get(LIST).text
    used(world, zone="Asia/Ho_Chi_Minh", country="VN", name_vi="", closures=[{"date": "2026-12-24"}])
    page = mai.get(LIST)
    assert "40 h a week" in facts(page)
    assert "Asia/Ho_Chi_Minh, now 15:00" in facts(page)
    assert "Vietnam" in facts(page)
    assert "15 in 2026, 15 in 2027" in facts(page)
    assert "used by Own" in facts(page)
    assert "Vietnamese missing" in page.text


def test_SLA_003_archived_ones_are_behind_a_link(world, mai):
    path = page_of(world)
    assert form(mai.get(path), "/archival").send(mai.client).status_code == 303
    page = mai.get(LIST)
    assert "Show 1 archived calendar" in page.text
    assert path not in page.text
    assert path in mai.get(f"{LIST}?archived").text
    assert form(mai.get(path), "/restoration").send(mai.client).status_code == 303
    assert path in mai.get(LIST).text


def test_SLA_004_archiving_one_that_is_used_says_by_whom(world, mai):
    path = used(world)
    answer = form(mai.get(path), "/archival").send(mai.client)
    assert answer.status_code == 409
    assert "“Own”" in answer.text


# Making and changing --------------------------------------------------------------------------------------------


def test_SLA_003_a_calendar_is_made_as_it_is_written(world, mai):
    answer = form(mai.get(f"{LIST}/new"), LIST).send(mai.client, **{
        "name_en": "Shop", "zone": "asia/ho_chi_minh", "mon": "13-17:30, 8:00-12:00, 11-12", "fri": "22:00-06:00",
        "country": "DE", "subdivision": "BY", "closures-0-date": "2026-12-24", "closures-0-name_en": "Eve",
        "closures-0-start": "12:00", "closures-0-yearly": "y",
    })  # fmt: skip
    assert answer.status_code == 303
    with world.inside():
        newest = world.one(Calendar).newest
    assert newest.zone == "Asia/Ho_Chi_Minh"
    assert newest.schedule["mon"] == [["08:00", "12:00"], ["13:00", "17:30"]]
    assert newest.schedule["fri"] == [["22:00", "06:00"]]
    assert "sat" not in newest.schedule
    assert (newest.country, newest.subdivision) == ("DE", "BY")
    eve = {"date": "2026-12-24", "from": "12:00", "yearly": True, "name_en": "Eve", "name_vi": ""}
    assert newest.closures == [eve]
    assert any(day["name_en"] == "Epiphany" for day in newest.holidays)


def test_SLA_003_there_is_something_to_begin_with(mai):
    for like, day, line in (
        ("office", "fri", "08:00-12:00, 13:00-17:30"), ("shop", "sun", "09:00-18:00"), ("night", "mon", "22:00-06:00"),
        ("../x", "mon", "08:00-12:00, 13:00-17:30"),
    ):  # fmt: skip
        assert form(mai.get(f"{LIST}/new", like=like), LIST).fields[day] == line


def test_SLA_004_what_nobody_counts_by_is_saved_at_once(world, mai):
    path = page_of(world)
    assert send(mai, path, sat="10-12").status_code == 303
    assert latest(world, path).schedule["sat"] == [["10:00", "12:00"]]
    assert send(mai, path).status_code == 303
    assert latest(world, path).number == 2
    page = mai.get(path)
    assert "Version 2" in page.text
    assert "closed" in next(read(page).all("del")).text
    assert "10:00-12:00" in next(read(page).all("ins")).text


def test_SLA_004_where_tickets_run_the_effects_are_shown_first_and_nothing_is_saved(world, mai):
    path = used(world)
    question = send(mai, path, name_en="Other", mon="10-12")
    assert question.status_code == 200
    assert "2 running deadlines are counted with this calendar." in question.text
    assert latest(world, path).number == 1
    again = form(question, path)
    assert (again.fields["mon"], again.fields["name_en"], "apply" in again.fields) == (
        "10-12",
        "Other",
        False,
    )
    unanswered = again.send(mai.client)
    assert unanswered.status_code == 422
    assert "Choose which tickets it is for." in unanswered.text
    assert form(unanswered, path).send(mai.client, apply="new").status_code == 303
    assert (latest(world, path).number, latest(world, path).moved_to_id) == (2, None)


def test_SLA_004_running_tickets_move_when_they_are_to(world, mai):
    path = used(world)
    question = send(mai, path, mon="10-12")
    assert form(question, path).send(mai.client, apply="running").status_code == 303
    assert (latest(world, path).number, latest(world, path).moved_to_id) == (2, 0)


def test_SLA_004_an_answer_counts_for_the_hours_that_it_was_asked_about(world, mai):
    path = used(world)
    question = form(send(mai, path, mon="10-12"), path)
    assert question.send(mai.client, apply="running", mon="10-11").status_code == 200
    assert send(mai, path, mon="10-11", apply="running").status_code == 200
    assert latest(world, path).number == 1


def test_SLA_004_a_new_name_alone_asks_nothing(world, mai):
    path = used(world)
    assert send(mai, path, name_en="Other").status_code == 303
    with world.inside():
        assert world.one(Calendar).name_en == "Other"
    assert latest(world, path).number == 1


def test_SLA_004_an_outdated_editor_gets_both_values_field_by_field(world, mai):
    path = page_of(world)
    sent = form(mai.get(path), path)
    changed(world, int(path.rpartition("/")[2]), zone="Asia/Tokyo", name_vi="Theirs")
    answer = sent.send(mai.client, mon="10-12")
    assert answer.status_code == 409
    rows = [[cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in read(answer).all("tr")]
    assert ["Time zone", "Europe/Berlin", "Asia/Tokyo"] in rows
    assert ["Monday", "10:00-12:00", "09:00-17:00"] in rows
    assert ["Name in Vietnamese", "Văn phòng", "Theirs"] in rows
    assert form(answer, path).send(mai.client).status_code == 303
    assert latest(world, path).zone == "Europe/Berlin"


# What the buttons of the page do --------------------------------------------------------------------------------


def test_SLA_003_monday_is_copied_and_nothing_is_saved(world, mai):
    path = page_of(world)
    again = form(send(mai, path, mon="7-9", sat="x", do="copy"), path)
    assert [again.fields[day] for day in ("tue", "fri", "sat", "sun")] == ["7-9", "7-9", "x", ""]
    assert latest(world, path).number == 1


def test_SLA_003_a_country_shows_its_regions_and_days_before_it_is_saved(world, mai):
    path = page_of(world)
    page = send(mai, path, country="DE", subdivision="TX", do="country")
    text = " ".join(table.text for table in read(page).all("table"))
    assert "Thu 1 Jan 2026" in text
    assert "Fri 1 Jan 2027" in text
    regions = [o.text for o in next(read(page).all("select", name="subdivision")).all("option")]
    assert "Bayern" in regions
    assert form(page, path).fields["subdivision"] == ""
    page = form(page, path).send(mai.client, subdivision="BY", do="country")
    assert "Epiphany" in page.text
    assert latest(world, path).country is None


def test_SLA_003_a_pasted_list_is_looked_over_before_it_counts(world, mai):
    path = page_of(world, closures=[{"date": "2026-12-24", "name_en": "Eve", "name_vi": ""}])
    lines = "2026-12-24 Eve\n28/1/2027 - 2/2/2027 Tet | Tết\n\n2026-05-04; Bridge day\nnext Friday\n31/02/2027 None"
    page = send(mai, path, pasted=lines, do="paste")
    again = form(page, path)
    assert "These lines do not begin with a date" in page.text
    assert again.fields["pasted"].split("\n") == ["next Friday", "31/02/2027 None"]
    assert again.send(mai.client).status_code == 422
    assert latest(world, path).number == 1
    assert again.send(mai.client, pasted="").status_code == 303
    assert latest(world, path).closures == [
        {"date": "2026-05-04", "name_en": "Bridge day", "name_vi": ""},
        {"date": "2026-12-24", "name_en": "Eve", "name_vi": ""},
        {"date": "2027-01-28", "until": "2027-02-02", "name_en": "Tet", "name_vi": "Tết"},
    ]  # fmt: skip


def test_SLA_003_a_day_off_is_removed_by_its_button(world, mai):
    days = [{"date": f"2026-05-0{n}", "name_en": str(n), "name_vi": ""} for n in (1, 2, 3)]
    path = page_of(world, closures=days)
    page = send(mai, path, do="remove-1")
    assert form(page, path).send(mai.client).status_code == 303
    assert [day["name_en"] for day in latest(world, path).closures] == ["1", "3"]


def test_SLA_003_there_are_always_two_empty_rows(world, mai):
    days = [{"date": f"2026-05-0{n}", "name_en": "x", "name_vi": ""} for n in (1, 2)]
    for path, rows in ((f"{LIST}/new", 2), (page_of(world, closures=days), 4)):
        page = mai.get(path)
        assert len(list(read(page).all("fieldset", class_="closure"))) == rows


def test_SLA_003_a_next_year_without_a_day_off_is_pointed_out(world, mai):
    assert "In 2027 there is no day off yet" in mai.get(page_of(world)).text
    for closures in (
        [{"date": "2020-12-24", "yearly": True}],
        [{"date": "2026-12-30", "until": "2027-01-02"}],
    ):
        assert "In 2027 there is no day off yet" not in mai.get(page_of(world, closures=closures)).text
    assert "In 2027 there is no day off yet" not in mai.get(page_of(world, country="VN")).text


def test_SLA_003_the_test_line_counts_with_the_calculator(world, mai):
    path = page_of(world, closures=[{"date": "2026-03-09"}])
    page = mai.get(path, at="2026-03-06T16:00", hours="4")
    assert "4 working hours end at Tuesday 10 March 2026, 12:00." in page.text
    for wrong in ({"at": "x", "hours": "4"}, {"at": "9999-12-31T23:59", "hours": "1"}, {"at": "", "hours": ""},
                  {"at": "2026-03-06T16:00", "hours": "-1"}, {"at": "2026-03-06T16:00", "hours": "0"},
                  {"at": "2026-03-06T16:00", "hours": "9" * 30}, {"hours": "1"}):  # fmt: skip
        assert mai.get(path, **wrong).status_code == 422, wrong
    assert (
        "working hours end" in mai.get(path, at="2026-03-29T02:30", hours="1,5").text
    )  # an hour that is skipped


def test_SLA_003_the_pages_read_vietnamese(world):
    mai = Seat(world, "Mai")
    path = page_of(world, country="VN", zone="Asia/Ho_Chi_Minh")
    page = mai.get(path)
    assert "Tết Nguyên Đán" in page.text
    assert "Thứ Hai" in page.text
    assert "40 giờ mỗi tuần" in facts(page)
    assert "Việt Nam" in facts(mai.get(LIST))
