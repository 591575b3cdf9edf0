"""AGT-001 … AGT-004, AGT-009: the pages of agents as a browser without scripts sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.leave import Leave
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.organizers.merchant import Merchant
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


def handed_back(world):
    """Whether they asked for it, of everybody whose untouched tickets went to others."""
    with world.inside():
        told = db.select(Event).where(Event.name == "agent.stayed_away")
        return [event.data["is_asked"] for event in db.session.scalars(told)]


def editor(mai, page):
    return form(mai.get(page), page)


def row(answer, name):
    """The words of somebody's row."""
    return next(
        one.text for one in read(answer).all("li") if name in one.text and "settings-row" in one["class"]
    )


def profile(world, name="Gus"):
    with world.inside():
        return Agent.of(world.user(name).id)


# The editor -----------------------------------------------------------------------------------------------------


def test_AGT_003_everything_on_the_page_is_saved(world, mai, page):
    with world.inside():
        repairs, care = skill(world), group(world, "Linh")
        beta, linh = world.one(Merchant, prefix="BETA").id, world.user("Linh").id
        repairs_id, care_id = repairs.id, care.id
    answer = editor(mai, page).send(
        mai.client, cap="7", languages=["vi"], skills=f"{repairs_id}:5", merchants=[str(beta)], groups=[str(care_id)],
        substitute_id=str(linh), has_hours="y", time_zone="asia/ho chi minh", mon="22-6, 7-9", tue="", wed="", thu="",
        fri="",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    assert "is-saved" in mai.get(answer.headers["Location"]).text
    with world.inside():
        one = Agent.of(world.user("Gus").id)
        assert (one.cap, one.languages, one.substitute_id) == (7, ["vi"], linh)
        assert (one.user.time_zone, one.schedule) == (
            "Asia/Ho_Chi_Minh",
            {"mon": [["07:00", "09:00"], ["22:00", "06:00"]]},
        )
        assert AgentSkill.levels_of(one.user_id) == {repairs_id: 5}
        assert one.values["groups"] == [care_id]
        kept = select(Membership.merchant_id).where(
            Membership.user_id == one.user_id, Membership.deleted_at.is_(None)
        )
        assert list(db.session.scalars(kept)) == [beta]


def test_AGT_009_no_hours_and_no_hours_at_all_are_two_things(world, mai, page):
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "")
    assert editor(mai, page).send(mai.client, has_hours="y", time_zone="UTC", **days).status_code == 303
    assert (profile(world).schedule, profile(world).is_on_shift) == ({}, False)
    sent = editor(mai, page)
    assert sent.fields["has_hours"] == "y"
    del sent.fields["has_hours"]
    assert sent.send(mai.client, mon="what was here").status_code == 303, "what is hidden is not looked at"
    assert (profile(world).schedule, profile(world).is_on_shift) == (None, True)
    assert editor(mai, page).fields["mon"] == "09:00-12:00, 13:00-17:30", "something to begin with"


def test_AGT_001_who_works_for_no_store_gets_no_work_and_the_page_says_so(world, mai, page):
    assert "gets no work" not in mai.get(page).text
    ticket_in(world, Status.WAITING_USER)
    assert "Acme Shop (carries 1 ticket)" in read(mai.get(page)).text
    assert editor(mai, page).send(mai.client, merchants=[]).status_code == 303
    assert "For no store: gets no work." in mai.get(page).text
    assert "for no store: gets no work" in row(mai.get(LIST), "Gus")
    assert profile(world).load == 0  # one that waits for its customer is no load
    with world.inside():
        assert (
            Agent.of(world.user("Gus").id).user.sees_merchant(world.one(Merchant, prefix="ACME").id) is False
        )


@pytest.mark.parametrize("field,typed", [
    ("cap", ""), ("cap", "-1"), ("cap", "1001"), ("cap", "x"), ("cap", " "), ("cap", "9" * 30), ("cap", "٥"),
    ("languages", "fr"), ("skills", "1:9"), ("skills", "99999:1"), ("skills", "x"), ("merchants", "99999"),
    ("merchants", "x"), ("groups", "99999"), ("substitute_id", "99999"),
    ("substitute_id", "self"), ("time_zone", "Moon/Base"), ("time_zone", ""), ("mon", "9 to 5"), ("tue", "25:00-26:00"),
    ("wed", "x" * 201), ("sun", "<b>"),
])  # fmt: skip
def test_AGT_003_what_cannot_be_comes_back_with_all_that_was_typed(world, mai, page, field, typed):
    sent = editor(mai, page)
    typed = page.rpartition("/")[2] if typed == "self" else typed
    good = {"cap": "9", "has_hours": "y", "time_zone": "Europe/Berlin", "sat": "10-11"}
    answer = sent.send(mai.client, **(good | {field: typed}))
    assert answer.status_code == 422, answer.status_code
    again = form(answer, page).fields
    for name, value in (good | ({} if field in ("languages", "skills", "merchants", "groups",
                                                "substitute_id", "wed") else {field: typed})).items():  # fmt: skip
        assert again[name].strip() == value.strip()
    assert (profile(world).cap, profile(world).schedule) == (20, None)


def test_Q_1_another_organizers_things_cannot_be_chosen(world, mai, page):
    with world.inside("globex"):
        gil, glob = world.user("Gil").id, world.one(Merchant, prefix="GLOB").id
    assert editor(mai, page).send(mai.client, merchants=[str(glob)]).status_code == 422
    assert editor(mai, page).send(mai.client, substitute_id=str(gil)).status_code == 422
    assert mai.get(f"{LIST}/{gil}").status_code == 404
    assert mai.post(f"{LIST}/{gil}/profile").status_code == 404


