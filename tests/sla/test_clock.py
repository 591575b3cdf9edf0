"""SLA-005, SLA-006: what a clock marks, when, and that it marks it once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, T0, after, clock_of, go_to, look, marks_of
from tests.support.browser import counted
from tests.support.seat import at_work, events_of

FIRST = 8 * HOUR  # of MEDIUM, by the shipped policy
WARNED, CRITICAL, BREACHED = 0.75 * FIRST, 0.9 * FIRST, FIRST


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def reply(world, made):
    with at_work(world, made) as (ticket, me):
        ticket.reply("Here it is.", by=me)


def test_SLA_002_the_thresholds_lie_at_75_90_and_100_percent(world):
    first = clock_of(world, world.ticket(), "first")
    assert (first.warn_at, first.critical_at, first.due_at) == (
        after(WARNED),
        after(CRITICAL),
        after(BREACHED),
    )
    assert first.next_look_at == first.warn_at


def test_SLA_006_each_threshold_is_marked_once_with_its_instant_and_when_it_was_noticed(world):
    made = world.ticket()
    seen = []
    for threshold in (WARNED, CRITICAL, BREACHED):
        go_to(threshold - 1)
        look(world)
        assert marks_of(world, made) == seen  # a second early: nothing
        for later in (7, 8, 9):
            go_to(threshold + later)
            look(world)
        names = ("sla.warned", "sla.critical", "sla.breached")
        seen.append((names[len(seen)], threshold))
        assert marks_of(world, made) == seen
    first = clock_of(world, made, "first")
    assert first.warned_at == after(WARNED + 7)
    assert first.critical_marked_at == after(CRITICAL + 7)
    assert (first.breached_at, first.breach_noticed_at) == (after(BREACHED), after(BREACHED + 7))
    assert (first.state, first.next_look_at) == ("missed", None)


def test_SLA_006_the_marks_are_the_monitor_s(world):
    made = world.ticket()
    go_to(WARNED + 1)
    look(world)
    with world.inside():
        event = events_of(made)[-1]
        assert (event.name, event.actor["kind"], event.data["kind"]) == ("sla.warned", "system", "first")
        assert event.ticket_id == made


def test_SLA_005_a_reply_one_second_before_the_end_is_met_though_the_monitor_looks_later(world):
    made = world.ticket()
    go_to(FIRST - 1)
    reply(world, made)
    go_to(FIRST + HOUR)
    look(world)
    first = clock_of(world, made, "first")
    assert (first.state, first.met_at, first.breached_at) == ("met", after(FIRST - 1), None)
    assert [name for name, _ in marks_of(world, made, "first")] == ["sla.warned", "sla.critical"]
    with world.inside():
        assert [e.data["kind"] for e in events_of(made) if e.name == "sla.met"] == ["first"]


def test_SLA_005_a_reply_at_the_very_end_is_met(world):
    made = world.ticket()
    go_to(FIRST)
    reply(world, made)
    assert clock_of(world, made, "first").state == "met"


def test_SLA_005_a_reply_one_second_late_is_a_breach_though_the_monitor_never_looked(world):
    made = world.ticket()
    go_to(FIRST + 1)
    reply(world, made)
    first = clock_of(world, made, "first")
    assert (first.state, first.breached_at, first.met_at) == ("missed", after(FIRST), after(FIRST + 1))
    assert marks_of(world, made, "first") == [
        ("sla.warned", WARNED), ("sla.critical", CRITICAL), ("sla.breached", BREACHED)]  # fmt: skip
    with world.inside():
        assert not [e for e in events_of(made) if e.name == "sla.met"]
    look(world)
    assert len(marks_of(world, made, "first")) == 3


def test_SLA_006_after_a_downtime_it_catches_up_with_everything_in_order(world):
    made = [world.ticket() for _ in range(3)]
    go_to(80 * HOUR)  # past the resolution's end too
    look(world)
    for each in made:
        marks = marks_of(world, each, "first") + marks_of(world, each, "resolution")
        assert marks == [
            ("sla.warned", 6 * HOUR), ("sla.critical", 7.2 * HOUR), ("sla.breached", 8 * HOUR),
            ("sla.warned", 54 * HOUR), ("sla.critical", 64.8 * HOUR), ("sla.breached", 72 * HOUR)]  # fmt: skip
        assert clock_of(world, each, "first").breach_noticed_at == after(80 * HOUR)


def test_SLA_006_a_backlog_is_worked_off_in_batches_the_oldest_first(world, monkeypatch):
    from helpdesk.sla import clock as module

    monkeypatch.setattr(module, "BATCH", 2)
    for _ in range(5):
        world.ticket()
        clock.travel(1)
    go_to(WARNED + 60)
    with world.inside():
        assert Clock.mark_due() is True
        db.session.flush()
        marked = [
            c.ticket_id for c in db.session.scalars(db.select(Clock).where(Clock.warned_at.is_not(None)))
        ]
        assert sorted(marked) == [1, 2]
        assert [Clock.mark_due(), Clock.mark_due(), Clock.mark_due()] == [True, True, False]


def test_SLA_006_an_idle_pass_asks_one_question_and_writes_nothing(world):
    for _ in range(30):
        world.ticket()
    with world.inside(), counted() as sent:
        assert Clock.mark_due() is False
        db.session.flush()
    assert len(sent) == 1
    assert sent[0].startswith("SELECT")


def test_SLA_006_a_pass_costs_what_is_due_and_not_what_runs(world):
    def statements(tickets):
        for _ in range(tickets):
            world.ticket()
        with world.inside():
            world.one(Ticket, id=made).tracker.clocks[0].next_look_at = clock.now()
        clock.travel(1)
        with world.inside(), counted() as sent:
            Clock.mark_due()
            db.session.flush()
        return len(sent)

    made = world.ticket()
    few, many = statements(1), statements(30)
    assert few == many


def test_SLA_006_monitors_at_once_mark_each_threshold_once(any_world):
    made = [any_world.ticket() for _ in range(12)]
    go_to(FIRST + 1)

    def work(_):
        while True:
            with any_world.inside():
                if not Clock.mark_due():
                    return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    look(any_world)
    for each in made:
        assert [name for name, _ in marks_of(any_world, each)] == [
            "sla.warned",
            "sla.critical",
            "sla.breached",
        ]


def test_SLA_006_a_reply_and_the_monitor_at_once_leave_one_truth(any_world):
    made = [any_world.ticket() for _ in range(8)]
    go_to(FIRST + 1)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(reply, any_world, each) for each in made]
        jobs += [pool.submit(look, any_world) for _ in range(6)]
    for job in jobs:
        job.result()
    for each in made:
        assert [name for name, _ in marks_of(any_world, each, "first")] == [
            "sla.warned", "sla.critical", "sla.breached"]  # fmt: skip
        first = clock_of(any_world, each, "first")
        assert (first.breached_at, first.met_at) == (after(FIRST), after(FIRST + 1))


FROZEN = [
    "due_at = '2030-01-01 00:00:00'",
    "target_seconds = 1",
    "breached_at = NULL",
    "breached_at = '2030-01-01 00:00:00'",
    "breach_noticed_at = NULL",
    "kind = 'next'",
]


def test_SLA_006_after_a_breach_the_database_keeps_target_due_instant_and_mark(any_world):
    made = any_world.ticket()
    go_to(FIRST + 1)
    look(any_world)
    with any_world.app.app_context():
        for change in FROZEN:
            with pytest.raises(DatabaseError):
                db.session.execute(text(f"UPDATE sla_clocks SET {change} WHERE kind = 'first'"))
            db.session.rollback()
        db.session.execute(
            text(f"UPDATE sla_clocks SET target_seconds = 9 WHERE ticket_id = {made} AND kind != 'first'")
        )
        db.session.rollback()


def test_SLA_006_another_row_does_not_take_the_place_of_a_breached_one(any_world):
    any_world.ticket()
    go_to(FIRST + 1)
    look(any_world)
    columns = "organizer_id, tracker_id, ticket_id, kind, round, is_off, used_seconds, target_seconds"
    other = "organizer_id, tracker_id, ticket_id, kind, round, is_off, used_seconds, 99999 FROM sla_clocks"
    first = "(SELECT id FROM sla_clocks WHERE kind = 'first')"
    attempts = [
        f"INSERT INTO sla_clocks (id, {columns}) SELECT id, {other} WHERE kind = 'first'",
        f"REPLACE INTO sla_clocks (id, {columns}) SELECT id, {other} WHERE kind = 'first'",
        f"REPLACE INTO sla_clocks (id, {columns}) SELECT id + 1000, {other} WHERE kind = 'first'",
        "UPDATE OR REPLACE sla_clocks SET kind = 'first' WHERE kind <> 'first'",
        f"UPDATE OR REPLACE sla_clocks SET id = {first} WHERE kind <> 'first'",
    ]  # PostgreSQL knows no REPLACE
    with any_world.app.app_context():
        for attempt in attempts:
            with pytest.raises(DatabaseError):
                db.session.execute(text(attempt))
            db.session.rollback()
        kept = db.session.execute(text("SELECT target_seconds FROM sla_clocks WHERE kind = 'first'"))
        assert kept.scalars().all() == [FIRST]
        db.session.rollback()


def test_SLA_006_when_it_was_finally_met_is_written_once(any_world):
    made = any_world.ticket()
    go_to(FIRST + 1)
    look(any_world)
    go_to(FIRST + HOUR)
    reply(any_world, made)
    assert clock_of(any_world, made, "first").met_at == after(FIRST + HOUR)
    with any_world.app.app_context():
        with pytest.raises(DatabaseError):
            db.session.execute(text("UPDATE sla_clocks SET met_at = NULL WHERE kind = 'first'"))
        db.session.rollback()
        with pytest.raises(DatabaseError):
            db.session.execute(text("DELETE FROM sla_clocks WHERE kind = 'first'"))
        db.session.rollback()


@pytest.mark.parametrize("end", [Status.RESOLVED, Status.CLOSED])
def test_SLA_006_a_finished_ticket_gets_no_alerts(world, end):
    made = world.ticket()
    with at_work(world, made, "Mai") as (ticket, mai):
        if end == Status.RESOLVED:
            ticket.resolve(by=mai, note_vi="Xong.")
        else:
            ticket.close(by=mai, reason="spam")
    go_to(200 * HOUR)
    look(world)
    assert marks_of(world, made) == []
    with world.inside():
        assert world.one(Ticket, id=made).nearest_clock is None
