"""A wake-up that is lost costs seconds and nothing else."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest

from helpdesk.core import clock, jobs, reactions
from helpdesk.core.events import record
from helpdesk.core.reactions import LEASE_SECONDS
from tests.core.test_reactions import START, TESTER, act, effects, happen
from tests.support.jobs import run_jobs


@pytest.fixture
def still():
    """A clock that stands still until somebody travels."""
    with clock.frozen(START):
        yield


def test_Q_3_the_sweep_finds_what_was_never_woken(world, on):
    on("test.happened")(act)
    happen(world), happen(world, slug="globex")  # there is no Redis in this test: every wake-up is lost
    assert effects(world) == effects(world, "globex") == 0
    with world.app.app_context():
        jobs.sweep()
    assert (effects(world), effects(world, "globex")) == (1, 1)


def test_Q_3_the_sweep_has_nothing_to_do_where_nothing_is_due(world, on, still):
    @on("test.happened")
    def failing(event):
        raise ValueError

    happen(world), run_jobs(world.app)
    with world.app.app_context():
        assert reactions.organizers_with_work() == []
    clock.travel(10)
    with world.app.app_context():
        assert reactions.organizers_with_work() == [world.organizers["acme"]]


def test_Q_3_a_commit_wakes_a_worker_once(make_app, redis_url, world, on):
    on("test.happened")(act)
    app = make_app(redis_url=redis_url)
    world.app = app
    with world.inside():
        record("test.happened", on=None, by=TESTER)
        record("test.happened", on=None, by=TESTER)
        with app.app_context():
            assert jobs.queue(app.extensions["broker"]).count == 0, "before the commit"
    assert jobs.queue(app.extensions["broker"]).count == 1
    with app.app_context():
        jobs.work(app, burst=True)
    assert effects(world) == 2


def test_Q_3_what_is_rolled_back_wakes_nobody(make_app, redis_url, world):
    world.app = make_app(redis_url=redis_url)
    with pytest.raises(ZeroDivisionError), world.inside():
        record("test.happened", on=None, by=TESTER, number=1 / 0)
    assert jobs.queue(world.app.extensions["broker"]).count == 0


def test_Q_3_without_redis_requests_succeed_quickly(make_app, world, on, tmp_path):
    """A server that is gone, and one that takes the connection and never answers."""
    on("test.happened")(act)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for url in (f"unix://{tmp_path}/gone.sock", f"redis://127.0.0.1:{mute.getsockname()[1]}"):
            world.app = make_app(redis_url=url)
            began = time.monotonic()
            for _ in range(20):
                happen(world)
            assert time.monotonic() - began < 3.5, f"{url}: {time.monotonic() - began:.1f} s for twenty deeds"
    run_jobs(make_app())
    assert effects(world) == 40


def test_the_lease_outlives_a_slow_reaction():
    assert timedelta(seconds=LEASE_SECONDS) >= timedelta(seconds=15)
