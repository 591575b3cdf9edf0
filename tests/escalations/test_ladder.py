"""SLA-009: which ladder counts, what its steps do, and whom they tell."""

from __future__ import annotations

import pytest

from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.ladder_step import LadderStep
from helpdesk.notifications.delivery import Delivery
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.escalations.steps import climb, heard, raised, rows, step, team, tick
from tests.sla.desk_time import HOUR, MINUTE, T0, after, go_to, own_policy, targets
from tests.support.seat import at_work, events_of, ticket_in

S = Status
BREACH = 8 * HOUR  # of the first response of MEDIUM


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


def breached(world) -> int:
    """A ticket of Gus whose first response was missed a second ago."""
    made = ticket_in(world, S.ASSIGNED)
    go_to(BREACH + 1)
    tick(world)
    return made


# Which ladder counts --------------------------------------------------------------------------------------------


def test_SLA_009_the_nearest_ladder_counts_and_counts_as_a_whole(world):
    with world.inside():
        policy, other = own_policy(targets=targets(first=60)).policy_id, 10**6
        seen = lambda trigger: [s.delay_minutes for s in LadderStep.ladder(policy, trigger)]  # noqa: E731
        assert seen("customer") == [0, 60, 240]  # shipped
        step(1, 5), step(2, 6)
        assert seen("customer") == [5, 6]  # the general one; the shipped third level is not filled in
        step(1, 7, trigger="customer")
        assert (seen("customer"), seen("breach")) == ([7], [5, 6])
        step(1, 8, policy=policy)
        assert (seen("customer"), seen("breach")) == ([8], [8])  # the policy's own, for every trigger
        step(2, 9, trigger="customer", policy=policy)
        assert (seen("customer"), seen("breach")) == ([9], [8])
        assert [s.delay_minutes for s in LadderStep.ladder(other, "breach")] == [5, 6]
        LadderStep.ladder(policy, "customer")[0].archived_at = clock.now()
        db.session.flush()
        assert seen("customer") == [8]
        assert LadderStep.after(policy, "breach", 0).level == 1
        assert LadderStep.after(policy, "breach", 1) is None


def test_Q_1_another_organizer_s_ladder_does_not_count(world):
    with world.inside("globex"):
        step(1, 5)
    with world.inside():
        assert [s.delay_minutes for s in LadderStep.ladder(None, "breach")] == [0, 60, 240]


def test_SLA_009_a_ticket_climbs_the_ladder_of_its_policy(world):
    with world.inside():
        policy = own_policy(targets=targets(first=HOUR, resolution=None)).policy_id
        step(1, 0, "admins", policy=policy), step(3, 10, "managers", policy=policy)
    made = ticket_in(world, S.ASSIGNED)
    go_to(HOUR + 1)
    tick(world)
    go_to(HOUR + 10 * MINUTE)
    tick(world)
    assert raised(world, made) == [(1, "breach", "climbed"), (3, "breach", None)]
    first, third = rows(world, made)
    assert (heard(first), heard(third)) == ({"Ada": "admins"}, {"Mai": "managers"})
    assert third.climbs_at is None


def test_SLA_009_a_first_level_that_waits_is_kept_and_comes_at_its_instant(world):
    with world.inside():
        step(1, 30), step(2, 90)
    made = breached(world)
    assert raised(world, made) == [(0, "breach", None)]
    assert rows(world, made)[0].climbs_at == after(BREACH + 30 * MINUTE)
    with world.inside():
        names = [e.name for e in events_of(made) if e.name.startswith("escalation")]
        assert names == ["escalation.planned"]
        assert world.count(Delivery, template="escalation.raised.user") == 0
    go_to(BREACH + 30 * MINUTE - 1)
    tick(world)
    assert len(raised(world, made)) == 1
    go_to(BREACH + 30 * MINUTE)
    tick(world)
    assert raised(world, made) == [(0, "breach", "climbed"), (1, "breach", None)]
    assert rows(world, made)[1].climbs_at == after(BREACH + 90 * MINUTE)


