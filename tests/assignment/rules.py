"""Rules, people and pages of the tests of the assignment rules."""

from __future__ import annotations

from typing import Any

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.skill import Skill
from helpdesk.assignment.dry_run import DryRun
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form, read
from tests.support.world import World

EMPTY = {
    "name_en": "Ours", "name_vi": "Của ta", "merchant_id": None, "conditions": {}, "candidates": {},
    "strategy": "load_balanced",
}  # fmt: skip


def make(world: World, name: str = "Ours", **values: Any) -> int:
    """A rule; its id."""
    with world.inside():
        said = EMPTY | {"name_en": name, "name_vi": f"{name} (vi)"} | values
        return Rule.create(said, by=world.user("Mai")).id


def deed(world: World, rule_id: int, act: Any) -> Any:
    """One deed of a manager on a rule."""
    with world.inside():
        return act(Rule.locked(rule_id), world.user("Mai"))


def order(world: World) -> list[str]:
    """The English names of the organizer's own rules, in their order."""
    with world.inside():
        return [rule.name_en for rule in Rule.all_in_order() if not rule.is_shipped]


def hire(world: World, name: str, *merchants: str, **values: Any) -> int:
    """An agent more, of ACME unless other stores are named; the id of the user."""
    with world.inside():
        user = User(
            name=name, email=f"{name.lower()}@acme.example", role="agent", language="en", password_hash="-",
        )  # fmt: skip
        db.session.add(user)
        db.session.flush()
        for prefix in merchants or ("ACME",):
            user.works_for(world.one(Merchant, prefix=prefix))
        db.session.add(Agent(user_id=user.id, **({"languages": ["en"]} | values)))
        return user.id


def team(world: World, name: str, *people: str) -> int:
    """A group of people; its id."""
    with world.inside():
        group = Group(name_en=name, name_vi=f"{name} (vi)")
        db.session.add(group)
        db.session.flush()
        db.session.add_all(GroupMember(group_id=group.id, user_id=world.user(one).id) for one in people)
        return group.id


def skill(world: World, name: str, **levels: int) -> int:
    """A skill, and who has it at which level; its id."""
    with world.inside():
        row = Skill(name_en=name, name_vi=f"{name} (vi)")
        db.session.add(row)
        db.session.flush()
        for person, level in levels.items():
            user_id = world.user(person).id
            AgentSkill.set(user_id, AgentSkill.levels_of(user_id) | {row.id: level})
        return row.id


def user_id(world: World, name: str) -> int:
    """The id of somebody."""
    with world.inside():
        return world.user(name).id


def rows(answer):
    return {row["data-rule"]: row for row in read(answer).with_attribute("data-rule")}


def saved(world, **named):
    with world.inside():
        return world.one(Rule, **named).values


def sent(mai, made=None, **values):
    """The editor's form, sent with other values."""
    address = f"/settings/rules/{made}" if made else "/settings/rules/new"
    filled = form(mai.get(address), address.removesuffix("/new"))
    return filled.send(mai.client, **values)


def everything(world):
    """What a rule can name."""
    with world.inside():
        late, gone = (Tag(name=name) for name in ("late", "gift"))
        db.session.add_all([late, gone])
        db.session.flush()
        delivery = world.one(Category, name_en="Delivery")
        return {
            "store": world.one(Merchant, prefix="ACME").id, "category": delivery.id, "tags": [late.id, gone.id],
        }  # fmt: skip


def profile(world, name, **values):
    with world.inside():
        agent = Agent.of(world.user(name).id)
        for key, value in values.items():
            setattr(agent, key, value)


def dry(world, made, at=None):
    """A dry run on a ticket: who would get it, and what became of each own rule."""
    with world.inside():
        found = DryRun.of(Facts.of(db.session.get_one(Ticket, made)), at=at)
        return found.best and found.best.name, {one.rule.name_en: (one.state, one.why) for one in found.lines}


def states(answer):
    return {rule: row["data-state"] for rule, row in rows(answer).items()}


def winner(answer):
    return next(iter(read(answer).with_attribute("data-trial")))["data-trial"]
