"""SLA-003: what nobody should type into the page of a calendar, and whose calendars it shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpdesk.core import clock
from tests.sla.calendars import LIST, latest, made, page_of, send
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


HOSTILE = [
    ("zone", "../../etc/passwd"), ("zone", ""), ("zone", "x" * 65), ("zone", "Mars/Olympus"), ("zone", "localtime"),
    ("country", "ZZ"), ("country", "<b>"), ("subdivision", "BY"), ("mon", "9-9"), ("mon", "x"), ("mon", "1-2," * 60),
    ("sun", "25-26"), ("name_en", "x" * 201), ("closures-0-date", "9999-12-31"), ("closures-0-date", "1999-12-31"),
    ("closures-0-date", "2026-02-30"), ("closures-0-date", "x" * 1000), ("closures-0-name_vi", "no date"),
    ("closures-0-until", "2026-01-01"), ("closures-0-start", "10:00"), ("closures-0-yearly", "y"),
    ("pasted", "2026-01-01 x"), ("pasted", "x" * 20_001),
]  # fmt: skip


def test_SLA_003_what_cannot_be_comes_back_with_what_was_typed(world, mai):
    path = page_of(world)
    for field, typed in HOSTILE:
        answer = send(mai, path, **({"name_vi": "Kept", "tue": "7-8"} | {field: typed}))
        assert answer.status_code == 422, (field, typed[:20])
        again = form(answer, path)
        assert (again.fields["name_vi"], again.fields["tue"]) == ("Kept", "7-8")
        assert "There is a problem" in answer.text
    assert latest(world, path).number == 1


WRONG_ROWS = [
    {"until": "2027-05-15"}, {"until": "2025-12-31"}, {"until": "x"}, {"start": "25:00"}, {"start": "x"},
    {"start": "12:00", "end": "9:00"}, {"end": "00:00"}, {"name_en": "x" * 201},
]  # fmt: skip


def test_SLA_003_a_day_off_that_cannot_be_says_so_at_its_row(world, mai):
    path = page_of(world)
    for typed in WRONG_ROWS:
        row = {f"closures-0-{name}": value for name, value in ({"date": "2026-01-01"} | typed).items()}
        answer = send(mai, path, **row)
        assert answer.status_code == 422, typed
        assert [link for link in read(answer).all("a") if link.attributes["href"].startswith("#closures-0-")]
        assert form(answer, path).fields["closures-0-date"] == "2026-01-01"


def test_SLA_003_an_empty_week_and_a_year_without_a_day_are_refused(world, mai):
    path = page_of(world)
    closed = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "")
    assert "A calendar needs some open time." in send(mai, path, **closed).text
    always = {"closures-0-date": "2026-01-01", "closures-0-until": "2026-12-31", "closures-0-yearly": "y"}
    answer = send(mai, path, **always)
    assert answer.status_code == 422
    assert "no open time left" in answer.text


def test_SLA_003_a_thousand_days_off_and_megabytes_of_hours_are_too_much(world, mai):
    path = page_of(world)
    rows = {f"closures-{n}-date": "2026-01-01" for n in range(1000)}
    good = {"name_en": "x", "zone": "UTC", "mon": "9-17"}
    answer = mai.post(path, **good, **rows)
    assert answer.status_code == 422
    assert "At most 200 own days off fit." in answer.text
    lines = "\n".join(f"2026-01-{n % 28 + 1:02} x" for n in range(900))
    assert "At most 200" in mai.post(path, **good, pasted=lines, do="paste").text
    assert mai.post(path, **(good | {"mon": "9-17," * 200_000})).status_code == 422
    assert mai.post(path, **(good | {"mon": "9-17," * 2_000_000})).status_code == 413
    assert latest(world, path).number == 1


def test_SLA_003_29_february_every_year_is_fine(world, mai):
    path = page_of(world)
    row = {"closures-0-date": "2028-02-29", "closures-0-yearly": "y"}
    assert send(mai, path, **row).status_code == 303
    assert "29 February (every year)" in mai.get(path).text


def test_SLA_003_a_button_that_is_not_there_loses_nothing(world, mai):
    path = page_of(world)
    for odd in ("remove-99", "remove-", "remove-x", "copy-1", "paste-", "remove-0-1"):
        answer = send(mai, path, do=odd, mon="7-8")
        assert (answer.status_code, form(answer, path).fields["mon"]) == (200, "7-8"), odd
    assert latest(world, path).number == 1


def test_SLA_003_the_calendars_of_another_organizer_are_not_there(world, mai):
    theirs = made(world, "globex")
    for path in (f"{LIST}/{theirs}", f"{LIST}/99999"):
        assert mai.get(path).status_code == 404
        for deed in ("", "/archival", "/restoration"):
            assert mai.post(path + deed, name_en="x").status_code == 404
    assert Seat(world, "Gus").get(LIST).status_code == 403
