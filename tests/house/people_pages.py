"""The pages of agents, teams and skills, for the sweep of what nobody would type."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from helpdesk.agents.agent import Agent
from tests.support.people import people
from tests.support.world import World


def agents(world: World) -> tuple[FlaskClient, str]:
    return world.sign_in("Mai"), "/settings/agents"


def agent(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        ids = people(world)
    return world.sign_in("Mai"), f"/settings/agents/{ids['user_id']}"


def new_group(world: World) -> tuple[FlaskClient, str]:
    return world.sign_in("Mai"), "/settings/groups/new"


def group(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        ids = people(world)
    return world.sign_in("Mai"), f"/settings/groups/{ids['group_id']}"


def skill(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        ids = people(world)
    return world.sign_in("Mai"), f"/settings/skills/{ids['skill_id']}"


def own_hours(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        people(world)
        linh = world.user("Linh")
        Agent.of_now(linh.id).change({"schedule": {"mon": [["09:00", "17:00"]]}, "time_zone": "UTC"}, by=linh)
    return world.sign_in("Linh"), "/me/schedule"


PEOPLE: list[Callable[[World], tuple[FlaskClient, str]]] = [agents, agent, new_group, group, skill, own_hours]
