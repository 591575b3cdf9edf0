"""The schedule in Redis is made equal to the list in the code, at every pass."""

from __future__ import annotations

import re

import pytest

from helpdesk.core import clock, jobs
from helpdesk.core.jobs import HealingScheduler, JsonJob
from helpdesk.core.tenancy import present_organizer

ran: list = []


@pytest.fixture
def app(make_app, redis_url):
    """These tests have Redis."""
    ran.clear()
    return make_app(redis_url=redis_url)


@pytest.fixture
def redis(app):
    return app.extensions["broker"]


def scheduler(app, redis) -> HealingScheduler:
    return HealingScheduler(app.config["HELPDESK"], connection=redis)


def entries(redis) -> set[str]:
    return {key.decode() for key in redis.zrange("rq:scheduler:scheduled_jobs", 0, -1)}


def test_Q_3_the_schedule_is_what_the_code_says(app, redis):
    one = scheduler(app, redis)
    one.enqueue_jobs()
    assert entries(redis) == set(one.wanted) | {"every-sweep-3"}
    assert len(one.wanted) == len(jobs._periodic) + 1
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", id) for id in one.wanted)


def test_Q_3_a_lost_entry_comes_back_and_a_stray_one_goes(app, redis):
    one = scheduler(app, redis)
    one.enqueue_jobs()
    redis.zrem("rq:scheduler:scheduled_jobs", "every-sweep-3")
    redis.zadd("rq:scheduler:scheduled_jobs", {"somebody-elses": 1})
    one.enqueue_jobs()
    assert entries(redis) == set(one.wanted)


def test_Q_3_a_schedule_that_was_flushed_comes_back(app, redis):
    one = scheduler(app, redis)
    one.enqueue_jobs()
    redis.flushall()
    one.enqueue_jobs()
    assert entries(redis) == set(one.wanted)
    assert jobs.queue(redis).count == len(one.wanted), "all is due at once"


def test_Q_3_a_changed_interval_takes_the_place_of_the_old_one(make_app, redis_url, redis, app):
    scheduler(app, redis).enqueue_jobs()
    before = entries(redis)
    slower = make_app(redis_url=redis_url, sla_tick_seconds=99)
    scheduler(slower, redis).enqueue_jobs()
    changed = entries(redis) - before
    assert changed
    assert all(id.endswith("-99") for id in changed)
    assert len(entries(redis)) == len(before)


def test_Q_3_two_schedulers_are_as_one(app, redis):
    one, two = scheduler(app, redis), scheduler(app, redis)
    one.enqueue_jobs(), two.enqueue_jobs(), one.enqueue_jobs()
    assert jobs.queue(redis).count == len(one.wanted)


def test_Q_3_what_is_scheduled_runs(app, redis, world, periodic, on):
    from helpdesk.core.events import Robot, record

    @jobs.every(seconds=60)
    def look():
        ran.append(present_organizer())

    on("test.happened")(lambda event: ran.append(event.name))
    with world.inside():  # no Redis in this one: the wake-up is lost
        record("test.happened", on=None, by=Robot("tester", "A test"))
    scheduler(app, redis).enqueue_jobs()
    with app.app_context():
        jobs.work(app, burst=True)
    assert sorted(map(str, ran)) == sorted([*map(str, world.organizers.values()), "test.happened"])


def test_Q_6_the_scheduler_shows_that_it_lives(app, redis):
    scheduler(app, redis).enqueue_jobs()
    assert redis.get("helpdesk:scheduler").decode()[:10] == clock.now().isoformat()[:10]
    assert redis.ttl("helpdesk:scheduler") <= 60


def test_jobs_keep_their_serializer_when_they_are_fetched(app, redis):
    with app.app_context():
        jobs.wake("relay", 7)
    [id] = jobs.queue(redis).job_ids
    assert JsonJob.fetch(id, connection=redis).args == [7]
