"""Q-3: several at once raise, climb, acknowledge and work on the same tickets. No circle of waiting, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from helpdesk.core import clock, reactions
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from tests.escalations.steps import climb, raised, rows, step, team
from tests.sla.desk_time import HOUR, MINUTE, T0, go_to
from tests.support.databases import both_databases
from tests.support.seat import at_work, events_of, ticket_in

S = Status


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@both_databases
def test_SLA_008_tickets_that_come_at_once_raise_one_incident(world):
    with world.inside():
        category = world.one(Category, name_en="Delivery")
        category.incident_tickets, category.incident_minutes = 5, 30
        category_id = category.id

    def come(_: int) -> None:
        world.ticket(category_id=category_id)
        reactions.relay_and_react(world.app, world.organizers["acme"])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come, range(12)))
    world.run_reactions()
    with world.inside():
        found = db.session.scalars(select(Escalation).where(Escalation.trigger == "incident")).all()
        assert [(row.level, len(row.facts["numbers"])) for row in found] == [(1, 5)]
        assert found[0].category_id == category_id


@both_databases
def test_SLA_009_several_ladders_climb_each_level_once(world):
    made = [ticket_in(world, S.ASSIGNED) for _ in range(6)]
    for each in made:
        with at_work(world, each) as (ticket, gus):
            Escalation.raise_by_hand(ticket, by=gus, level=1, reason="Look.")
    go_to(5 * HOUR)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: climb(world), range(3)))
    for each in made:
        assert raised(world, each) == [
            (1, "manual", "climbed"),
            (2, "manual", "climbed"),
            (3, "manual", None),
        ]
        with world.inside():
            levels = [e.data["level"] for e in events_of(each) if e.name == "escalation.raised"]
            assert levels == [1, 2, 3]


@both_databases
def test_SLA_009_acknowledging_while_it_climbs_and_others_work_ends_without_a_deadlock(world):
    with world.inside():
        step(1, 0), step(2, 60, group_id=team(world, "Linh"), priority_to="HIGH"), step(3, 240, "admins")
    made = [ticket_in(world, S.ASSIGNED) for _ in range(4)]
    for each in made:
        with at_work(world, each) as (ticket, gus):
            Escalation.raise_by_hand(ticket, by=gus, level=1, reason="Look.")
    go_to(60 * MINUTE)

    def acknowledge(ticket_id: int) -> None:
        with at_work(world, ticket_id, "Mai") as (_, mai):
            db.session.scalars(Escalation.of(ticket_id)).unique().first().acknowledge(by=mai)

    def work(ticket_id: int) -> None:
        with at_work(world, ticket_id, "Linh") as (ticket, linh):
            ticket.reprioritise(Priority.CRITICAL, by=linh)
            ticket.reply("On it.", by=linh)

    deeds = [(deed, each) for each in made for deed in (acknowledge, work, lambda _: climb(world))]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: one[0](one[1]), deeds))
    go_to(24 * HOUR)
    climb(world)
    for each in made:
        outcomes = [
            (level, outcome) for level, trigger, outcome in raised(world, each) if trigger == "manual"
        ]
        assert outcomes in ([(1, "acknowledged")], [(1, "climbed"), (2, "acknowledged")])
        with world.inside():
            assert world.count(Escalation, ticket_id=each, attempts=0) == world.count(
                Escalation, ticket_id=each
            )


def test_SLA_009_one_that_cannot_climb_holds_no_other_and_is_tried_again_later_and_later(world):
    with world.inside():
        step(1, 0, trigger="customer"), step(2, 60, trigger="customer", priority_to="NONSENSE")
    bad, good = ticket_in(world, S.ASSIGNED), ticket_in(world, S.ASSIGNED)
    with at_work(world, bad) as (ticket, _):
        Escalation.raise_by_customer(ticket, "Hurry.", by=ticket.customer)
    with at_work(world, good) as (ticket, gus):
        Escalation.raise_by_hand(ticket, by=gus, level=1, reason="Look.")
    go_to(60 * MINUTE)
    climb(world)
    assert raised(world, good) == [(1, "manual", "climbed"), (2, "manual", None)]
    waits = []
    for _ in range(3):
        with world.inside():
            row = world.one(Escalation, ticket_id=bad)
            assert (row.level, row.outcome) == (1, None)
            waits.append((row.climbs_at - clock.now()).total_seconds())
            clock.travel(waits[-1])
        climb(world)
    assert waits == [2, 4, 8]
    with world.inside():
        for wrong in LadderStep.ladder(None, "customer"):
            wrong.priority_to = None  # somebody repaired it
    go_to(4 * HOUR)
    climb(world)
    assert raised(world, bad) == [(1, "customer", "climbed"), (2, "customer", None)]
    assert rows(world, bad)[1].triggered_at == T0
