"""SLA-006: the monitor is woken in time, works beside others, and one bad row does not hold it up."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from helpdesk.core import alarms, clock, jobs
from helpdesk.core.db import db
from helpdesk.core.tenancy import present_organizer
from helpdesk.sla.clock import Clock
from tests.sla.desk_time import HOUR, T0, after, go_to, look, marks_of
from tests.support.databases import both_databases
from tests.support.jobs import run_periodic
from tests.support.seat import at_work
from tests.support.world import World

FIRST = 8 * HOUR
MONITOR = "helpdesk.sla.jobs.mark_due_clocks"


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@pytest.fixture
def awake(make_app, redis_url) -> World:
    """The cast, with Redis."""
    return World(make_app(redis_url=redis_url))


def next_alarm(world) -> float | None:
    """Seconds after T0."""
    found = world.app.extensions["broker"].zscore(alarms.KEY, "sla")
    return None if found is None else found - T0.timestamp()


def test_SLA_006_a_new_ticket_sets_the_alarm_to_its_first_threshold(awake):
    awake.ticket()
    assert next_alarm(awake) == 0.75 * FIRST
    clock.travel(60)
    awake.ticket(priority="CRITICAL")
    assert next_alarm(awake) == 60 + 0.75 * HOUR
    awake.ticket(priority="LOW")
    assert next_alarm(awake) == 60 + 0.75 * HOUR


def test_SLA_006_after_a_look_the_alarm_is_set_to_what_comes_next(awake):
    awake.ticket()
    go_to(0.75 * FIRST + 1)
    assert alarms.ringing(awake.app.extensions["broker"]) == ["sla"]
    run_periodic(awake.app)
    assert next_alarm(awake) == 0.9 * FIRST


def test_SLA_006_two_organizers_share_the_alarm_and_the_earlier_one_stays(awake):
    awake.ticket(priority="CRITICAL")
    awake.ticket(by="Cyd")
    alarms.ringing(awake.app.extensions["broker"])
    clock.travel(1)
    run_periodic(awake.app)
    assert next_alarm(awake) == 0.75 * HOUR


def test_SLA_006_a_monitor_that_died_keeps_no_other_from_its_work(awake):
    made = awake.ticket()
    redis = awake.app.extensions["broker"]
    redis.set(f"helpdesk:every:{MONITOR}", "somebody", ex=300)
    go_to(FIRST + 1)
    with awake.app.app_context():
        jobs.repeat(MONITOR)
    assert len(marks_of(awake, made)) == 3


def spoil(world, clock_id: int) -> None:
    """From now on this row cannot be written, whoever tries."""
    with world.inside():
        if db.engine.dialect.name == "sqlite":
            act = "SELECT RAISE(ABORT, 'poison')"
            db.session.execute(
                text(
                    f"CREATE TRIGGER poison BEFORE UPDATE ON sla_clocks WHEN OLD.id = {clock_id} BEGIN {act}; END"
                )
            )
        else:
            db.session.execute(
                text(
                    "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'poison'; END $$"
                )
            )
            db.session.execute(
                text(
                    "CREATE TRIGGER poison BEFORE UPDATE ON sla_clocks FOR EACH ROW "
                    f"WHEN (OLD.id = {clock_id}) EXECUTE FUNCTION poison()"
                )
            )


@both_databases
def test_SLA_006_a_row_that_cannot_be_marked_does_not_hold_up_the_others(world):
    bad, *good = [world.ticket() for _ in range(5)]
    with world.inside():
        spoilt = world.one(Clock, ticket_id=bad, kind="first").id
    spoil(world, spoilt)
    go_to(FIRST + 1)
    look(world)
    assert all(len(marks_of(world, each)) == 3 for each in good)
    assert marks_of(world, bad, "first") == []
    with world.inside():
        assert Clock.mark_due() is False, "it is not tried over and over"


@both_databases
def test_SLA_006_a_row_that_cannot_be_marked_now_is_tried_again_later(world, monkeypatch):
    bad, good = world.ticket(), world.ticket()
    real = Clock.mark

    def mark(self, until):
        if self.ticket_id == bad and not mended:
            raise ArithmeticError
        real(self, until)

    mended = False
    monkeypatch.setattr(Clock, "mark", mark)
    go_to(FIRST + 1)
    look(world)
    assert (len(marks_of(world, good)), len(marks_of(world, bad))) == (3, 0)
    mended = True
    look(world)
    assert len(marks_of(world, bad)) == 0, "it waits for a while"
    go_to(FIRST + 62)
    look(world)
    assert len(marks_of(world, bad)) == 3


@both_databases
def test_SLA_006_a_late_monitor_writes_the_instants_at_which_it_was_due(world):
    made = world.ticket()
    go_to(FIRST + 6 * HOUR)
    look(world)
    with world.inside():
        first = world.one(Clock, ticket_id=made, kind="first")
        assert (first.breached_at, first.breach_noticed_at) == (after(FIRST), after(FIRST + 6 * HOUR))
        assert present_organizer()


def test_SLA_005_a_deed_that_has_the_row_is_not_waited_for(any_world):
    """PostgreSQL passes a locked row by; SQLite has one writer, and so nothing to pass by."""
    made = any_world.ticket()
    go_to(FIRST + 1)
    with at_work(any_world, made) as (ticket, me):
        ticket.note("I look at it.", by=me)
    look(any_world)
    assert len(marks_of(any_world, made)) == 3
