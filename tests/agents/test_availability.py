"""AGT-001, AGT-002: one profile per user, and the switch that says whether new work is welcome."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from helpdesk.agents.agent import AVAILABILITIES, Agent
from helpdesk.core import clock, live
from helpdesk.core.db import db
from helpdesk.core.events import Event
from tests.support.page import read
from tests.support.seat import Seat


def availability(world, name):
    with world.inside():
        return Agent.of(world.user(name).id).availability


@pytest.mark.parametrize("value", AVAILABILITIES)
def test_AGT_002_an_agent_sets_his_own_availability(world, value):
    answer = Seat(world, "Gus").post("/me/availability", availability=value)
    assert (answer.status_code, answer.location) == (303, "/queue")
    assert (availability(world, "Gus"), availability(world, "Linh")) == (value, "online")


def test_AGT_002_who_is_deactivated_is_not_made_available(world):
    with world.inside():
        linh = world.user("Linh")
        linh.is_active, address = False, f"/settings/agents/{linh.id}/availability"
    manager = Seat(world, "Mai")
    manager.client.set_cookie("lang", "en")
    answer = manager.post(address, availability="busy")
    assert (answer.status_code, "Linh is deactivated and gets no work." in answer.text) == (409, True)
    assert availability(world, "Linh") == "online"


@pytest.mark.parametrize("value", ["", "ONLINE", "asleep", "x" * 500])
def test_AGT_002_an_unknown_availability_is_a_bad_request(world, value):
    assert Seat(world, "Gus").post("/me/availability", availability=value).status_code == 400
    assert availability(world, "Gus") == "online"


def test_AGT_002_who_has_no_profile_has_no_switch(world):
    mai = Seat(world, "Mai")
    mai.client.set_cookie("lang", "en")
    answer = mai.post("/me/availability", availability="away")
    assert (answer.status_code, "You are given no work at present" in answer.text) == (409, True)


def test_AGT_002_his_open_pages_hear_at_once_what_a_manager_says_of_him(world, monkeypatch):
    said = []
    monkeypatch.setattr(live, "heard", lambda topic: True)
    monkeypatch.setattr(live, "_publish", said.append)
    with world.inside():
        gus = world.user("Gus").id
        Agent.of(gus, lock=True).choose("away", by=world.user("Mai"))
    world.run_reactions()
    (message,) = (one for one in said if one["topic"] == f"user.{gus}")
    for language, word in (("en", "Away"), ("vi", "Vắng mặt")):
        options = read(json.loads(message["frames"][language])["content"]).all("option")
        (chosen,) = (one for one in options if "selected" in one.attributes)
        assert (chosen["value"], chosen.text) == ("away", word)


def test_AGT_002_another_end_of_the_same_choice_is_told_to_open_pages_and_in_the_record(world, monkeypatch):
    said, later = [], clock.now() + timedelta(hours=2)
    with world.inside():
        gus = world.user("Gus").id
        Agent.of(gus, lock=True).choose("away", by=world.user("Gus"), until=later - timedelta(hours=1))
    world.run_reactions()
    monkeypatch.setattr(live, "heard", lambda topic: True)
    monkeypatch.setattr(live, "_publish", said.append)
    for _twice in range(2):
        with world.inside():
            Agent.of(gus, lock=True).choose("away", by=world.user("Gus"), until=later)
    world.run_reactions()
    assert {one["topic"].partition(".")[0] for one in said} == {"staff", "user"}
    with world.inside():
        last = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert (last.name, last.data["until"]) == ("agent.availability_changed", later.isoformat())


def test_AGT_009_leave_and_another_profile_are_told_to_open_pages(world, monkeypatch):
    said = []
    monkeypatch.setattr(live, "heard", lambda topic: True)
    monkeypatch.setattr(live, "_publish", said.append)
    today = clock.now().date()
    for deed in (
        lambda gus: gus.take_leave(today + timedelta(days=9), today + timedelta(days=9), by=gus.user),
        lambda gus: gus.change({"cap": 7}, by=world.user("Mai")),
    ):
        said.clear()
        with world.inside():
            deed(Agent.of(world.user("Gus").id, lock=True))
        world.run_reactions()
        assert {one["topic"].partition(".")[0] for one in said} == {"staff", "user"}


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_Q_2_the_way_back_stays_on_this_site(world, target):
    assert Seat(world, "Gus").post("/me/availability", availability="away", next=target).location == "/queue"


def test_AGT_001_a_user_has_one_profile(any_world):
    with any_world.inside():
        db.session.add(Agent(user_id=any_world.user("Gus").id))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
