"""Lives of tickets told step by step, and what the figures say of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_day import AMOUNTS, AgentDay
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Reaction
from helpdesk.sla.clock import Clock
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work
from tests.support.world import World

MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # ten in the morning in Vietnam
TODAY = MONDAY.date()


def days_of(world: World, name: str, slug: str = "acme") -> dict[date, dict[str, int]]:
    """What the kept figures say of somebody, by day, without what is zero."""
    with world.inside(slug):
        own = select(AgentDay).where(AgentDay.user_id == world.user(name).id)
        found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in db.session.scalars(own):
            for amount, number in row.amounts.items():
                found[row.day][amount] += number
        return {day: dict(amounts) for day, amounts in found.items() if amounts}


def total_of(world: World, name: str, slug: str = "acme") -> dict[str, int]:
    """The same over all days."""
    days = days_of(world, name, slug).values()
    return {amount: n for amount in AMOUNTS if (n := sum(day.get(amount, 0) for day in days))}


def some_of(world: World, name: str, *amounts: str) -> tuple[int, ...]:
    """Single sums of somebody over all days."""
    total = total_of(world, name)
    return tuple(total.get(amount, 0) for amount in amounts)


def assign(world: World, ticket_id: int, to: str) -> None:
    with at_work(world, ticket_id, "Mai") as (ticket, mai):
        ticket.give_to(world.user(to), by=mai)


def reply(world: World, ticket_id: int, name: str = "Gus") -> int:
    """The id of the message."""
    with at_work(world, ticket_id, name) as (ticket, me):
        return ticket.reply("We look into it.", by=me).id


def resolve(world: World, ticket_id: int, name: str = "Gus", slug: str = "acme") -> None:
    with at_work(world, ticket_id, name, slug) as (ticket, me):
        ticket.resolve(by=me, note_en="Done.", note_vi="Xong.")


def reopen(world: World, ticket_id: int, name: str = "Gus") -> None:
    with at_work(world, ticket_id, name) as (ticket, me):
        ticket.reopen(by=me)


def rate(world: World, ticket_id: int, rating: int) -> None:
    with at_work(world, ticket_id) as (ticket, _):
        ticket.confirm(by=ticket.customer, rating=rating)


def due(world: World, ticket_id: int, kind: str) -> datetime:
    """When a promise would be broken."""
    with world.inside():
        at = world.one(Clock, ticket_id=ticket_id, kind=kind).due_at
    assert at is not None
    return at


def travel_to(at: datetime, seconds: float = 0) -> None:
    """Go to some seconds after an instant; nobody works meanwhile."""
    clock.travel((at - clock.now()).total_seconds() + seconds)


def nobody_online(world: World) -> None:
    """The worker gives nothing to anybody: the tests say who has what."""
    for slug in ("acme", "globex"):
        with world.inside(slug):
            for agent in db.session.scalars(select(Agent)):
                agent.availability = "away"


def tick(world: World, seconds: float = 0) -> None:
    """Time passes; the monitor and the workers do what is due, and nothing of it fails."""
    clock.travel(seconds)
    with world.inside():
        while Ticket.release_due():
            pass
        while Clock.mark_due():
            pass
    world.run_reactions()
    for slug in ("acme", "globex"):
        with world.inside(slug):
            failed = db.session.scalars(select(Reaction.error).where(Reaction.error.is_not(None))).all()
            assert failed == []
