"""AGT-007, AGT-010, AGT-011: the worker gives a ticket to the right agent, never above a cap, and says why."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import across_organizers
from helpdesk.escalations.escalation import Escalation
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.assignment.steps import agent, decisions, failures, holder, nobody, sweep
from tests.support.seat import Seat, at_work, events_of, ticket_in

S = Status


def test_AGT_007_a_new_ticket_is_placed_by_the_reaction_to_its_creation(world):
    made = world.ticket()
    world.run_reactions()
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee.name in ("Gus", "Linh")) == (S.ASSIGNED, True)
        event = next(e for e in events_of(made) if e.name == "ticket.assigned")
        assert (event.actor["kind"], event.data["why"]) == ("system", "load_balanced")
        assert Agent.of(ticket.assignee_id).load == 1


def test_AGT_007_it_goes_to_who_has_the_most_room(world):
    agent(world, "Gus", load=5, cap=10)
    agent(world, "Linh", load=5, cap=20)
    made = world.ticket()
    world.run_reactions()
    assert holder(world, made) == "Linh"


@pytest.mark.parametrize("values,reason", [
    ({"availability": "busy"}, "busy"), ({"availability": "away"}, "away"), ({"availability": "offline"}, "offline"),
    ({"cap": 3, "load": 3}, "at cap 3/3"), ({"cap": 3, "load": 7}, "at cap 7/3"),
])  # fmt: skip
def test_AGT_011_the_decision_keeps_every_candidate_with_his_reason(world, values, reason):
    agent(world, "Linh", **values)
    made = world.ticket()
    world.run_reactions()
    ((chosen, candidates, row),) = decisions(world, made)
    assert chosen == "Gus"
    told = {c["name"]: (c["eligible"], c["reason"]) for c in candidates}
    assert told == {"Gus": (True, "chosen"), "Linh": (False, reason)}
    assert (row.strategy, bool(row.rule_name_en), bool(row.rule_name_vi)) == ("load_balanced", True, True)


def test_AGT_011_the_page_shows_the_decision(world):
    agent(world, "Linh", cap=3, load=3)
    world.ticket()
    world.run_reactions()
    page = Seat(world, "Gus").get("/tickets/ACME-1").text
    assert "Gus was chosen by the rule" in page
    assert "at cap 3/3" in page


@pytest.mark.parametrize("gone", ["inactive", "other merchant", "no profile"])
def test_AGT_007_only_active_people_of_the_merchant_with_a_profile_are_candidates(world, gone):
    if gone == "inactive":
        with world.inside():
            world.user("Linh").deactivate()
    elif gone == "other merchant":
        with world.inside():
            merchant = world.one(Merchant, prefix="ACME").id
            link = world.one(Membership, user_id=world.user("Linh").id, merchant_id=merchant)
            link.deleted_at = clock.now()
    agent(world, "Gus", load=15)  # whoever else could have it would be preferred
    if gone == "no profile":
        agent(world, "Linh", availability="offline")  # Mai and Ada work for the merchant and have none
    made = world.ticket()
    world.run_reactions()
    assert holder(world, made) == "Gus"


def test_AGT_007_without_anybody_it_stays_open_and_the_managers_hear_of_it_once(world):
    nobody(world)
    made = world.ticket()
    world.run_reactions()
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee) == (S.OPEN, None)
        raised = world.one(Escalation, ticket_id=made)
        assert (raised.trigger, raised.level, "managers" in raised.told) == ("no_agent", 1, True)
    for _ in range(3):
        sweep(world)
        world.run_reactions()
    assert failures(world, made) == 1
    assert len(decisions(world, made)) == 1
    with world.inside():
        assert world.count(Escalation, ticket_id=made) == 1


def test_AGT_011_a_failure_for_another_reason_is_kept_again_and_told_once(world):
    nobody(world)
    made = world.ticket()
    world.run_reactions()
    agent(world, "Gus", availability="away")
    with world.inside():
        Decision.make(made)
        Decision.make(made)
    assert failures(world, made) == 1
    assert [chosen for chosen, _, _ in decisions(world, made)] == [None, None]


def test_AGT_007_who_comes_back_without_anybody_again_is_told_again(world):
    made = ticket_in(world, S.ASSIGNED, "Gus")
    nobody(world)
    for _ in range(2):
        with at_work(world, made, "Mai") as (ticket, mai):
            ticket.release(by=mai)
        world.run_reactions()
        agent(world, "Linh", cap=20)
        sweep(world)
        agent(world, "Linh", cap=0)
    assert failures(world, made) == 2


def test_AGT_007_a_ticket_that_was_handed_back_is_routed_again(world):
    made = ticket_in(world, S.IN_PROGRESS, "Gus")
    agent(world, "Gus", availability="away")
    assert Seat(world, "Gus").post("/tickets/ACME-1/assignment", agent="auto").status_code == 303
    world.run_reactions()
    assert holder(world, made) == "Linh"


@pytest.mark.parametrize("status", [s for s in Status if s != S.OPEN])
def test_AGT_007_a_manual_assignment_is_never_overridden(world, status):
    agent(world, "Gus", load=19, cap=20)  # Linh would be the choice
    made = ticket_in(world, status, "Gus")
    with world.inside():
        assert Decision.make(made) is None
    world.run_reactions()
    sweep(world)
    assert holder(world, made) == "Gus"
    assert decisions(world, made) == []


def test_AGT_007_a_ticket_that_is_assigned_by_hand_before_the_worker_comes_stays_so(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        ticket.take(by=gus)
    agent(world, "Gus", load=19, cap=20)
    world.run_reactions()
    assert holder(world, made) == "Gus"


def test_AGT_007_a_deleted_ticket_is_not_assigned(world):
    made = world.ticket()
    with world.inside():
        world.one(Ticket, id=made).deleted_at = clock.now()
    world.run_reactions()
    sweep(world)
    assert holder(world, made) is None


def test_AGT_007_deciding_twice_changes_nothing(world):
    made = world.ticket()
    world.run_reactions()
    before = holder(world, made)
    with world.inside():
        assert Decision.make(made) is None
        assert world.count(Event, name="ticket.assigned") == 1
    assert (holder(world, made), len(decisions(world, made))) == (before, 1)


def test_AGT_005_the_organizer_s_own_rules_come_before_the_shipped_one(world):
    with world.inside():
        own = Rule(name_en="Ours", name_vi="Của ta", strategy="load_balanced", conditions={}, is_on=True)
        off = Rule(
            name_en="Off", name_vi="Tắt", strategy="load_balanced", conditions={}, is_on=False, position=-1
        )
        db.session.add_all([own, off])
    made = world.ticket()
    world.run_reactions()
    assert decisions(world, made)[0][2].rule_name_en == "Ours"


def test_Q_6_the_shipped_rule_is_seeded_once_in_both_languages(world):
    with world.app.app_context():
        seed_shipped()
    with world.app.app_context(), across_organizers():
        rule = world.one(Rule, key="shipped")
        assert rule.organizer_id is None
        assert rule.name_en != rule.name_vi
