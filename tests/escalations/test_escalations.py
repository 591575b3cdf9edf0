"""SLA-007..009: what raises an escalation, how it climbs, and what stops it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from tests.escalations.steps import raised, tick
from tests.sla.desk_time import HOUR, MINUTE, T0, after, go_to
from tests.support.seat import Seat, at_work, events_of, ticket_in

S = Status
BREACH = 8 * HOUR  # of the first response of MEDIUM


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def late(world) -> int:
    """A ticket whose first response was missed a second ago, and L1 is raised; its other clock is far."""
    made = ticket_in(world, S.ASSIGNED)
    go_to(BREACH + 1)
    tick(world)
    return made


def acknowledge(world, made, name="Mai", level=None):
    with at_work(world, made, name) as (_, me):
        rows = db.session.scalars(Escalation.of(made)).all()
        next(row for row in rows if level in (None, row.level)).acknowledge(by=me)


# The ladder -----------------------------------------------------------------------------------------------------


def test_SLA_008_a_breach_raises_the_first_level_once(world):
    made = late(world)
    for _ in range(3):
        tick(world)
    assert raised(world, made) == [(1, "breach", None)]
    with world.inside():
        row = world.one(Escalation, ticket_id=made)
        assert (row.triggered_at, row.raised_at) == (after(BREACH), after(BREACH + 1))
        assert set(row.told) == {"assignee", "managers"}
        assert row.raised_by["kind"] == "system"
        event = next(e for e in events_of(made) if e.name == "escalation.raised")
        assert (event.data["level"], event.data["trigger"], event.data["escalation"]) == (1, "breach", row.id)


def test_SLA_008_nothing_is_raised_before_the_breach(world):
    made = ticket_in(world, S.ASSIGNED)
    go_to(BREACH - 1)
    tick(world)
    assert raised(world, made) == []


def test_SLA_009_it_climbs_after_60_and_240_minutes_and_no_further(world):
    made = late(world)
    go_to(BREACH + 60 * MINUTE - 1)
    tick(world)
    assert [level for level, *_ in raised(world, made)] == [1]
    go_to(BREACH + 60 * MINUTE)
    tick(world)
    tick(world)
    assert raised(world, made) == [(1, "breach", "climbed"), (2, "breach", None)]
    go_to(BREACH + 240 * MINUTE - 1)
    tick(world)
    assert len(raised(world, made)) == 2
    go_to(BREACH + 240 * MINUTE)
    tick(world)
    assert [level for level, *_ in raised(world, made)] == [1, 2, 3]
    go_to(BREACH + 48 * HOUR)
    tick(world)
    assert len(raised(world, made)) == 3
    with world.inside():
        told = {e.level: set(e.told) for e in db.session.scalars(select(Escalation))}
    assert told == {1: {"assignee", "managers"}, 2: {"managers"}, 3: {"managers", "admins"}}


def test_SLA_009_after_a_downtime_it_reaches_the_level_that_is_due(world):
    made = ticket_in(world, S.ASSIGNED)
    go_to(BREACH + 300 * MINUTE)
    tick(world)
    tick(world)
    assert [level for level, *_ in raised(world, made)] == [1, 2, 3]


def test_SLA_008_each_missed_clock_raises_its_own(world):
    made = ticket_in(world, S.ASSIGNED)
    go_to(80 * HOUR)
    with world.inside():
        Clock.mark_due()
    world.run_reactions()
    assert raised(world, made) == [(1, "breach", None)] * 2


@pytest.mark.parametrize("level", [1, 2])
def test_SLA_009_an_acknowledgement_stops_the_climb(world, level):
    made = late(world)
    if level == 2:
        go_to(BREACH + 60 * MINUTE)
        tick(world)
    acknowledge(world, made)
    go_to(BREACH + 48 * HOUR)
    tick(world)
    assert [lvl for lvl, *_ in raised(world, made)] == list(range(1, level + 1))
    with world.inside():
        row = db.session.scalars(Escalation.of(made)).first()
        assert (row.acknowledged_by.name, row.outcome) == ("Mai", "acknowledged")
        assert row.acknowledged_at == row.ended_at


def test_SLA_009_acknowledging_a_level_that_has_climbed_stops_what_climbs_now(world):
    made = late(world)
    go_to(BREACH + 60 * MINUTE)
    tick(world)
    acknowledge(world, made, level=1)  # the page was a moment old
    go_to(BREACH + 48 * HOUR)
    tick(world)
    assert [level for level, *_ in raised(world, made)] == [1, 2]


def test_SLA_009_acknowledging_twice_changes_nothing(world):
    made = late(world)
    acknowledge(world, made, "Mai")
    go_to(BREACH + HOUR)
    acknowledge(world, made, "Ada")
    with world.inside():
        row = world.one(Escalation, ticket_id=made)
        assert (row.acknowledged_by.name, row.acknowledged_at) == ("Mai", after(BREACH + 1))
        assert [e.name for e in events_of(made)].count("escalation.acknowledged") == 1


def test_SLA_009_another_breach_climbs_though_the_first_was_acknowledged(world):
    made = late(world)
    acknowledge(world, made)
    go_to(73 * HOUR)
    tick(world)
    go_to(73 * HOUR + 61 * MINUTE)
    tick(world)
    assert [(level, outcome) for level, _, outcome in raised(world, made)] == [
        (1, "acknowledged"), (1, "climbed"), (2, None)]  # fmt: skip


@pytest.mark.parametrize("end", ["resolved", "closed", "deleted"])
def test_SLA_009_a_finished_ticket_does_not_climb(world, end):
    made = late(world)
    with at_work(world, made, "Mai") as (ticket, mai):
        if end == "resolved":
            ticket.resolve(by=mai, note_en="Done.", note_vi="Xong.")
        elif end == "closed":
            ticket.close(by=mai, reason="spam")
        else:
            ticket.deleted_at = clock.now()
    go_to(BREACH + 48 * HOUR)
    tick(world)
    assert raised(world, made) == [(1, "breach", "finished")]
    with world.inside():
        assert world.one(Escalation, ticket_id=made).climbs_at is None


def test_SLA_008_a_breach_noticed_after_the_end_raises_nothing(world):
    made = ticket_in(world, S.ASSIGNED)
    go_to(80 * HOUR)
    with at_work(world, made) as (ticket, me):
        ticket.resolve(by=me, note_en="Late.", note_vi="Muộn.")
    tick(world)
    assert raised(world, made) == []


def test_SLA_009_escalations_stay_with_a_ticket_that_was_restored_before_anybody_heard(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made) as (ticket, me):
        Escalation.raise_by_hand(ticket, by=me, level=1, reason="Late")
    world.run_reactions()
    mai = Seat(world, "Mai")
    for deed in ("deletion", "restoration"):
        assert mai.post(f"/tickets/ACME-1/{deed}").status_code == 303
    world.run_reactions()
    with world.inside():
        assert (world.one(Escalation).outcome, world.one(Escalation).ended_at) == (None, None)
        assert world.one(Escalation).climbs_at
