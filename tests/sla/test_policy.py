"""SLA-001, SLA-002, SLA-004: which targets a ticket is measured with."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import across_organizers
from helpdesk.sla.policy import SHIPPED_KEY, Policy, PolicyVersion
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, MINUTE, T0, after, clock_of, go_to, look, marks_of, own_policy, targets
from tests.support.seat import at_work


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@pytest.mark.parametrize("priority", ["LOW", "MEDIUM", "HIGH", "CRITICAL"])
def test_SLA_001_the_shipped_policy_has_both_targets_for_every_priority(world, priority):
    made = world.ticket(priority=priority)
    with world.inside():
        promised = Policy.in_force().targets[priority]
    for kind in ("first", "resolution"):
        assert promised[kind] > 0
        assert clock_of(world, made, kind).due_at == after(promised[kind])
    assert promised["first"] < promised["resolution"]


def test_SLA_001_a_higher_priority_promises_more(world):
    with world.inside():
        targets = Policy.in_force().targets
    for kind in ("first", "resolution"):
        seconds = [targets[priority][kind] for priority in ("LOW", "MEDIUM", "HIGH", "CRITICAL")]
        assert seconds == sorted(set(seconds), reverse=True)


def test_SLA_001_a_target_may_be_off(world):
    with world.inside():
        own_policy(targets=targets(first=None, resolution=HOUR))
    made = world.ticket()
    with world.inside():
        assert [c.kind for c in world.one(Ticket, id=made).tracker.promises] == ["resolution"]
        assert world.one(Ticket, id=made).due_at == after(HOUR)


def test_SLA_001_a_policy_without_any_target_makes_no_clock(world):
    with world.inside():
        own_policy(targets={})
    made = world.ticket()
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.tracker.promises, ticket.due_at) == ([], None)


def test_SLA_002_the_thresholds_are_the_policy_s(world):
    with world.inside():
        own_policy(targets=targets(first=100 * MINUTE, resolution=None), warn_percent=50, critical_percent=80)
    made = world.ticket()
    go_to(81 * MINUTE)
    look(world)
    assert marks_of(world, made) == [("sla.warned", 50 * MINUTE), ("sla.critical", 80 * MINUTE)]


def test_SLA_004_the_organizer_s_own_default_comes_before_the_shipped_one(world):
    with world.inside():
        own = own_policy(targets=targets(first=HOUR, resolution=None)).id
    made, other = world.ticket(), world.ticket(by="Cyd")
    with world.inside():
        assert world.one(Ticket, id=made).tracker.version_id == own
    with world.inside("globex"):  # another organizer's policy is nobody else's
        version = world.one(Ticket, id=other).tracker.version
        assert version.policy.key == SHIPPED_KEY


def test_SLA_004_a_policy_that_is_no_default_or_was_deleted_is_not_chosen(world):
    with world.inside():
        own_policy(targets=targets(first=HOUR)).policy.is_default = False
        own_policy(targets=targets(first=HOUR)).policy.deleted_at = clock.now()
    made = world.ticket()
    with world.inside():
        assert world.one(Ticket, id=made).tracker.version.policy.key == SHIPPED_KEY


def test_SLA_004_a_running_ticket_keeps_the_version_it_was_measured_with(world):
    with world.inside():
        first = own_policy(targets=targets(first=4 * HOUR, resolution=None))
        policy_id, version_id = first.policy_id, first.id
    old = world.ticket()
    with world.inside():
        db.session.add(
            PolicyVersion(policy_id=policy_id, number=2, targets=targets(first=HOUR, resolution=None))
        )
    new = world.ticket()
    assert clock_of(world, old, "first").due_at == after(4 * HOUR)
    assert clock_of(world, new, "first").due_at == after(HOUR)
    with at_work(world, old) as (ticket, me):
        ticket.reprioritise("HIGH", by=me)
        assert ticket.tracker.version_id == version_id
    assert clock_of(world, old, "first").due_at == after(4 * HOUR)


def test_SLA_005_which_statuses_pause_is_the_policy_s_setting(world):
    with world.inside():
        own_policy(targets=targets(resolution=10 * HOUR), pausing_statuses=["WAITING_INTERNAL"])
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        ticket.take(by=me)
        ticket.move_to(Status.WAITING_USER, by=me)
    assert clock_of(world, made, "resolution").state == "running"
    with at_work(world, made) as (ticket, me):
        ticket.move_to(Status.WAITING_INTERNAL, by=me)
    assert clock_of(world, made, "resolution").state == "paused"


def test_Q_6_the_shipped_policy_is_seeded_once_in_both_languages(world):
    with world.app.app_context():
        seed_shipped()
        seed_shipped()
    with world.app.app_context(), across_organizers():
        policy = world.one(Policy, key=SHIPPED_KEY)
        assert policy.organizer_id is None
        assert policy.name_en
        assert policy.name_vi
        assert policy.name_en != policy.name_vi
        assert world.count(PolicyVersion, policy_id=policy.id) == 1
