"""AGT-006, AGT-007: workers who choose at once do not wait for each other, and choose as one after another would."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event as Signal

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import on_postgresql
from tests.support.world import World

LONG = 20  # seconds; no answer after so long: they wait for each other


def rule(world: World, **asked: object) -> None:
    with world.inside():
        db.session.add(Rule(name_en="First", name_vi="Một", position=0, **asked))


def decide(world: World, ticket_id: int) -> str:
    """Who got it."""
    with world.inside():
        return name(Decision.make(ticket_id))


def name(decision: Decision | None) -> str:
    db.session.flush()
    return decision.chosen.name if decision and decision.chosen else ""


@contextmanager
def under_way(
    world: World, pool: ThreadPoolExecutor, ticket_id: int, *, fails: bool = False
) -> Iterator[Future[str]]:
    """A worker who has chosen, and whose transaction has not ended; it may be taken back in the end."""
    chosen, goes_on = Signal(), Signal()

    def work() -> str:
        with world.inside():
            who = name(Decision.make(ticket_id))
            chosen.set()
            assert goes_on.wait(LONG)
            if fails:
                raise ConnectionError
            return who

    first = pool.submit(work)
    assert chosen.wait(LONG)
    yield first
    goes_on.set()


def seen(world: World, ticket_id: int) -> dict[str, int]:
    """Name → with how many tickets the decision saw him."""
    with world.inside():
        kept = db.session.scalars(select(Decision).where(Decision.ticket_id == ticket_id)).one()
        return {one.name: one.load for one in kept.candidates}


@on_postgresql
def test_AGT_006_who_is_given_a_ticket_just_now_is_seen_with_it(world: World) -> None:
    first, second = world.ticket(), world.ticket()
    with ThreadPoolExecutor(2) as pool:
        with under_way(world, pool, first) as one:
            other = pool.submit(decide, world, second).result(LONG)  # while the first has not ended
        assert {one.result(LONG), other} == {"Gus", "Linh"}
    assert seen(world, second)[one.result()] == 1
    assert seen(world, second)[other] == 0


@on_postgresql
def test_AGT_006_who_is_the_best_all_the_same_is_waited_for(world: World) -> None:
    with world.inside():
        rule_for = world.user("Gus").id
    rule(world, strategy="fixed", candidates={"fixed": rule_for}, conditions={})
    first, second = world.ticket(), world.ticket()
    with ThreadPoolExecutor(2) as pool:
        with under_way(world, pool, first) as one:
            other = pool.submit(decide, world, second)
            assert not other.done()
        assert (one.result(LONG), other.result(LONG)) == ("Gus", "Gus")
    assert seen(world, second)["Gus"] == 1


@on_postgresql
def test_AGT_010_the_last_place_that_is_being_given_is_no_place_any_more(world: World) -> None:
    with world.inside():
        for name in ("Gus", "Linh"):
            Agent.of(world.user(name).id).cap = 1
    made = [world.ticket() for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        with under_way(world, pool, made[0]) as one:
            other = pool.submit(decide, world, made[1]).result(LONG)
            nobody = pool.submit(decide, world, made[2])
        assert {one.result(LONG), other} == {"Gus", "Linh"}
        assert nobody.result(LONG) == ""
    with world.inside():
        assert {one.load for one in db.session.scalars(select(Agent)) if one.cap == 1} == {1}
        assert db.session.get_one(Ticket, made[2]).assignee_id is None


@on_postgresql
def test_AGT_010_the_last_place_that_is_not_given_after_all_is_one(world: World) -> None:
    with world.inside():
        Agent.of(world.user("Gus").id).cap = 1
        Agent.of(world.user("Linh").id).cap = 0
    first, second = world.ticket(), world.ticket()
    with ThreadPoolExecutor(2) as pool:
        with under_way(world, pool, first, fails=True) as one:
            other = pool.submit(decide, world, second)
            with pytest.raises(TimeoutError):  # that nobody can have it is not known yet
                other.result(0.5)
        assert isinstance(one.exception(LONG), ConnectionError)
        assert other.result(LONG) == "Gus"
