"""AGT-001 … AGT-004, AGT-009: who is on now and how loaded, and who can be given work at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.lifecycle import Status
from tests.agents.test_profiles import group, skill
from tests.support.page import form, read
from tests.support.seat import Seat, ticket_in

LIST = "/settings/agents"
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Hanoi


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def row(answer, name):
    """The words of somebody's row."""
    return next(
        one.text for one in read(answer).all("li") if name in one.text and "settings-row" in one["class"]
    )


# Who is on now --------------------------------------------------------------------------------------------------


def test_AGT_002_the_list_says_who_is_on_until_when_and_how_loaded(world, mai, page):
    ticket_in(world, Status.ASSIGNED)
    with world.inside():
        care, repairs = group(world, "Gus", lead="Gus"), skill(world)
        week = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}
        Agent.of(world.user("Gus").id, lock=True).change(
            {"schedule": week, "time_zone": "Asia/Ho_Chi_Minh", "skills": {repairs.id: 4}, "cap": 3},
            by=world.user("Mai"),
        )  # fmt: skip
        assert care.lead_id
    words = row(mai.get(LIST), "Gus")
    for said in ("Off shift", "off shift until 2 Mar 2026, 02:00 UTC", "Acme Shop, Beta Shop", "English",
                 "Care (leads it)", "Repairs: level 4", "1 of 3 tickets"):  # fmt: skip
        assert said in words
    assert "always on shift" in row(mai.get(LIST), "Linh")
    clock.travel(3600)
    with world.inside():
        Agent.settle_due()
    words = row(mai.get(LIST), "Gus")
    assert "Online" in words
    assert "on shift until 2 Mar 2026, 05:00 UTC" in words


def test_AGT_002_the_list_is_filtered_by_state(world, mai):
    with world.inside():
        linh = world.user("Linh")
        Agent.of(linh.id, lock=True).choose("away", by=linh, until=T0 + timedelta(hours=2))
    names = lambda answer: [link.text for link in read(answer).all("a", class_="settings-link")]  # noqa: E731
    assert names(mai.get(LIST)) == ["Gus", "Linh"]
    assert names(mai.get(f"{LIST}?state=away")) == ["Linh"]
    assert names(mai.get(f"{LIST}?state=<b>")) == ["Gus", "Linh"]
    assert "Nobody is in this state now" in mai.get(f"{LIST}?state=busy").text
    assert "by hand until 2 Mar 2026, 03:00 UTC" in row(mai.get(LIST), "Linh")


def test_AGT_002_online_by_hand_off_shift_is_a_state_of_its_own(world, mai):
    with world.inside():
        gus = world.user("Gus")
        one = Agent.of(gus.id, lock=True)
        one.change({"schedule": {}}, by=gus)
        one.choose("online", by=gus)
    assert "Off shift" in row(mai.get(f"{LIST}?state=off_shift"), "Gus")
    assert "never on shift" in row(mai.get(LIST), "Gus")
    seat = Seat(world, "Gus")
    seat.client.set_cookie("lang", "en")
    note = next(read(seat.get("/queue")).all("a", id="availability-note"))
    assert note.text == "Off shift"


def test_AGT_002_off_shift_is_everybody_whom_the_schedule_alone_keeps_away(world, mai):
    with world.inside():
        for name in ("Gus", "Linh"):
            one = Agent.of(world.user(name).id, lock=True)
            one.change({"schedule": {}}, by=one.user)
            one.choose("offline" if name == "Linh" else None, by=one.user)
    assert "Off shift" in row(mai.get(f"{LIST}?state=off_shift"), "Gus")
    assert "Offline" in row(mai.get(f"{LIST}?state=offline"), "Linh")


def test_AGT_009_who_is_on_leave_is_said_to_be_until_when(world, mai):
    with world.inside():
        gus = world.user("Gus")
        Agent.of(gus.id, lock=True).take_leave(T0.date(), T0.date() + timedelta(days=2), by=gus)
        page = f"{LIST}/{gus.id}"
    assert "on leave until 5 Mar 2026, 00:00 UTC" in row(mai.get(LIST), "Gus")
    seat = Seat(world, "Gus")
    seat.client.set_cookie("lang", "en")
    for answer in (mai.get(page), seat.get("/me/schedule")):
        said = read(answer).text
        assert "on leave until 5 Mar 2026, 00:00 UTC" in said
        assert "off shift until" not in said
    seat.post("/me/availability", availability="online")
    note = next(read(seat.get("/queue")).all("a", id="availability-note"))
    assert note.text == "On leave until 5 Mar 2026, 00:00 UTC"


def test_AGT_001_somebody_without_a_profile_is_made_assignable(world, mai):
    answer = form(mai.get(LIST), "/profile").send(mai.client)
    assert answer.status_code == 303
    with world.inside():
        assert answer.headers["Location"] == f"{LIST}/{world.user('Ada').id}"
    assert "Ada" in row(mai.get(LIST), "Ada")
    assert mai.get(answer.headers["Location"]).status_code == 200


def test_AGT_001_who_has_no_profile_has_no_page(world, mai):
    with world.inside():
        ada = world.user("Ada").id
        world.user("Linh").is_active = False
        linh = world.user("Linh").id
    assert mai.get(f"{LIST}/{ada}").status_code == 404
    assert mai.post(f"{LIST}/{ada}", cap="1").status_code == 404
    assert mai.post(f"{LIST}/{linh}/profile").status_code == 404, "nobody inactive is made assignable"
    assert "Linh" not in mai.get(LIST).text


def test_AGT_002_the_time_away_after_which_tickets_go_back(world, mai):
    for typed, kept in (("45", 45), ("10080", 10080), ("", None), ("1", 1)):
        assert form(mai.get(LIST), "/hand-back").send(mai.client, hand_back_minutes=typed).status_code == 303
        with world.inside():
            assert Organizer.present().hand_back_minutes == kept
    for typed in ("0", "10081", "-1", "x", "1.5", "٣", "9" * 30):
        answer = form(mai.get(LIST), "/hand-back").send(mai.client, hand_back_minutes=typed)
        assert answer.status_code == 422, typed
        assert form(answer, "/hand-back").fields["hand_back_minutes"] == typed
    with world.inside():
        assert Organizer.present().hand_back_minutes == 1
