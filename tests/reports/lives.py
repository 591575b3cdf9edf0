"""Lives of tickets told step by step, and what the figures say of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy import select

from helpdesk.agents.agent_day import AMOUNTS, AgentDay
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.reports.agent_credit import AgentCredit
from helpdesk.sla.clock import Clock
from helpdesk.tickets.conversation import Conversation  # noqa: F401 - the deeds below are its own
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work
from tests.support.world import World

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # ten in the morning in Vietnam


def days_of(world: World, name: str, slug: str = "acme") -> dict[date, dict[str, int]]:
    """What the kept figures say of somebody, by day, without what is zero."""
    with world.inside(slug):
        own = select(AgentDay).where(AgentDay.user_id == world.user(name).id)
        found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in db.session.scalars(own):
            for amount, number in row.amounts.items():
                found[row.day][amount] += number
        return {day: dict(amounts) for day, amounts in found.items()}


def total_of(world: World, name: str, slug: str = "acme") -> dict[str, int]:
    """The same over all days."""
    days = days_of(world, name, slug).values()
    return {amount: n for amount in AMOUNTS if (n := sum(day.get(amount, 0) for day in days))}


def credited(world: World, slug: str = "acme") -> dict[tuple[int, object], dict[str, int]]:
    """The sums of the credits by agent and day."""
    with world.inside(slug):
        found: dict[tuple[int, object], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in db.session.scalars(select(AgentCredit)):
            for amount, number in row.amounts.items():
                found[row.user_id, row.day][amount] += number
        return {key: dict(amounts) for key, amounts in found.items()}


def assign(world: World, ticket_id: int, to: str) -> None:
    with at_work(world, ticket_id, "Mai") as (ticket, mai):
        ticket.give_to(world.user(to), by=mai)


def reply(world: World, ticket_id: int, name: str = "Gus", **more: object) -> None:
    with at_work(world, ticket_id, name) as (ticket, me):
        ticket.reply("We look into it.", by=me, **more)


def resolve(world: World, ticket_id: int, name: str = "Gus") -> None:
    with at_work(world, ticket_id, name) as (ticket, me):
        ticket.resolve(by=me, note_en="Done.", note_vi="Xong.")


def reopen(world: World, ticket_id: int, name: str = "Gus") -> None:
    with at_work(world, ticket_id, name) as (ticket, me):
        ticket.reopen(by=me)


def rate(world: World, ticket_id: int, rating: int) -> None:
    with at_work(world, ticket_id) as (ticket, _):
        ticket.confirm(by=ticket.customer, rating=rating)


def nobody_online(world: World) -> None:
    """The worker gives nothing to anybody: the tests say who has what."""
    from helpdesk.agents.agent import Agent

    for slug in ("acme", "globex"):
        with world.inside(slug):
            for agent in db.session.scalars(select(Agent)):
                agent.availability = "away"


def tick(world: World, seconds: float) -> None:
    """Time passes; the monitor and the workers do what is due."""
    clock.travel(seconds)
    with world.inside():
        while Clock.mark_due():
            pass
        while Ticket.release_due():
            pass
    world.run_reactions()
