"""The few steps that tests of the assignment begin with, and what they look at."""

from __future__ import annotations

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import events_of


def agent(world, name: str, **values):
    with world.inside():
        profile = Agent.of(world.user(name).id)
        for key, value in values.items():
            setattr(profile, key, value)


def holder(world, made) -> str | None:
    with world.inside():
        assignee = world.one(Ticket, id=made).assignee
        return assignee.name if assignee else None


def sweep(world):
    clock.travel(30)
    world.work_off()


def decisions(world, made):
    with world.inside():
        rows = db.session.scalars(
            db.select(Decision).where(Decision.ticket_id == made).order_by(Decision.id)
        ).all()
        return [(row.chosen.name if row.chosen else None, told(row), row) for row in rows]


def told(decision):
    return [
        {"name": row.candidate.name, "eligible": row.candidate.passed_over is None, "reason": row.reason}
        for row in decision.rows
    ]


def failures(world, made) -> int:
    with world.inside():
        return [e.name for e in events_of(made)].count("assignment.failed")


def nobody(world):
    agent(world, "Gus", availability="offline")
    agent(world, "Linh", cap=0)


def chosen_again(decision: Decision) -> int | None:
    """Whom the same strategy chooses from the candidates that were kept; None for nobody."""
    way = STRATEGIES.get(decision.strategy)
    order = way.order(decision.candidates) if way else []
    return order[0].user_id if order else None
