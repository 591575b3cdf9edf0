"""Alarms wake periodic work at an instant; lost ones cost no more than the interval (Q-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.core import alarms, clock, jobs
from helpdesk.core.alarms import Alarm
from helpdesk.core.db import transaction
from helpdesk.core.jobs import HealingScheduler

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
bell, other = Alarm("bell"), Alarm("other")


@pytest.fixture
def app(make_app, redis_url):
    """These tests have Redis."""
    return make_app(redis_url=redis_url)


@pytest.fixture
def redis(app):
    return app.extensions["broker"]


@pytest.fixture(autouse=True)
def _still(app):
    with clock.frozen(T0), app.app_context():
        yield


def set_(*seconds: float, alarm: Alarm = bell) -> None:
    with transaction():
        for each in seconds:
            alarm.set(T0 + timedelta(seconds=each))


def test_Q_3_it_rings_at_its_instant_and_once(redis):
    set_(10)
    clock.travel(9.9)
    assert alarms.ringing(redis) == []
    clock.travel(0.1)
    assert alarms.ringing(redis) == ["bell"]
    assert alarms.ringing(redis) == []


def test_Q_3_the_earliest_instant_stays(redis):
    set_(10, 5, 7)
    set_(8)
    set_(30, alarm=other)
    assert alarms.seconds_to_next(redis, most=60) == 5
    clock.travel(5)
    assert alarms.ringing(redis) == ["bell"]
    assert alarms.seconds_to_next(redis, most=60) == 25
    assert alarms.seconds_to_next(redis, most=1) == 1


def test_Q_3_what_was_taken_back_sets_no_alarm(redis):
    with pytest.raises(ZeroDivisionError), transaction():
        bell.set(T0)
        1 / 0  # noqa: B018
    assert alarms.ringing(redis) == []
    set_(0)
    assert alarms.ringing(redis) == ["bell"], "and does not keep the next one from being set"


def test_Q_3_without_redis_nothing_happens(make_app):
    with make_app().app_context():
        set_(0)


def test_Q_3_the_scheduler_puts_its_work_before_everything_that_waits(app, redis, monkeypatch):
    def work():
        pass

    periodic = jobs.Periodic(work, 15, bell)
    monkeypatch.setitem(jobs._periodic, periodic.name, periodic)
    scheduler = HealingScheduler(app.config["HELPDESK"], connection=redis)
    scheduler.enqueue_jobs()  # everything is due at its first pass
    jobs.queue(redis).empty()
    jobs.wake("relay", 1)
    set_(0.25)
    scheduler.enqueue_jobs()
    assert [job.args for job in jobs.queue(redis).jobs] == [[1]]
    assert scheduler._interval == pytest.approx(0.25)
    clock.travel(0.25)
    scheduler.enqueue_jobs()
    assert [job.args for job in jobs.queue(redis).jobs] == [[periodic.name], [1]]
    assert scheduler._interval == 1
