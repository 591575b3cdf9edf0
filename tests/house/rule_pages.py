"""The pages of the assignment rules, for the sweeps."""

from __future__ import annotations

from flask.testing import FlaskClient

from helpdesk.assignment.rule import Rule
from tests.support.world import World

VALUES = {"name_en": "Swept", "name_vi": "", "conditions": {}, "candidates": {}, "strategy": "load_balanced"}


HOURS = {"name_en": "Day", "zone": "UTC", "schedule": {"mon": [["09:00", "17:00"]]}}


def new_rule(world: World) -> tuple[FlaskClient, str]:
    return world.sign_in("Mai"), "/settings/rules/new"


def present_rule(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = rule_id(world, "Mai")
    return world.sign_in("Mai"), f"/settings/rules/{id_}"


def rule_id(world: World, by: str) -> int:
    """A rule of the present organizer; each has its own name."""
    return Rule.create(VALUES | {"name_en": f"Swept {world.count(Rule)}"}, by=world.user(by)).id
