"""Wake-ups through RQ and periodic work: neither is the only memory of what must be done (Q-3)."""

from __future__ import annotations

import json
import pickle
import re
import zlib
from pathlib import Path

import pytest
from rq.job import Job
from rq.queue import Queue
from rq.serializers import DefaultSerializer

from helpdesk.core import jobs
from helpdesk.core.db import db
from helpdesk.core.jobs import QUEUE
from helpdesk.core.tenancy import present_organizer
from helpdesk.tickets.category import Category
from tests.support.jobs import run_jobs

ran: list = []


@pytest.fixture
def app(make_app, redis_url):
    """These tests have Redis."""
    ran.clear()
    return make_app(redis_url=redis_url)


@pytest.fixture
def redis(app):
    return app.extensions["broker"]


def repeat(app, periodic: dict[str, jobs.Periodic]) -> None:
    for name in list(periodic):
        with app.app_context():
            jobs.repeat(name)


def effect() -> None:
    db.session.add(Category(name_en="An effect", name_vi="x", position=9))


def effects(world, slug: str = "acme") -> int:
    with world.inside(slug):
        return world.count(Category, name_en="An effect")


# Periodic work ------------------------------------------------------------------------------------------------


def test_Q_3_periodic_work_is_done_once_inside_each_organizer(app, world, periodic):
    @jobs.every(seconds=60)
    def look():
        ran.append(present_organizer())
        effect()

    repeat(app, periodic)
    assert ran == list(world.organizers.values())
    assert (effects(world), effects(world, "globex")) == (1, 1)


def test_Q_3_an_organizer_who_is_not_active_is_left_alone(app, world, periodic):
    from helpdesk.organizers.organizer import Organizer

    with world.inside("globex"):
        world.one(Organizer, slug="globex").is_active = False
    jobs.every(seconds=60)(lambda: ran.append(present_organizer()))
    repeat(app, periodic)
    assert ran == [world.organizers["acme"]]


def test_Q_3_a_fault_in_one_organizer_does_not_stop_the_others(app, world, periodic):
    @jobs.every(seconds=60)
    def shaky():
        effect()
        if present_organizer() == world.organizers["acme"]:
            raise ValueError

    repeat(app, periodic)
    assert (effects(world), effects(world, "globex")) == (0, 1)


def test_Q_3_work_that_says_there_is_more_goes_on_at_once(app, world, periodic):
    left = dict.fromkeys(world.organizers.values(), 3)

    @jobs.every(seconds=60)
    def some():
        effect()
        left[present_organizer()] -= 1
        return left[present_organizer()]

    repeat(app, periodic)
    assert effects(world) == effects(world, "globex") == 3


def test_Q_3_a_run_that_takes_longer_than_its_interval_is_alone(app, periodic):
    @jobs.every(seconds=60)
    def slow():
        ran.append(1)
        if len(ran) < 5:
            repeat(app, periodic)  # the next one begins meanwhile

    repeat(app, periodic)
    assert len(ran) == 2, "once for each of two organizers"
    repeat(app, periodic)
    assert len(ran) == 4, "and the lock is given back"


def test_Q_3_a_run_that_was_killed_keeps_its_lock_for_a_while_only(app, redis, periodic):
    jobs.every(seconds=60)(lambda: ran.append(1))
    [name] = periodic
    redis.set(f"helpdesk:every:{name}", "of a worker that is no more", ex=jobs.LOCK_SECONDS)
    repeat(app, periodic)
    assert ran == []
    assert 0 < redis.ttl(f"helpdesk:every:{name}") <= jobs.LOCK_SECONDS


def test_an_interval_may_be_a_setting(app, periodic):
    jobs.every(seconds="sla_tick_seconds")(lambda: None)
    [entry] = periodic.values()
    assert entry.interval(app.config["HELPDESK"]) == 15


# Deferred work ------------------------------------------------------------------------------------------------


