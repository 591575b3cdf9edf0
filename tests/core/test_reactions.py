"""A lost wake-up costs seconds, and never an effect or a second one (Q-3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from helpdesk.core import clock, reactions
from helpdesk.core.db import db
from helpdesk.core.events import Reaction, Robot, record, relay, subscriber_name
from helpdesk.core.reactions import LEASE_SECONDS, MOST_ATTEMPTS, relay_and_react, wait_after
from helpdesk.tickets.category import Category
from tests.support.databases import both_databases
from tests.support.jobs import run_jobs

TESTER = Robot("tester", "A test")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Killed(BaseException):
    """What a process that is killed leaves behind: an open transaction that is rolled back, and nothing else."""


def happen(world, name: str = "test.happened", slug: str = "acme") -> None:
    with world.inside(slug):
        record(name, on=None, by=TESTER)


def act(event=None) -> None:
    """An effect that can be counted."""
    db.session.add(Category(name_en="An effect", name_vi="x", position=9))


def effects(world, slug: str = "acme") -> int:
    with world.inside(slug):
        return world.count(Category, name_en="An effect")


def only(world) -> Reaction:
    with world.inside():
        return world.one(Reaction)


def plan(world) -> None:
    """Seal what happened and plan its reactions, without performing them."""
    with world.inside():
        relay()


def claim(world) -> tuple[int, int]:
    with world.inside():
        [claimed] = reactions._claim()
        return next(iter(claimed.items()))


def perform(world, reaction_id: int, fence: int) -> None:
    reactions._perform(world.app, world.organizers["acme"], {reaction_id: fence})


@pytest.fixture
def still():
    """A clock that stands still until somebody travels."""
    with clock.frozen(START):
        yield


# What goes well -----------------------------------------------------------------------------------------------


@both_databases
def test_Q_3_each_subscriber_reacts_once_to_each_event(world, on):
    heard = []

    @on("test.happened")
    def one(event):
        heard.append(("one", event.sequence))

    @on("test.happened", "test.other")
    def two(event):
        heard.append(("two", event.sequence))

    happen(world), happen(world, "test.other"), happen(world, "test.unheard")
    run_jobs(world.app), run_jobs(world.app)
    assert sorted(heard) == [("one", 1), ("two", 1), ("two", 2)]


def test_Q_3_effect_and_done_mark_are_one_transaction(world, on):
    on("test.happened")(act)
    happen(world), run_jobs(world.app)
    assert effects(world) == 1
    done = only(world)
    assert (done.done_at is not None, done.next_at, done.attempts, done.error) == (True, None, 1, None)


def test_Q_3_what_a_reaction_records_is_reacted_to_as_well(world, on):
    heard = []

    @on("test.happened")
    def again(event):
        record("test.followed", on=None, by=TESTER)

    on("test.followed")(lambda event: heard.append(event.name))
    happen(world), run_jobs(world.app)
    assert heard == ["test.followed"]


def test_Q_3_an_urgent_reaction_goes_before_what_came_earlier(world, on, monkeypatch):
    monkeypatch.setattr(reactions, "AT_ONCE", 1)
    heard = []

    @on("test.happened")
    def slowly(event):
        heard.append("slowly")

    @on("test.alarm", urgent=True)
    def at_once(event):
        heard.append("at once")

    happen(world), happen(world), happen(world, "test.alarm")
    run_jobs(world.app)
    assert heard == ["at once", "slowly", "slowly"]


def test_Q_1_a_reaction_is_inside_the_organizer_of_its_event(world, on):
    on("test.happened")(act)
    happen(world, slug="globex"), run_jobs(world.app)
    assert (effects(world, "globex"), effects(world, "acme")) == (1, 0)


def test_a_reaction_is_named_by_room_and_function():
    def tell():
        pass

    tell.__module__ = "helpdesk.notifications.subscribers"
    assert subscriber_name(tell) == "notifications.tell"


def test_Q_7_a_reaction_that_a_newer_version_dropped_is_done(world, on):
    @on("test.happened")
    def dropped(event):
        raise AssertionError

    happen(world), plan(world)
    from helpdesk.core import events

    events._ears.clear()
    run_jobs(world.app)
    assert only(world).done_at


# What goes wrong ----------------------------------------------------------------------------------------------


@both_databases
def test_Q_3_a_reaction_that_fails_leaves_nothing_and_is_tried_again(world, on, still):
    faults = [ValueError("Bea's words"), KeyError("x")]

    @on("test.happened")
    def shaky(event):
        act()
        db.session.flush()
        if faults:
            raise faults.pop(0)

    happen(world), run_jobs(world.app)
    failed = only(world)
    assert effects(world) == 0
    assert (failed.attempts, failed.done_at, failed.failed_at) == (1, None, None)
    assert failed.error == "ValueError"  # and not what it said, which may be what somebody wrote
    run_jobs(world.app)
    assert only(world).attempts == 1, "it was tried again at once"
    clock.travel(1.3), run_jobs(world.app)
    assert only(world).attempts == 2
    clock.travel(2.5), run_jobs(world.app)
    assert effects(world) == 1
    assert only(world).done_at


def test_Q_3_the_waits_grow_up_to_five_minutes():
    for attempts, seconds in {1: 1, 2: 2, 3: 4, 6: 32, 8: 128, 20: 300}.items():
        waits = {wait_after(attempts).total_seconds() for _ in range(50)}
        assert seconds * 0.8 <= min(waits) <= max(waits) <= seconds * 1.2
        assert len(waits) > 1, "no jitter"


def test_Q_3_a_poisoned_reaction_is_set_aside_and_others_go_on(world, on, still):
    @on("test.happened")
    def poisoned(event):
        raise ValueError

    on("test.happened")(act)
    happen(world)
    for _ in range(MOST_ATTEMPTS + 3):
        run_jobs(world.app)
        clock.travel(400)
    with world.inside():
        left = world.one(Reaction, subscriber="tests.core.test_reactions.poisoned")
        assert (left.attempts, left.next_at) == (MOST_ATTEMPTS, None)
        assert left.failed_at
        assert left.done_at is None
    assert effects(world) == 1


def test_Q_3_one_organizers_fault_does_not_hold_the_other(world, on):
    @on("test.happened")
    def partial(event):
        if event.organizer_id == world.organizers["acme"]:
            raise ValueError
        act()

    happen(world), happen(world, slug="globex")
    run_jobs(world.app)
    assert effects(world, "globex") == 1


@both_databases
def test_Q_3_a_worker_killed_in_the_midst_is_made_good_once_its_lease_is_over(world, on, still):
    lives = [Killed, None]

    @on("test.happened")
    def fatal(event):
        act()
        db.session.flush()
        if death := lives.pop(0):
            raise death

    happen(world)
    with pytest.raises(Killed):
        run_jobs(world.app)
    assert effects(world) == 0
    run_jobs(world.app)
    assert lives == [None], "it was performed while the lease of the other was running"
    clock.travel(LEASE_SECONDS + 1)
    run_jobs(world.app)
    assert effects(world) == 1
    done = only(world)
    assert (done.attempts, done.done_at is not None) == (2, True)


def test_Q_3_a_worker_killed_before_its_first_step_is_made_good(world, on, still):
    on("test.happened")(act)
    happen(world), plan(world), claim(world)  # and dies
    run_jobs(world.app)
    assert effects(world) == 0
    clock.travel(LEASE_SECONDS + 1), run_jobs(world.app)
    assert effects(world) == 1


def test_Q_3_a_late_worker_does_not_do_it_again(world, on, still):
    """One stopped for longer than its lease wakes up: another has it, or has done it."""
    on("test.happened")(act)
    happen(world), plan(world)
    late = claim(world)
    clock.travel(LEASE_SECONDS + 1)
    second = claim(world)
    assert second[0] == late[0]
    perform(world, *late)
    assert effects(world) == 0, "its fence is stale"
    perform(world, *second)
    perform(world, *second)
    perform(world, *late)
    assert effects(world) == 1


def test_Q_3_a_late_workers_fault_does_not_disturb_the_other(world, on, still):
    @on("test.happened")
    def never(event):
        raise ValueError

    happen(world), plan(world)
    late = claim(world)
    clock.travel(LEASE_SECONDS + 1)
    claim(world)
    before = only(world)
    reactions._put_back(world.app, world.organizers["acme"], dict([late]), ValueError())
    after = only(world)
    assert (after.next_at, after.error, after.fence) == (before.next_at, None, before.fence)


@both_databases
def test_Q_3_many_workers_at_once_perform_each_reaction_once(world, on):
    on("test.happened")(act)
    for _ in range(25):
        happen(world)
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: relay_and_react(world.app, world.organizers["acme"]), range(4)))
    assert effects(world) == 25
    with world.inside():
        assert {r.attempts for r in db.session.scalars(select(Reaction))} == {1}
