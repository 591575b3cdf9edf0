"""AGT-001, AGT-002: one profile per user, and the switch that says whether new work is welcome."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from helpdesk.agents.agent import AVAILABILITIES, Agent
from helpdesk.core.db import db
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
    assert Seat(world, "Mai").post("/me/availability", availability="away").status_code == 400


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
