"""What comes in thousands is taken in lists, and none is lost or done twice for it (Q-3, Q-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.events import Reaction, record
from helpdesk.core.reactions import relay_and_react
from tests.core.test_reactions import TESTER, act, effects, happen
from tests.support.databases import both_databases
from tests.support.jobs import run_jobs


def test_Q_4_what_comes_in_thousands_is_taken_in_lists_and_each_is_done_once(world, on):
    lists = []

    @on("test.happened", together=10)
    def take(events):
        lists.append(len(events))
        for _ in events:
            act()

    for _ in range(25):
        happen(world)
    run_jobs(world.app)
    assert (lists, effects(world)) == ([10, 10, 5], 25)


def test_Q_3_one_that_cannot_be_done_does_not_take_the_others_of_its_list_with_it(world, on):
    @on("test.happened", together=10)
    def take(events):
        for event in events:
            act()
            if event.id == bad:
                raise ValueError("this one")

    with world.inside():
        bad = record("test.happened", on=None, by=TESTER)
        db.session.flush()
        bad = bad.id
    for _ in range(5):
        happen(world)
    run_jobs(world.app)
    assert effects(world) == 5
    with world.inside():
        [left] = [each for each in db.session.scalars(select(Reaction)) if not each.done_at]
        assert (left.event_id, left.error, left.attempts) == (bad, "ValueError", 2)


@both_databases
def test_Q_3_many_workers_at_once_perform_lists_once(world, on):
    @on("test.happened", together=4)
    def take(events):
        for _ in events:
            act()

    for _ in range(25):
        happen(world)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: relay_and_react(world.app, world.organizers["acme"]), range(4)))
    assert effects(world) == 25
