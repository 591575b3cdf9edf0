"""What the tests of the ladder begin with: steps, teams, and what the workers do at an instant."""

from __future__ import annotations

from typing import Any

from helpdesk.agents.group import Group, GroupMember
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.sla.clock import Clock
from tests.support.world import World


def tick(world: World) -> None:
    """What the scheduler and the workers do at an instant."""
    with world.inside():
        Clock.mark_due()
    world.run_reactions()
    climb(world)
    world.run_reactions()


def climb(world: World) -> None:
    """Every climb that is due, as the periodic job does it."""
    with world.inside():
        while Escalation.climb_due():
            pass


def step(
    level: int, minutes: int, *told: str, trigger: str = "breach", policy: int | None = None, **does: Any
) -> None:
    """A step of the organizer's own; call it inside."""
    db.session.add(
        LadderStep(
            policy_id=policy, trigger=trigger, level=level, delay_minutes=minutes, **does,
            told=list(told) or ["managers"],
        )
    )  # fmt: skip
    db.session.flush()


def team(world: World, *names: str, lead: str | None = None, name: str = "Night") -> int:
    """A group of some of the cast; its id. Call it inside."""
    group = Group(name_en=name, name_vi="Ca đêm", lead_id=world.user(lead).id if lead else None)
    db.session.add(group)
    db.session.flush()
    db.session.add_all(GroupMember(group_id=group.id, user_id=world.user(each).id) for each in names)
    db.session.flush()
    return group.id


def rows(world: World, ticket_id: int) -> list[Escalation]:
    """A ticket's escalations, oldest first."""
    with world.inside():
        return list(reversed(db.session.scalars(Escalation.of(ticket_id)).all()))


def raised(world: World, ticket_id: int) -> list[tuple[int, str, str | None]]:
    """Level, trigger and outcome of each, oldest first."""
    return [(row.level, row.trigger, row.outcome) for row in rows(world, ticket_id)]


def heard(row: Escalation) -> dict[str, str]:
    """Whom it went to, and as what."""
    return {one["name"]: one["as"] for one in row.went_to}