def test_SLA_009_what_waits_ends_with_its_ticket_and_cannot_be_acknowledged(world):
    with world.inside():
        step(1, 30)
    made = breached(world)
    with at_work(world, made, "Mai") as (_, mai):
        db.session.scalars(Escalation.of(made)).one().acknowledge(by=mai)
    assert raised(world, made) == [(0, "breach", None)]
    with at_work(world, made) as (ticket, gus):
        ticket.resolve(by=gus, note_en="Done.", note_vi="Xong.")
    go_to(BREACH + 31 * MINUTE)
    climb(world)  # before anybody heard
    assert raised(world, made) == [(0, "breach", "finished")]


def test_SLA_009_a_ladder_that_was_changed_counts_from_the_next_look_on(world):
    made = breached(world)
    with world.inside():
        step(1, 0), step(2, 120)
    go_to(BREACH + 60 * MINUTE)
    tick(world)
    assert raised(world, made) == [(1, "breach", None)]
    go_to(BREACH + 120 * MINUTE)
    tick(world)
    assert raised(world, made) == [(1, "breach", "climbed"), (2, "breach", None)]
    with world.inside():
        for old in LadderStep.ladder(None, "breach"):
            old.archived_at = clock.now()
    go_to(BREACH + 300 * MINUTE)
    tick(world)
    assert raised(world, made)[-1] == (
        2,
        "breach",
        None,
    )  # its own ladder had no third level when it was raised


# Whom it went to ------------------------------------------------------------------------------------------------


def test_SLA_007_it_keeps_whom_it_went_to_and_mails_them(world):
    with world.inside():
        step(1, 0, "assignee", "lead", "managers", "admins")
        world.one(Category, name_en="Delivery").group_id = team(world, "Gus", lead="Linh")
        category = world.one(Category, name_en="Delivery").id
    made = ticket_in(world, S.ASSIGNED, category_id=category)
    go_to(BREACH + 1)
    tick(world)
    assert heard(rows(world, made)[0]) == {
        "Gus": "assignee",
        "Linh": "lead",
        "Mai": "managers",
        "Ada": "admins",
    }
    with world.inside():
        sent = {(d.address, d.reason) for d in world_mails(made)}
    assert sent == {
        ("gus@acme.example", "assignee"), ("linh@acme.example", "lead"), ("mai@acme.example", "managers"),
        ("ada@acme.example", "admins"),
    }  # fmt: skip


def world_mails(made: int) -> list[Delivery]:
    from sqlalchemy import select

    mails = select(Delivery).where(Delivery.ticket_id == made, Delivery.template == "escalation.raised.user")
    return list(db.session.scalars(mails))


def test_SLA_007_the_lead_of_the_ticket_s_own_team_comes_before_the_category_s(world):
    with world.inside():
        step(1, 0, "lead")
        delivery = world.one(Category, name_en="Delivery")
        delivery.group_id = team(world, "Gus", lead="Gus")
        night = team(world, "Gus", "Linh", lead="Linh")
        category = delivery.id
    made = ticket_in(world, S.ASSIGNED, category_id=category)
    with world.inside():
        Ticket.for_deed(made).group_id = night
    go_to(BREACH + 1)
    tick(world)
    assert heard(rows(world, made)[0]) == {"Linh": "lead"}


def test_SLA_007_an_administrator_stands_in_where_there_is_no_manager(world):
    with world.inside():
        world.user("Mai").is_active = False
    made = breached(world)
    assert heard(rows(world, made)[0]) == {"Gus": "assignee", "Ada": "admins"}


