"""Held replies and the SLA monitor: a worker that comes late makes nobody late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.sla.jobs import mark_due_clocks
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import clock_of
from tests.support.seat import ticket_in
from tests.support.world import World
from tests.tickets.held import at, holds, names_on, press

S = Status
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def monitor(world: World) -> bool:
    """One pass of the SLA monitor."""
    with world.inside():
        return mark_due_clocks()


def test_SLA_005_a_held_reply_that_a_late_worker_sends_is_in_time(any_world):
    with at(MONDAY):
        made = ticket_in(any_world, S.ASSIGNED)
        holds(any_world, 10)
        due = clock_of(any_world, made, "first").due_at
    with at(due - timedelta(seconds=30)):
        press(any_world)
    with at(due + timedelta(minutes=5)):
        while monitor(any_world):
            pass
    first = clock_of(any_world, made, "first")
    assert (first.state, first.met_at) == ("met", due - timedelta(seconds=20))
    assert "sla.breached" not in names_on(any_world, made)


@pytest.mark.parametrize(("then", "state"), [("resolved", "met"), ("waiting_user", "paused")])
def test_SLA_005_what_comes_with_a_held_reply_stops_the_clock_when_it_was_to_leave(any_world, then, state):
    with at(MONDAY):
        made = ticket_in(any_world, S.ASSIGNED)
        press(any_world, then="keep")
        due = clock_of(any_world, made, "resolution").due_at
        holds(any_world, 10)
    with at(due - timedelta(seconds=30)):
        press(any_world, then=then, submission="second")
    with at(due + timedelta(minutes=5)):
        while monitor(any_world):
            pass
    resolution = clock_of(any_world, made, "resolution")
    with any_world.inside():
        assert (resolution.state, resolution.breached_at) == (state, None)
        assert resolution.used_seconds == resolution.target_seconds - 20
        assert any_world.one(Ticket, id=made).tracker.resolution_at == (
            due - timedelta(seconds=20) if then == "resolved" else None
        )


def test_SLA_006_a_reply_that_cannot_be_sent_keeps_no_clock_from_being_marked(world, monkeypatch):
    with at(MONDAY):
        made = ticket_in(world, S.ASSIGNED)
        holds(world, 10)
        due = clock_of(world, made, "first").due_at
    with at(due - timedelta(seconds=30)):
        press(world)
    monkeypatch.setattr(Ticket, "_release", lambda *_: 1 / 0)
    with at(due + timedelta(minutes=5)):
        while monitor(world):
            pass
    assert "sla.breached" in names_on(world, made)
