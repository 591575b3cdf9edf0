"""What comes in thousands is taken in lists, and none is lost or done twice for it (Q-3, Q-4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction, record
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


def one_bad_of_six(world) -> int:
    """Six things happen; the id of the first."""
    with world.inside():
        event = record("test.happened", on=None, by=TESTER)
        db.session.flush()
        bad = event.id
    for _ in range(5):
        happen(world)
    return bad


def all_but_one_are_done(world, bad: int) -> None:
    run_jobs(world.app)
    assert effects(world) == 5
    with world.inside():
        [left] = [each for each in db.session.scalars(select(Reaction)) if not each.done_at]
        assert (left.event_id, left.error, left.attempts) == (bad, "ValueError", 2)


def do(event, bad: int) -> None:
    act()
    if event.id == bad:
        raise ValueError("this one")


def test_Q_3_one_that_cannot_be_done_does_not_take_the_others_of_its_list_with_it(world, on):
    @on("test.happened", together=10)
    def take(events):
        for event in events:
            do(event, bad)

    bad = one_bad_of_six(world)
    all_but_one_are_done(world, bad)


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


def test_Q_3_brief_ones_share_a_transaction_and_each_sees_what_is_true_then(world, on):
    heard, transactions = [], set()

    def hear(event):
        heard.append(event.id)
        transactions.add(db.session().get_transaction())
        others = [row for row in db.session if not isinstance(row, Event)]
        assert others == [], "it has nothing of another's in its hands"

    on("test.happened", brief=True)(hear)
    for _ in range(5):
        happen(world)
    run_jobs(world.app)
    assert (len(set(heard)), len(heard), len(transactions)) == (5, 5, 1)


def test_Q_3_a_brief_one_that_cannot_be_done_does_not_take_its_like_with_it(world, on):
    @on("test.happened", brief=True)
    def take(event):
        do(event, bad)

    bad = one_bad_of_six(world)
    all_but_one_are_done(world, bad)


def test_Q_3_an_urgent_reaction_is_never_in_company(world, on):
    at_once = []

    @on("test.alarm", urgent=True)
    def alone(event):
        at_once.append(db.session.scalar(select(func.count()).where(Reaction.done_at.is_(None))))

    on("test.happened", brief=True)(lambda event: None)
    happen(world, "test.alarm"), happen(world), happen(world, "test.alarm")
    run_jobs(world.app)
    assert at_once == [3, 2]  # each was done and written down before the next began


def test_Q_3_what_does_not_concern_a_subscriber_is_never_planned_for_it(world, on):
    heard = []
    on("test.happened", when=lambda event: event.data.get("loud"))(lambda event: heard.append(event.data))
    with world.inside():
        record("test.happened", on=None, by=TESTER, loud=True)
        record("test.happened", on=None, by=TESTER, loud=False)
        record("test.happened", on=None, by=TESTER)
    run_jobs(world.app)
    assert heard == [{"loud": True}]
    with world.inside():
        assert db.session.scalar(select(func.count(Reaction.id))) == 1
