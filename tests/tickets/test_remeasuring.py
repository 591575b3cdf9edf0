"""SLA-004, SLA-005: running tickets follow a new version of their policy or calendar, as it was foretold, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.jobs import _periodic
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets import remeasuring
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.remeasuring import SETTLING, Remeasuring
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, MINUTE, T0, after, clock_of, go_to, targets
from tests.support.seat import at_work, bring_to, events_of, thread_of
from tests.tickets.policies import add_calendar_version, calendar, change, make, move_all


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def pinned(world, made):
    """The numbers of the versions of policy and calendar."""
    with world.inside():
        tracker = world.one(Tracker, ticket_id=made)
        return tracker.version.number, tracker.calendar_version and tracker.calendar_version.number


def remeasured(world, made):
    with world.inside():
        return [event.data for event in events_of(made) if event.name == "ticket.remeasured"]


def moving(world):
    with world.inside():
        return [
            row.id for kind in (PolicyVersion, CalendarVersion)
            for row in db.session.scalars(select(kind).where(kind.moved_to_id.is_not(None)))
        ]  # fmt: skip


# Moving ---------------------------------------------------------------------------------------------------------


def test_SLA_004_running_tickets_move_only_where_that_was_wanted(any_world):
    policy_id = make(any_world, is_default=True)
    old = any_world.ticket()
    change(any_world, policy_id, targets=targets(first=2 * HOUR))
    assert (moving(any_world), move_all(any_world)) == ([], 0)
    new = any_world.ticket()
    assert (pinned(any_world, old), pinned(any_world, new)) == ((1, None), (2, None))
    assert clock_of(any_world, old, "first").due_at == after(HOUR)
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    move_all(any_world)
    assert (pinned(any_world, old), pinned(any_world, new)) == ((3, None), (3, None))
    assert clock_of(any_world, old, "first").due_at == after(3 * HOUR)
    assert moving(any_world) == []


def test_SLA_005_what_was_used_is_carried_over_and_what_is_missed_stays_missed(any_world):
    policy_id = make(any_world, is_default=True)
    made = any_world.ticket()
    go_to(90 * MINUTE)
    change(
        any_world,
        policy_id,
        targets=targets(first=4 * HOUR, next=2 * HOUR, resolution=3 * HOUR),
        running=True,
    )
    move_all(any_world)
    first, resolution = clock_of(any_world, made, "first"), clock_of(any_world, made, "resolution")
    assert (first.target_seconds, first.due_at, first.breached_at) == (HOUR, after(HOUR), after(HOUR))
    assert (resolution.target_seconds, resolution.due_at) == (3 * HOUR, after(3 * HOUR))
    with pytest.raises(DBAPIError), any_world.inside():
        missed = update(Clock).where(Clock.id == first.id).values(target_seconds=4 * HOUR)
        db.session.execute(missed)
    with any_world.inside():
        tracker = any_world.one(Tracker, ticket_id=made)
        assert [(one.ended_by, one.version.number, one.to_at) for one in tracker.measures] == [
            ("policy", 1, after(90 * MINUTE))
        ]


def test_SLA_004_a_resolved_ticket_keeps_what_it_was_measured_with_also_when_it_reopens(any_world):
    policy_id = make(any_world, is_default=True)
    resolved, early = any_world.ticket(), any_world.ticket()
    for made in (resolved, early):
        bring_to(any_world, made, Status.RESOLVED)
    go_to(MINUTE)
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    with at_work(any_world, early) as (ticket, me):  # before the worker has come to it
        ticket.reopen(by=me)
    move_all(any_world)
    with at_work(any_world, resolved) as (ticket, me):
        ticket.reopen(by=me)
    move_all(any_world)
    assert (pinned(any_world, resolved), pinned(any_world, early)) == ((1, None), (1, None))
    assert clock_of(any_world, resolved, "resolution").target_seconds == 8 * HOUR


def test_SLA_004_a_batch_that_is_lost_is_moved_again_and_everybody_once(any_world, monkeypatch):
    monkeypatch.setattr(remeasuring, "BATCH", 2)
    policy_id = make(any_world, is_default=True)
    tickets = [any_world.ticket() for _ in range(5)]
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    with any_world.inside():
        assert Remeasuring.step()
    with pytest.raises(RuntimeError, match="killed"), any_world.inside():
        Remeasuring.step()
        raise RuntimeError("killed")
    assert [pinned(any_world, made)[0] for made in tickets] == [2, 2, 1, 1, 1]
    late = any_world.ticket()
    move_all(any_world)
    assert [pinned(any_world, made)[0] for made in (*tickets, late)] == [2] * 6
    assert [len(remeasured(any_world, made)) for made in (*tickets, late)] == [1] * 5 + [0]
    assert moving(any_world) == []


def test_SLA_004_a_deed_that_began_before_the_version_was_there_is_caught_up_with(any_world):
    """It pins what it has read; the next round finds it, as long as such a deed may still be in the middle."""
    policy_id = make(any_world, is_default=True)
    with any_world.inside():
        old = Policy.locked(policy_id).newest.id
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    with any_world.inside():
        assert not Remeasuring.step()
    made = any_world.ticket()
    with any_world.inside():
        any_world.one(Tracker, ticket_id=made).version = db.session.get(PolicyVersion, old)
    go_to(SETTLING.total_seconds())
    move_all(any_world)
    assert pinned(any_world, made) == (2, None)
    assert moving(any_world) == []


def test_SLA_004_a_later_version_takes_over_what_an_earlier_one_has_not_moved(any_world):
    policy_id = make(any_world, is_default=True)
    made = any_world.ticket()
    change(any_world, policy_id, targets=targets(first=2 * HOUR), running=True)
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    assert len(moving(any_world)) == 1
    move_all(any_world)
    assert [(one["from"], one["to"]) for one in remeasured(any_world, made)] == [(1, 3)]


def test_SLA_004_one_ticket_that_cannot_be_measured_keeps_nobody_else(any_world, caplog):
    policy_id = make(any_world, is_default=True)
    first, broken, last = (any_world.ticket() for _ in range(3))
    with any_world.inside():  # its tracker runs from a time before all calendars
        for row in db.session.scalars(select(Clock).where(Clock.ticket_id == broken)):
            row.running_since = clock.now() + timedelta(days=1)
    change(any_world, policy_id, targets=targets(first=3 * HOUR), running=True)
    move_all(any_world)
    assert [pinned(any_world, made)[0] for made in (first, broken, last)] == [2, 1, 2]
    assert "could not be measured anew" in caplog.text
    caplog.clear()


def test_SLA_004_a_calendar_that_changes_moves_what_is_measured_by_it(any_world):
    office = calendar(any_world)
    make(any_world, is_default=True, calendar_id=office, targets=targets(first=4 * HOUR))
    made, other = any_world.ticket(), any_world.ticket()
    bring_to(any_world, other, Status.RESOLVED)
    go_to(HOUR)
    with any_world.inside():
        add_calendar_version(office, {"mon": [["09:00", "10:00"], ["12:00", "18:00"]]}, 2, moved_to_id=0)
    move_all(any_world)
    assert (pinned(any_world, made), pinned(any_world, other)) == ((1, 2), (1, 1))
    assert clock_of(any_world, made, "first").due_at == after(6 * HOUR)
    said = remeasured(any_world, made)[0]
    assert (said["why"], said["from"], said["to"], said["called"]["en"]) == ("calendar", 1, 2, "Office")


def test_SLA_004_the_ticket_says_what_became_of_its_deadlines(any_world):
    policy_id = make(any_world, is_default=True)
    made = any_world.ticket()
    change(
        any_world,
        policy_id,
        targets=targets(first=3 * HOUR, next=2 * HOUR, resolution=8 * HOUR),
        running=True,
    )
    move_all(any_world)
    said = remeasured(any_world, made)[0]
    assert (said["why"], said["from"], said["to"], said["called"]["en"]) == ("policy", 1, 2, "Fast")
    assert said["deadlines"] == [
        {"kind": "first", "from": after(HOUR).isoformat(), "to": after(3 * HOUR).isoformat()},
        {"kind": "resolution", "from": after(8 * HOUR).isoformat(), "to": after(8 * HOUR).isoformat()},
    ]
    with any_world.inside():
        line = thread_of(made)[-1]
        assert (line.event_name, line.visibility) == ("ticket.remeasured", "internal")
        ticket = any_world.one(Ticket, id=made)
        assert (ticket.due_at, ticket.version) == (after(3 * HOUR), 1)  # no edit is outdated by it


def test_SLA_004_the_work_is_found_again_every_fifteen_seconds():
    assert _periodic["helpdesk.tickets.jobs.remeasure_running"].seconds == 15
