"""AGT-002, AGT-009: the switch in the header, and the page of one's own working hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.pages import sentence
from tests.support.page import form, read
from tests.support.seat import Seat

PAGE = "/me/schedule"
T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
OFFICE = {"mon": "09-12, 13-17", "tue": "09-17", "wed": "09-17", "thu": "09-17", "fri": "09-17"}


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@pytest.fixture
def gus(world):
    """An agent who reads English."""
    seat = Seat(world, "Gus")
    seat.client.set_cookie("lang", "en")
    return seat


def handed_back(world):
    """Whether they asked for it, of everybody whose untouched tickets went to others."""
    with world.inside():
        told = db.select(Event).where(Event.name == "agent.stayed_away")
        return [event.data["is_asked"] for event in db.session.scalars(told)]


def profile(world, name="Gus"):
    with world.inside():
        return Agent.of(world.user(name).id)


def with_hours(gus, **more):
    hours = {"has_hours": "y", "time_zone": "Europe/London", **OFFICE}
    assert form(gus.get(PAGE), PAGE).send(gus.client, **(hours | more)).status_code == 303


def offered(gus):
    """What the switch offers, and what it says now."""
    options = list(next(read(gus.get("/queue")).all("select", id="availability")).all("option"))
    return [one["value"] for one in options], [
        one["value"] for one in options if "selected" in one.attributes
    ]


def test_AGT_002_the_switch_follows_the_schedule_once_there_is_one(world, gus):
    assert offered(gus) == (["online", "busy", "away", "offline"], ["online"])
    with_hours(gus)
    assert offered(gus) == (["online", "busy", "away", "offline", "schedule"], ["schedule"])
    assert profile(world).availability == "offline"
    gus.post("/me/availability", availability="online")
    assert offered(gus)[1] == ["online"]
    note = next(read(gus.get("/queue")).all("a", id="availability-note"))
    assert note.text == "Off shift until 2 Mar 2026, 09:00 UTC"
    gus.post("/me/availability", availability="schedule")
    assert (profile(world).chosen, offered(gus)[1]) == (None, ["schedule"])


def test_AGT_002_a_script_gets_what_the_switch_cannot_say(gus):
    with_hours(gus)
    answer = gus.post("/me/availability", availability="online", htmx=True)
    assert answer.status_code == 200
    assert "Off shift until" in read(answer).text
    assert "<html" not in answer.text


def test_AGT_002_a_choice_for_some_minutes_and_until_the_end_of_the_shift(world, gus):
    assert gus.post("/me/availability", availability="busy", minutes="30").status_code == 303
    assert profile(world).chosen_until == T0 + timedelta(minutes=30)
    assert "until 2 Mar 2026, 08:30 UTC" in read(gus.get("/queue")).text
    assert gus.post("/me/availability", availability="away", minutes="shift").status_code == 409
    with_hours(gus, mon="07-12, 13-17")
    sent = form(read_form(gus), "/me/availability")
    assert "until the end of the shift" in gus.get(PAGE).text
    answer = sent.send(gus.client, availability="away", minutes="shift", hand_back="1")
    assert (answer.status_code, answer.location) == (303, PAGE)
    one = profile(world)
    assert (one.availability, one.chosen_until) == ("away", datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert handed_back(world) == [True]


def read_form(gus) -> str:
    """The page from its own forms on: the header has a switch, too."""
    text = gus.get(PAGE).text
    return text[text.index('id="now"') :]


@pytest.mark.parametrize("minutes", ["0", "-1", "10081", "x", "1.5", "٣", "9" * 30, "²"])
def test_AGT_002_minutes_that_nobody_could_choose_are_a_bad_request(world, gus, minutes):
    assert gus.post("/me/availability", availability="away", minutes=minutes).status_code == 400
    assert profile(world).availability == "online"


def test_AGT_009_ones_own_hours_zone_and_substitute(world, gus):
    with world.inside():
        linh = world.user("Linh").id
    with_hours(gus, substitute_id=str(linh))
    one = profile(world)
    assert (one.zone, one.substitute_id) == ("Europe/London", linh)
    assert one.schedule["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    page = read(gus.get(PAGE)).text
    assert "Monday: 09:00–12:00, 13:00–17:00." in page, "the picture has a twin in words"
    assert "off shift until 2 Mar 2026, 09:00 UTC" in page
    with world.inside():
        [event] = db.session.scalars(select(Event).where(Event.name == "agent.changed"))
        assert set(event.data["changed"]) == {"schedule", "time_zone", "substitute_id"}
        assert event.actor["name"] == "Gus"
        with world.app.test_request_context():
            assert sentence(event) == "Gus changed the profile of Gus."


def test_AGT_001_nobody_gives_himself_what_managers_give(world, gus):
    sent = form(gus.get(PAGE), PAGE)
    answer = sent.send(gus.client, cap="1000", languages=["vi"], merchants=[], skills="1:5", groups=["1"])
    assert answer.status_code == 303
    assert (profile(world).cap, profile(world).languages, profile(world).version) == (20, ["en"], 1)


@pytest.mark.parametrize("field,typed", [
    ("mon", "nine"), ("sun", "9-9"), ("time_zone", ""), ("time_zone", "x" * 65), ("substitute_id", "99999"),
])  # fmt: skip
def test_AGT_009_what_cannot_be_comes_back_with_all_that_was_typed(world, gus, field, typed):
    good = {"has_hours": "y", "time_zone": "UTC", "sat": "10-11"}
    answer = form(gus.get(PAGE), PAGE).send(gus.client, **(good | {field: typed}))
    assert answer.status_code == 422
    assert form(answer, PAGE).fields["sat"] == "10-11"
    assert profile(world).schedule is None


def test_AGT_009_what_a_manager_saved_meanwhile_is_shown_field_by_field(world, gus):
    mine = form(gus.get(PAGE), PAGE)
    with world.inside():
        one = Agent.of(world.user("Gus").id, lock=True)
        one.change({"schedule": {"mon": [["10:00", "11:00"]]}, "time_zone": "UTC"}, by=world.user("Mai"))
    answer = mine.send(gus.client, has_hours="y", time_zone="Europe/Paris", **OFFICE)
    assert answer.status_code == 409
    rows = [[cell.text for cell in line.all() if cell.tag in ("th", "td")] for line in read(answer).all("tr")]
    assert ["Monday", "09:00-12:00, 13:00-17:00", "10:00-11:00"] in rows
    assert ["Time zone", "Europe/Paris", "UTC"] in rows
    assert form(answer, PAGE).send(gus.client).status_code == 303
    assert profile(world).zone == "Europe/Paris"


def test_AGT_009_ones_own_leave(world, gus):
    answer = form(gus.get(PAGE), "/me/leave").send(gus.client, first_day="2026-03-02", last_day="2026-03-03")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?saved=1#leave")
    assert profile(world).availability == "away"
    assert form(gus.get(PAGE), "/cancellation").send(gus.client).status_code == 303
    assert profile(world).availability == "online"
    wrong = form(gus.get(PAGE), "/me/leave").send(gus.client, first_day="soon", note="Tết")
    assert wrong.status_code == 422
    assert (form(wrong, "/me/leave").fields["first_day"], form(wrong, "/me/leave").fields["note"]) == (
        "soon",
        "Tết",
    )


def test_AGT_001_who_has_no_profile_has_no_hours(world):
    mai = Seat(world, "Mai")
    assert mai.get(PAGE).status_code == 404
    assert mai.post(PAGE, has_hours="y").status_code == 404
    assert PAGE not in mai.get("/me").text
    assert PAGE in Seat(world, "Gus").get("/me").text


def test_the_page_speaks_vietnamese(world):
    linh = Seat(world, "Linh")
    assert "Giờ làm việc của bạn" in linh.get(PAGE).text
    assert "Thứ Hai" in linh.get(PAGE).text
