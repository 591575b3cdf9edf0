"""Somebody with leave, a team and a skill, and a form, for the sweeps: never the one who looks."""

from __future__ import annotations

from datetime import date

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.core.events import Robot
from helpdesk.organizers.form_key import FormKey
from tests.support.world import World

NAMES = {"acme": "Linh", "globex": "Gil"}
FORMS = {"acme": "form-acme", "globex": "form-glob"}


def people(world: World, slug: str = "acme") -> dict[str, int]:
    """Their ids, as addresses call them; call it inside the organizer."""
    user, boss = world.user(NAMES[slug]), Robot("sweep", "Sweep")
    leave = Agent.of_now(user.id).take_leave(date(2099, 1, 1), date(2099, 1, 2), by=user)
    name = f"Swept {world.count(Group)}"  # it may be called again, and names are given once
    values = {"name_en": name, "name_vi": "", "member_ids": [user.id], "lead_id": None}
    group, skill = Group.create(values, by=boss), Skill.create(values, by=boss)
    form = world.one(FormKey, key=FORMS[slug])
    ids = {"user_id": user.id, "leave_id": leave.id, "group_id": group.id, "skill_id": skill.id}
    return ids | {"form_id": form.id}
