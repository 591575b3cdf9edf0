"""SLA-004, SLA-005: a ticket's promises: what starts, pauses, goes on, is carried over and measured."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.core import clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import NEVER, Ticket
from tests.sla.desk_time import HOUR, MINUTE, T0, after, clock_of, go_to, look, marks_of
from tests.support.seat import at_work

S = Status
FIRST, RESOLUTION = 8 * HOUR, 72 * HOUR  # of MEDIUM


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def do(world, made, deed, name="Gus"):
    with at_work(world, made, name) as (ticket, me):
        deed(ticket, me)


def move(world, made, status):
    do(world, made, lambda t, me: t.move_to(status, by=me))


def ask(world, made):
    do(world, made, lambda t, me: t.hear("And now?", by=t.customer))


def taken(world, **opening) -> int:
    made = world.ticket(**opening)
    do(world, made, lambda t, me: t.take(by=me))
    return made


def resolve(world, made):
    do(world, made, lambda t, me: t.resolve(by=me, note_en="Done.", note_vi="Xong."))


def tracker(world, made) -> Tracker:
    with world.inside():
        return world.one(Tracker, ticket_id=made)


def due(world, made, kind="resolution") -> float | None:
    at = clock_of(world, made, kind).due_at
    return at and (at - T0).total_seconds()


# What meets the first response ----------------------------------------------------------------------------------


def test_SLA_005_only_an_agent_s_reply_meets_the_first_response(world):
    made = taken(world)
    do(world, made, lambda t, me: t.note("A note.", by=me))
    do(world, made, lambda t, me: t.comment("A remark.", by=me))
    ask(world, made)
    assert clock_of(world, made, "first").state == "running"
    go_to(10 * MINUTE + 5)
    do(world, made, lambda t, me: t.reply("Hello.", by=me))
    assert clock_of(world, made, "first").state == "met"
    kept = tracker(world, made)
    assert (kept.first_response_at, kept.first_response_seconds, kept.first_response_wall_seconds) == (
        after(605), 605, 605)  # fmt: skip


def test_SLA_005_the_first_response_is_measured_once(world):
    made = taken(world)
    for minute in (5, 50):
        go_to(minute * MINUTE)
        do(world, made, lambda t, me: t.reply("Hello.", by=me))
    assert tracker(world, made).first_response_seconds == 5 * MINUTE


def test_SLA_005_the_first_response_does_not_pause_while_the_customer_is_awaited(world):
    made = taken(world)
    move(world, made, S.WAITING_USER)
    assert clock_of(world, made, "first").state == "running"


# Pausing --------------------------------------------------------------------------------------------------------


def test_SLA_005_the_resolution_pauses_in_waiting_user_and_goes_on(world):
    made = taken(world)
    go_to(10 * HOUR)
    move(world, made, S.WAITING_USER)
    paused = clock_of(world, made, "resolution")
    assert (paused.state, paused.due_at, paused.next_look_at, paused.used_seconds) == (
        "paused",
        None,
        None,
        10 * HOUR,
    )
    go_to(500 * HOUR)
    look(world)
    assert marks_of(world, made, "resolution") == []
    ask(world, made)
    assert due(world, made) == 490 * HOUR + RESOLUTION
    go_to(490 * HOUR + 0.75 * RESOLUTION + 1)
    look(world)
    assert marks_of(world, made, "resolution") == [("sla.warned", 490 * HOUR + 0.75 * RESOLUTION)]


@pytest.mark.parametrize("status", [S.ASSIGNED, S.IN_PROGRESS, S.WAITING_INTERNAL, S.ESCALATED, S.OPEN])
def test_SLA_005_it_runs_in_every_other_status(world, status):
    made = taken(world)
    if status != S.ASSIGNED:
        move(world, made, status)
    assert clock_of(world, made, "resolution").state == "running"
    assert due(world, made) == RESOLUTION


def test_SLA_005_a_mark_that_was_made_before_a_pause_is_not_made_again(world):
    made = taken(world)
    go_to(60 * HOUR)
    look(world)
    move(world, made, S.WAITING_USER)
    go_to(61 * HOUR)
    ask(world, made)
    go_to(64 * HOUR)
    look(world)
    assert marks_of(world, made, "resolution") == [("sla.warned", 54 * HOUR)]
    go_to(74 * HOUR)
    look(world)
    assert marks_of(world, made, "resolution")[1:] == [
        ("sla.critical", 65.8 * HOUR),
        ("sla.breached", 73 * HOUR),
    ]


def test_SLA_005_many_short_pauses_do_not_add_up_to_an_error(world):
    made = taken(world)
    paused = at = 0.0
    for _ in range(12):
        at += 10.7  # runs for 10.7 seconds, stands for 4.9
        go_to(at)
        move(world, made, S.WAITING_USER)
        at, paused = at + 4.9, paused + 4.9
        go_to(at)
        move(world, made, S.IN_PROGRESS)
    assert abs(due(world, made) - (RESOLUTION + paused)) <= 1
    go_to(1000)
    resolve(world, made)
    assert abs(tracker(world, made).resolution_seconds - (1000 - paused)) <= 1


# A breached clock -----------------------------------------------------------------------------------------------


def test_SLA_006_a_breached_ticket_stays_the_most_urgent_after_a_pause(world):
    made = taken(world)
    do(world, made, lambda t, me: t.reply("Hello.", by=me))
    go_to(80 * HOUR)
    look(world)
    move(world, made, S.WAITING_USER)
    go_to(90 * HOUR)
    ask(world, made)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert ticket.nearest_clock.kind == "resolution"
        assert ticket.due_at == after(RESOLUTION)
    resolution = clock_of(world, made, "resolution")
    assert (resolution.due_at, resolution.breached_at, resolution.next_look_at) == (
        after(RESOLUTION),
    ) * 2 + (None,)


def test_SLA_006_time_to_resolution_is_measured_after_a_breach_too(world):
    made = taken(world)
    go_to(80 * HOUR)
    look(world)
    move(world, made, S.WAITING_USER)
    go_to(90 * HOUR)
    ask(world, made)
    go_to(100 * HOUR)
    resolve(world, made)
    kept = tracker(world, made)
    assert (kept.resolution_seconds, kept.resolution_wall_seconds) == (90 * HOUR, 100 * HOUR)
    assert clock_of(world, made, "resolution").met_at == after(100 * HOUR)


def test_SLA_006_a_breach_is_marked_once_however_often_the_ticket_comes_back(world):
    made = taken(world)
    go_to(73 * HOUR)
    resolve(world, made)
    go_to(74 * HOUR)
    ask(world, made)
    go_to(300 * HOUR)
    look(world)
    assert [name for name, _ in marks_of(world, made, "resolution")] == [
        "sla.warned",
        "sla.critical",
        "sla.breached",
    ]
    assert clock_of(world, made, "resolution").met_at == after(73 * HOUR)


def test_SLA_006_after_a_late_resolution_the_time_to_resolution_goes_on_with_what_was_used(world):
    made = taken(world)
    go_to(73 * HOUR)
    resolve(world, made)
    go_to(74 * HOUR)
    ask(world, made)
    go_to(80 * HOUR)
    move(world, made, S.WAITING_USER)
    do(world, made, lambda t, me: t.reprioritise(Priority.LOW, by=me))
    go_to(90 * HOUR)
    ask(world, made)
    go_to(100 * HOUR)
    resolve(world, made)
    kept = tracker(world, made)
    assert (kept.resolution_seconds, kept.resolution_wall_seconds) == (89 * HOUR, 100 * HOUR)
    with world.inside():
        promises = world.one(Ticket, id=made).tracker.promises
        assert [(c.kind, c.round) for c in promises if c.kind == "resolution"] == [("resolution", 1)]
    assert len(marks_of(world, made, "resolution")) == 3


# Resolved, reopened, closed -------------------------------------------------------------------------------------


def test_SLA_005_a_resolution_in_time_meets_the_clock_and_is_measured(world):
    made = taken(world)
    go_to(5 * HOUR)
    move(world, made, S.WAITING_USER)
    go_to(8 * HOUR)
    resolve(world, made)
    kept = tracker(world, made)
    assert clock_of(world, made, "resolution").state == "met"
    assert (kept.resolution_at, kept.resolution_seconds, kept.resolution_wall_seconds) == (
        after(8 * HOUR), 5 * HOUR, 8 * HOUR)  # fmt: skip


def test_SLA_005_a_reopened_ticket_goes_on_with_what_it_had_used(world):
    made = taken(world)
    go_to(20 * HOUR)
    resolve(world, made)
    go_to(60 * HOUR)
    ask(world, made)
    assert (clock_of(world, made, "resolution").state, due(world, made)) == (
        "running",
        40 * HOUR + RESOLUTION,
    )
    go_to(70 * HOUR)
    resolve(world, made)
    assert tracker(world, made).resolution_seconds == 30 * HOUR


def test_SLA_005_a_first_response_that_is_still_owed_goes_on_after_reopening(world):
    made = taken(world)
    go_to(2 * HOUR)
    resolve(world, made)
    assert clock_of(world, made, "first").state == "paused"
    go_to(50 * HOUR)
    ask(world, made)
    assert due(world, made, "first") == 48 * HOUR + FIRST


def test_SLA_005_nothing_runs_on_a_closed_ticket(world):
    made = taken(world)
    resolve(world, made)
    do(world, made, lambda t, me: t.confirm(by=t.customer))
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert not [c for c in ticket.tracker.clocks if c.state == "running" or c.next_look_at]
        assert (ticket.due_at, ticket.sort_at) == (None, NEVER)


def test_SLA_004_a_ticket_has_one_tracker(any_world):
    from sqlalchemy.exc import IntegrityError

    from helpdesk.core.db import db

    made = any_world.ticket()
    with any_world.inside():
        Tracker.start("LOW", T0 + timedelta(seconds=1)).of(made)
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