def test_AGT_003_two_managers_see_field_by_field_what_the_other_saved(world, mai, page):
    with world.inside():
        care = group(world, "Linh").id
    mine = editor(mai, page)
    other = Seat(world, "Ada")
    assert (
        editor(other, page)
        .send(other.client, cap="5", languages=["en", "vi"], groups=[str(care)])
        .status_code
        == 303
    )
    answer = mine.send(mai.client, cap="8", sat="10-12", has_hours="y", time_zone="UTC")
    assert answer.status_code == 409
    rows = [[cell.text for cell in line.all() if cell.tag in ("th", "td")] for line in read(answer).all("tr")]
    assert ["Most tickets at once", "8", "5"] in rows
    assert ["Languages", "English", "English, Vietnamese"] in rows
    assert ["Saturday", "10:00-12:00", "–"] in rows
    again = form(answer, page)
    assert (again.fields["cap"], again.fields["sat"]) == ("8", "10-12")
    assert again.send(mai.client).status_code == 303
    assert profile(world).cap == 8
    with world.inside():
        assert Agent.of(world.user("Gus").id).values["groups"] == [care], "what she did not touch stays"


def test_AGT_003_a_form_that_changes_nothing_is_not_outdated_and_says_nothing(world, mai, page):
    sent = editor(mai, page)
    assert sent.send(mai.client).status_code == 303
    assert profile(world).version == 1
    assert editor(mai, page).send(mai.client, cap="6").status_code == 303
    assert sent.send(mai.client, cap="6").status_code == 303
    assert profile(world).version == 2


def test_AGT_004_a_lead_cannot_be_taken_out_of_his_team_here(world, mai, page):
    with world.inside():
        group(world, "Gus", lead="Gus")
    answer = editor(mai, page).send(mai.client, groups=[], cap="3")
    assert answer.status_code == 409
    assert "Choose another lead first" in answer.text
    assert form(answer, page).fields["cap"] == "3"
    assert profile(world).cap == 20, "nothing is half saved"


# On his behalf --------------------------------------------------------------------------------------------------


def test_AGT_002_a_manager_sets_availability_for_a_while(world, mai, page):
    sent = form(mai.get(page), "/availability")
    assert sent.send(mai.client, availability="away", minutes="60", hand_back="1").status_code == 303
    one = profile(world)
    assert (one.availability, one.chosen_until) == ("away", T0 + timedelta(hours=1))
    assert handed_back(world) == [True]
    assert mai.post(f"{page}/availability", availability="schedule").status_code == 303
    assert (profile(world).availability, profile(world).chosen) == ("online", None)
    assert mai.post(f"{page}/availability", availability="asleep").status_code == 400
    assert mai.post(f"{page}/availability", availability="away", minutes="shift").status_code == 409
    assert mai.post(f"{page}/availability", availability="away", minutes="10081").status_code == 400


def test_AGT_009_leave_is_entered_and_cancelled_on_his_behalf(world, mai, page):
    sent = form(mai.get(page), f"{page}/leave")
    assert (
        sent.send(mai.client, first_day="2026-03-02", last_day="2026-03-04", note="Tết <b>").status_code
        == 303
    )
    assert "2 Mar 2026 – 4 Mar 2026 · Tết <b>" in read(mai.get(page)).text
    assert profile(world).availability == "away"
    assert form(mai.get(page), "/cancellation").send(mai.client).status_code == 303
    assert form(mai.get(page), f"{page}/leave").send(mai.client, first_day="2026-03-09").status_code == 303
    with world.inside():
        rows = db.session.scalars(select(Leave).order_by(Leave.id)).all()
        assert [(one.first_day.day, one.last_day.day, one.cancelled_at is None) for one in rows] == [
            (2, 4, False), (9, 9, True),
        ]  # fmt: skip


@pytest.mark.parametrize("first,last", [
    ("", ""), ("x", ""), ("2026-13-01", ""), ("2026-03-05", "2026-03-04"), ("2026-03-05", "2027-03-06"),
    ("2026-02-01", "2026-02-02"), ("1999-01-01", ""), ("9999-12-31", ""), ("20260305", "x"), ("2026-W10-4", "٢"),
])  # fmt: skip
def test_AGT_009_days_that_cannot_be_come_back_as_they_were_typed(world, mai, page, first, last):
    answer = mai.post(f"{page}/leave", first_day=first, last_day=last, note="Kept")
    assert answer.status_code == 422
    again = form(answer, f"{page}/leave").fields
    assert (again["first_day"], again["last_day"], again["note"]) == (first, last, "Kept")
    with world.inside():
        assert world.count(Leave) == 0


def test_AGT_009_leave_of_another_is_not_there(world, mai, page):
    with world.inside():
        linh = world.user("Linh")
        id_ = Agent.of_now(linh.id).take_leave(T0.date(), T0.date(), by=linh).id
    assert mai.post(f"{page}/leave/{id_}/cancellation").status_code == 404
    assert Seat(world, "Gus").post(f"/me/leave/{id_}/cancellation").status_code == 404
    assert Seat(world, "Linh").post(f"/me/leave/{id_}/cancellation").status_code == 303


@pytest.mark.parametrize("path", ["", "/1", "/hand-back"])
def test_AGT_001_agents_do_not_come_in(world, path):
    seat = Seat(world, "Gus")
    assert {seat.get(LIST + path).status_code, seat.post(LIST + path).status_code} <= {403, 405}


def test_the_pages_speak_vietnamese(world, page):
    seat = Seat(world, "Mai")
    assert "Nhân viên" in seat.get(LIST).text
    assert "luôn trong ca làm việc" in seat.get(LIST).text
    assert "Người thay thế" in seat.get(page).text
    assert "Nhóm" in seat.get("/settings/groups/new").text