def test_NTF_003_who_raises_it_himself_is_not_told(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with at_work(world, made, "Mai") as (ticket, mai):
        Escalation.raise_by_hand(ticket, by=mai, level=3, reason="Look.")
    world.run_reactions()
    assert heard(rows(world, made)[0]) == {"Ada": "admins"}
    with world.inside():
        assert [d.address for d in world_mails(made)] == ["ada@acme.example"]


# What it does ---------------------------------------------------------------------------------------------------


def test_SLA_009_a_level_raises_the_priority_and_never_lowers_it(world):
    with world.inside():
        step(1, 0, priority_to="HIGH"), step(2, 60, priority_to="MEDIUM")
    made = breached(world)
    with world.inside():
        assert world.one(Ticket, id=made).priority == "HIGH"
        event = next(e for e in events_of(made) if e.name == "ticket.reprioritised")
        assert (event.actor["name"], event.data["to"]) == ("escalation ladder", "HIGH")
        assert world.one(Ticket, id=made).tracker.priority == "HIGH"
    assert rows(world, made)[0].actions == {"priority": {"from": "MEDIUM", "to": "HIGH"}}
    go_to(BREACH + 60 * MINUTE)
    tick(world)
    assert rows(world, made)[1].actions == {}
    with world.inside():
        assert world.one(Ticket, id=made).priority == "HIGH"


def test_SLA_009_a_level_gives_the_ticket_to_a_team_whose_member_then_gets_it(world):
    with world.inside():
        night = team(world, "Linh")
        step(1, 0, "assignee", group_id=night)
    made = breached(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.group_id, ticket.assignee.name, ticket.status) == (night, "Linh", "ASSIGNED")
        names = [e.name for e in events_of(made)]
        assert names[names.index("ticket.regrouped") :][:2] == ["ticket.regrouped", "ticket.transitioned"]
        decision = db.session.scalar(Decision.newest(made))
        told = {row.candidate.name: (row.candidate.passed_over is None, row.reason) for row in decision.rows}
        assert told == {"Linh": (True, "chosen"), "Gus": (False, "not in the team that has the ticket")}
        assert {a.user.name: a.load for a in db.session.query(Agent)} == {"Gus": 0, "Linh": 1}
    row = rows(world, made)[0]
    assert row.actions == {"group": {"id": night, "name": {"en": "Night", "vi": "Ca đêm"}}}
    assert heard(row) == {"Gus": "assignee"}  # who had it when it happened


def test_SLA_009_a_member_of_the_team_keeps_his_ticket(world):
    with world.inside():
        night = team(world, "Gus")
        step(1, 0, group_id=night)
    made = breached(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.group_id, ticket.assignee.name, ticket.status) == (night, "Gus", "ASSIGNED")


def test_SLA_009_a_team_in_which_nobody_can_have_it_does_not_get_it_and_the_rest_happens(world):
    with world.inside():
        step(1, 0, group_id=team(world), priority_to="CRITICAL")
    made = breached(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.group_id, ticket.assignee.name, ticket.priority) == (None, "Gus", "CRITICAL")
    first = rows(world, made)[0]
    assert set(first.actions) == {"priority", "not_given"}
    assert raised(world, made) == [(1, "breach", None)]  # the ladder's own priority is no news of high impact


def test_SLA_009_a_ticket_of_a_team_waits_for_that_team(world):
    with world.inside():
        night = team(world, "Linh")
        db.session.query(Agent).filter(Agent.user_id == world.user("Linh").id).one().availability = "away"
        step(1, 0, group_id=night)
    made = breached(world)
    with world.inside():
        assert world.one(Ticket, id=made).assignee_id is None
    assert [trigger for _, trigger, _ in raised(world, made)] == ["breach", "no_agent"]
    world.work_off()
    with world.inside():
        assert world.one(Ticket, id=made).status == "OPEN"
        db.session.query(Agent).filter(Agent.user_id == world.user("Linh").id).one().availability = "online"
    world.work_off()
    with world.inside():
        assert world.one(Ticket, id=made).assignee.name == "Linh"
