"""SLA-004: what a manager is told before he saves is what then happens, to the second, whatever he saves."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import KINDS, Clock
from helpdesk.sla.demand import PAUSABLE, PRIORITIES
from helpdesk.sla.effects import Effects
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.policy_use import PolicyUse
from helpdesk.tickets.remeasuring import Remeasuring
from helpdesk.tickets.ticket import Ticket
from tests.sla.desk_time import HOUR, MINUTE, T0, go_to, look, targets
from tests.support.seat import at_work, bring_to
from tests.tickets.policies import OFFICE, add_calendar_version, calendar, change, make

WEEKS = (OFFICE, {"mon": [["22:00", "06:00"]], "wed": [["08:00", "12:00"], ["13:00", "24:00"]]})


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def dues(world):
    with world.inside():
        return {row.id: row.due_at for row in db.session.scalars(select(Clock))}


def step_through(world):
    while True:
        with world.inside():
            if not Remeasuring.step():
                return


def random_demand(chance, calendars):
    def seconds():
        return chance.choice([None, *(chance.randint(1, 4000) * MINUTE for _ in range(4))])

    warn = chance.randint(1, 90)
    return {
        "targets": {priority: {kind: seconds() for kind in KINDS} for priority in PRIORITIES},
        "warn_percent": warn, "critical_percent": chance.randint(warn + 1, 99),
        "pausing_statuses": [each for each in PAUSABLE if chance.random() < 0.5],
        "calendar_id": chance.choice([None, *calendars]),
    }  # fmt: skip


def lead_lives(world, chance, tickets=12):
    """Tickets in every kind of state, some answered, paused, resolved, reopened, overdue or deleted."""
    made = []
    for _ in range(tickets):
        go_to((clock.now() - T0).total_seconds() + chance.randint(0, 6 * HOUR) + chance.random())
        made.append(world.ticket(priority=chance.choice(PRIORITIES)))
        bring_to(world, made[-1], chance.choice([*Status]))
        with at_work(world, chance.choice(made)) as (ticket, me):
            if ticket.deleted_at:
                pass  # behind no door
            elif chance.random() < 0.3 and ticket.status == Status.RESOLVED:
                ticket.reopen(by=me)
            elif not ticket.is_finished and chance.random() < 0.4:
                ticket.reply("So.", by=me)
                ticket.hear("And?", by=ticket.customer)
            elif chance.random() < 0.2:
                ticket.delete(by=world.user("Mai"))
        if chance.random() < 0.3:
            look(world)
    return made


def happened(world, before, at):
    """How many deadlines are other ones now, and how many of those are over."""
    changed = [now for row, now in dues(world).items() if now != before[row]]
    return len(changed), sum(due is not None and due <= at for due in changed)


@pytest.mark.parametrize("seed", range(8))
def test_SLA_004_what_a_new_version_of_a_policy_would_do_is_what_it_does(any_world, seed):
    world, chance = any_world, random.Random(seed)
    calendars = [calendar(world, week) for week in WEEKS]
    policy_id = make(world, is_default=True, **random_demand(chance, calendars))
    lead_lives(world, chance)
    change(world, policy_id, **random_demand(chance, calendars))  # some stay with the first version
    lead_lives(world, chance, 4)
    go_to((clock.now() - T0).total_seconds() + chance.randint(1, 40 * HOUR))
    demand, now, before = random_demand(chance, calendars), clock.now(), dues(world)
    with world.inside():
        policy = Policy.locked(policy_id)
        foretold = Effects.of_policy(policy, PolicyVersion(**demand), waiting=PolicyUse.waiting(policy))
    assert dues(world) == before  # telling it changes nothing
    change(world, policy_id, running=True, **demand)
    step_through(world)
    assert clock.now() == now
    assert happened(world, before, now) == (foretold.moved, foretold.overdue)
    with world.inside():
        newest = Policy.locked(policy_id).newest.id
        own = select(Tracker.version_id, Ticket.is_alive).join(Ticket, Ticket.id == Tracker.ticket_id)
        rows = db.session.execute(own).all()
    assert {version for version, alive in rows if alive} == {newest}
    assert newest not in {version for version, alive in rows if not alive}


@pytest.mark.parametrize("seed", range(8))
def test_SLA_004_what_a_new_version_of_a_calendar_would_do_is_what_it_does(any_world, seed):
    world, chance = any_world, random.Random(seed)
    calendars = [calendar(world, week) for week in WEEKS]
    for number, calendar_id in enumerate(calendars):
        make(world, is_default=number == 0, **(random_demand(chance, []) | {"calendar_id": calendar_id}))
    lead_lives(world, chance)
    go_to((clock.now() - T0).total_seconds() + chance.randint(1, 40 * HOUR))
    now, before = clock.now(), dues(world)
    week = chance.choice([{"sun": [["00:00", "24:00"]]}, {"tue": [["10:00", "11:00"]]}, OFFICE])
    with world.inside():
        row = world.one(Calendar, id=calendars[0])
        zone = {"zone": "Asia/Ho_Chi_Minh", "schedule": week, "closures": [], "holidays": []}
        proposed = CalendarVersion(calendar_id=row.id, number=2, created_at=now, **zone)
        foretold = Effects.of_calendar(row, proposed)
    with world.inside():
        add_calendar_version(calendars[0], week, 2, moved_to_id=0, zone="Asia/Ho_Chi_Minh")
    step_through(world)
    assert happened(world, before, now) == (foretold.moved, foretold.overdue)


def test_SLA_004_the_running_ones_are_counted(world):
    made = make(world, is_default=True, targets=targets(first=HOUR, next=None, resolution=8 * HOUR))
    for _ in range(3):
        world.ticket()
    with at_work(world, world.ticket()) as (ticket, me):
        ticket.take(by=me)
        ticket.resolve(by=me, note_en="Done.", note_vi="Xong.")
    go_to(30 * MINUTE)
    with world.inside():
        policy = Policy.locked(made)
        less = PolicyVersion(
            targets=targets(first=20 * MINUTE, next=None, resolution=8 * HOUR), pausing_statuses=[]
        )
        assert Effects.of_policy(policy, less) == Effects(running=6, moved=3, overdue=3)
        same = PolicyVersion(targets=policy.newest.targets, pausing_statuses=["WAITING_USER"])
        assert Effects.of_policy(policy, same) == Effects(running=6, moved=0, overdue=0)
