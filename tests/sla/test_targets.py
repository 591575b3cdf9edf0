"""SLA-005: new targets carry over what was used, and every question may have its own answer due."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, MINUTE, T0, after, clock_of, go_to, look, marks_of, own_policy, targets
from tests.support.seat import at_work

S = Status
FIRST = 8 * HOUR  # of MEDIUM


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


def due(world, made, kind="resolution") -> float | None:
    at = clock_of(world, made, kind).due_at
    return at and (at - T0).total_seconds()


def test_SLA_005_a_new_priority_carries_over_what_was_used(world):
    made = taken(world)
    go_to(2 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    assert (due(world, made, "first"), due(world, made)) == (4 * HOUR, 24 * HOUR)
    go_to(3 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.LOW, by=me))
    assert (due(world, made, "first"), due(world, made)) == (24 * HOUR, 120 * HOUR)
    with world.inside():
        assert world.one(Ticket, id=made).due_at == after(24 * HOUR)


def test_SLA_005_a_priority_whose_target_is_used_up_is_due_at_once(world):
    made = taken(world)
    go_to(5 * HOUR)
    do(world, made, lambda t, me: t.reprioritise(Priority.CRITICAL, by=me))
    go_to(5 * HOUR + 1)
    look(world)
    assert clock_of(world, made, "first").state == "missed"
    assert clock_of(world, made, "first").breached_at == after(5 * HOUR)


def test_SLA_005_a_paused_clock_takes_the_new_target_and_stays_paused(world):
    made = taken(world)
    go_to(HOUR)
    move(world, made, S.WAITING_USER)
    do(world, made, lambda t, me: t.reprioritise(Priority.HIGH, by=me))
    assert clock_of(world, made, "resolution").state == "paused"
    go_to(11 * HOUR)
    ask(world, made)
    assert due(world, made) == 10 * HOUR + 24 * HOUR


def test_SLA_006_a_new_priority_does_not_move_what_was_breached(world):
    made = taken(world)
    go_to(9 * HOUR)
    look(world)
    do(world, made, lambda t, me: t.reprioritise(Priority.LOW, by=me))
    assert (due(world, made, "first"), clock_of(world, made, "first").state) == (FIRST, "missed")


@pytest.fixture
def chatty(world):
    """A policy that promises an answer to every question within an hour."""
    with world.inside():
        own_policy(targets=targets(first=2 * HOUR, next=HOUR, resolution=None))


@pytest.mark.usefixtures("chatty")
def test_SLA_005_the_next_response_counts_from_the_oldest_unanswered_question(world):
    made = taken(world)
    do(world, made, lambda t, me: t.reply("Hello.", by=me))
    go_to(HOUR)
    ask(world, made)
    go_to(HOUR + 30 * MINUTE)
    ask(world, made)
    assert due(world, made, "next") == 2 * HOUR
    go_to(2 * HOUR - 1)
    do(world, made, lambda t, me: t.reply("Yes.", by=me))
    assert clock_of(world, made, "next").state == "met"
    go_to(3 * HOUR)
    ask(world, made)
    newest = clock_of(world, made, "next")
    assert (newest.round, newest.state, due(world, made, "next")) == (2, "running", 4 * HOUR)


@pytest.mark.usefixtures("chatty")
def test_SLA_005_before_the_first_response_there_is_no_next_one(world):
    made = taken(world)
    ask(world, made)
    with world.inside():
        assert [c.kind for c in world.one(Ticket, id=made).tracker.promises] == ["first"]


@pytest.mark.usefixtures("chatty")
def test_SLA_005_a_note_does_not_meet_the_next_response(world):
    made = taken(world)
    do(world, made, lambda t, me: t.reply("Hello.", by=me))
    ask(world, made)
    do(world, made, lambda t, me: t.note("Hm.", by=me))
    assert clock_of(world, made, "next").state == "running"
    go_to(HOUR + 1)
    look(world)
    assert marks_of(world, made, "next")[-1] == ("sla.breached", HOUR)