def test_Q_3_deferred_work_waits_for_the_commit(app, world, redis, deferred):
    @jobs.job
    def later(first, second):
        ran.append((first, second, present_organizer()))
        effect()

    world.app = app
    with world.inside("globex"):
        later.later(5, 6)
        assert jobs.queue(redis).count == 0
    assert jobs.queue(redis).count == 1
    run_jobs(app)
    assert ran == [(5, 6, world.organizers["globex"])]
    assert effects(world, "globex") == 1


def test_Q_3_deferred_work_that_fails_leaves_nothing_and_is_seen(app, world, redis, deferred):
    @jobs.job
    def failing():
        effect()
        raise ValueError("what Bea wrote")

    world.app = app
    with world.inside():
        failing.later()
    run_jobs(app)
    assert effects(world) == 0
    assert jobs.queue(redis).failed_job_registry.count == 1


def test_Q_3_work_in_steps_opens_its_own_transactions(app, world, deferred):
    from helpdesk.core.db import transaction

    @jobs.job
    @jobs.in_steps
    def steps():
        with transaction():
            effect()
        raise ValueError

    world.app = app
    with world.inside():
        steps.later()
    run_jobs(app)
    assert effects(world) == 1
    jobs._in_steps.discard(steps.function)


def test_a_job_of_an_older_version_is_passed_over(app):
    with app.app_context():
        jobs.perform("helpdesk.gone.forever", 1, [2])


# What goes over the line --------------------------------------------------------------------------------------


def test_Q_2_jobs_are_json_and_never_pickle(app, redis):
    with app.app_context():
        jobs.wake("relay", 7)
    [id] = jobs.queue(redis).job_ids
    said = redis.hget(f"rq:job:{id}", "data")
    assert json.loads(zlib.decompress(said)) == ["helpdesk.core.jobs.relay", None, [7], {}]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", id)


class Bomb:
    """Runs when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_Q_2_write_access_to_redis_is_not_code_execution(app, redis, tmp_path):
    proof = tmp_path / "proof"
    pickled = Queue(QUEUE, connection=redis, serializer=DefaultSerializer)
    job = Job.create("helpdesk.core.jobs.relay", args=(1,), connection=redis, serializer=DefaultSerializer)
    pickled.enqueue_job(job)
    redis.hset(f"rq:job:{job.id}", "data", zlib.compress(pickle.dumps(Bomb(str(proof)))))
    with app.app_context():
        jobs.work(app, burst=True)
    assert not proof.exists()


def test_Q_3_all_work_is_on_one_queue():
    """RQ finds a job that a killed worker had popped only where that worker had one queue."""
    source = Path(jobs.__file__).read_text()
    assert source.count("SimpleWorker(") == 1
    assert "[queue(connection)]" in source


def test_Q_3_a_wake_up_without_redis_is_no_error(make_app):
    with make_app(redis_url=None).app_context():
        jobs.wake("relay", 7)


# A wake-up that waits already ---------------------------------------------------------------------------------


def test_Q_3_the_very_same_wake_up_waits_once(app, redis):
    with app.app_context():
        for organizer_id in (7, 7, 8, 7):
            jobs.wake("relay", organizer_id)
        jobs.wake("perform", "some.function", 7, [1])
        jobs.wake("perform", "some.function", 7, [2])
    assert len(jobs.queue(redis).job_ids) == 4


def test_Q_3_what_happens_after_a_job_has_begun_wakes_another(app, redis, monkeypatch):
    def look(app, organizer_id):
        jobs.wake("relay", organizer_id)
        ran.append(len(jobs.queue(redis).job_ids))

    monkeypatch.setattr(jobs.reactions, "relay_and_react", look)
    with app.app_context():
        jobs.relay(7)
    assert ran == [1]


def test_Q_3_a_mark_whose_job_was_lost_is_gone_within_seconds(app, redis):
    with app.app_context():
        jobs.wake("relay", 7)
    [mark] = redis.keys("helpdesk:waiting:*")
    assert 0 < redis.pttl(mark) <= 3_000
