"""TKT-005: who has a ticket, by whom, and who may change that."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in
from tests.support.world import PASSWORD

S = Status


def assign(world, who: str, whom: str) -> int:
    return Seat(world, who).post("/tickets/ACME-1/assignment", agent=whom).status_code


def holder(world) -> str | None:
    with world.inside():
        ticket = world.one(Ticket, number="ACME-1")
        return ticket.assignee.name if ticket.assignee else None


def id_of(world, name: str, slug: str = "acme") -> str:
    with world.inside(slug):
        return str(world.user(name).id)


def load(world, name: str) -> int:
    with world.inside():
        return Agent.of(world.user(name).id).load


def test_TKT_005_an_agent_takes_a_ticket_that_nobody_has(world):
    world.ticket()
    assert assign(world, "Gus", "me") == 303
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.assignee.name) == (S.ASSIGNED, "Gus")
        event = events_of(ticket.id)[-1]
        assert event.name == "ticket.assigned"
        assert event.actor["name"] == "Gus"
        assert event.data["assignee"]["name"] == "Gus"
        assert abs((ticket.assigned_at - event.created_at).total_seconds()) < 1


def test_TKT_005_an_agent_may_not_take_what_another_has(world):
    ticket_in(world, S.ASSIGNED, "Gus")
    assert assign(world, "Linh", "me") == 409
    assert holder(world) == "Gus"


def test_TKT_005_an_agent_may_not_give_a_ticket_to_somebody_else(world):
    world.ticket()
    assert assign(world, "Gus", id_of(world, "Linh")) == 403
    assert holder(world) is None


def test_TKT_005_an_agent_releases_his_own(world):
    made = ticket_in(world, S.IN_PROGRESS, "Gus")
    assert assign(world, "Gus", "") == 303
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.assignee, ticket.assigned_at) == (S.OPEN, None, None)
        assert events_of(made)[-1].data["before"]["name"] == "Gus"


def test_TKT_005_an_agent_may_not_release_another_s_ticket(world):
    ticket_in(world, S.ASSIGNED, "Gus")
    assert assign(world, "Linh", "") == 403
    assert Seat(world, "Linh").post("/tickets/ACME-1/status", status="OPEN").status_code == 403
    assert holder(world) == "Gus"


@pytest.mark.parametrize("name", ["Gus", "Linh"])
def test_TKT_005_a_manager_gives_a_ticket_to_any_agent_of_the_merchant(world, name):
    other = "Gus" if name == "Linh" else "Linh"
    made = ticket_in(world, S.IN_PROGRESS, other)
    assert assign(world, "Mai", id_of(world, name)) == 303
    assert holder(world) == name
    with world.inside():
        event = events_of(made)[-1]
        assert (event.name, event.actor["name"]) == ("ticket.assigned", "Mai")
        assert (event.data["before"]["name"], event.data["assignee"]["name"]) == (other, name)
        assert thread_of(made)[-1].event_name == "ticket.assigned"


def test_TKT_005_a_manager_overshoots_the_cap_by_hand(world):
    world.ticket()
    with world.inside():
        Agent.of(world.user("Linh").id).cap = 0
    assert assign(world, "Mai", id_of(world, "Linh")) == 303
    assert load(world, "Linh") == 1


def test_TKT_005_a_manager_cannot_give_a_ticket_to_who_does_not_work_for_the_merchant(world):
    world.ticket()
    with world.inside():
        world.one(
            Membership, user_id=world.user("Linh").id, merchant_id=world.one(Ticket).merchant_id
        ).deleted_at = clock.now()
    assert assign(world, "Mai", id_of(world, "Linh")) == 409
    assert holder(world) is None


def test_TKT_005_a_manager_cannot_give_a_ticket_to_who_is_not_active(world):
    world.ticket()
    with world.inside():
        world.user("Linh").deactivate()
    assert assign(world, "Mai", id_of(world, "Linh")) == 409
    assert holder(world) is None


def test_Q_1_a_user_of_another_organizer_is_not_there(world):
    world.ticket()
    assert assign(world, "Mai", id_of(world, "Gil", "globex")) == 404
    assert Seat(world, "Gil").post("/tickets/ACME-1/assignment", agent="me").status_code == 404
    assert holder(world) is None


@pytest.mark.parametrize("whom,code", [("999999", 404), ("0", 400), ("-1", 400), ("x", 400), ("1e3", 400), ("٣", 400),
                                       ("99999999999999999999", 400), ("me'--", 400)])  # fmt: skip
def test_TKT_005_a_hostile_id_assigns_nobody(world, whom, code):
    world.ticket()
    assert assign(world, "Mai", whom) == code
    assert holder(world) is None


@pytest.mark.parametrize("status", [S.RESOLVED, S.CLOSED])
@pytest.mark.parametrize("whom", ["", "auto", "Linh"])
def test_TKT_005_a_finished_ticket_is_neither_given_nor_handed_back(world, status, whom):
    made = ticket_in(world, status, "Gus")
    with world.inside():
        before = len(events_of(made))
    assert assign(world, "Mai", id_of(world, "Linh") if whom == "Linh" else whom) == 409
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.assignee.name, len(events_of(made))) == (status, "Gus", before)


def test_TKT_005_giving_it_to_who_has_it_changes_nothing(world):
    made = ticket_in(world, S.IN_PROGRESS, "Gus")
    with world.inside():
        before = len(events_of(made))
    assert assign(world, "Mai", id_of(world, "Gus")) == 303
    with world.inside():
        assert (world.one(Ticket).status, len(events_of(made))) == (S.IN_PROGRESS, before)
    assert load(world, "Gus") == 1


def test_TKT_004_who_replies_on_an_unassigned_ticket_becomes_its_assignee_first(world):
    made = world.ticket()
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", body="On its way.", then="waiting_user")
    assert answer.status_code == 303
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.assignee.name) == (S.WAITING_USER, "Gus")
        names = [e.name for e in events_of(made) if e.name.startswith("ticket.")]
        assert names == ["ticket.created", "ticket.assigned", "ticket.replied", "ticket.transitioned"]


def test_TKT_004_a_note_on_an_unassigned_ticket_makes_nobody_its_assignee(world):
    world.ticket()
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Looks odd.").status_code == 303
    assert holder(world) is None


def test_TKT_005_a_new_agent_of_one_merchant_sees_and_takes_only_that_merchant_s_tickets(world):
    world.ticket()
    with world.inside():
        from helpdesk.organizers.merchant import Merchant

        pat = User.create(name="Pat", email="pat@acme.example", password=PASSWORD, role="agent")
        pat.works_for(world.one(Merchant, prefix="BETA"))
        db.session.add(Agent(user_id=pat.id, languages=["en"]))
    from tests.support import world as cast

    cast.PEOPLE["Pat"] = ("acme", "agent", "en", ["en"])
    try:
        assert Seat(world, "Pat").get("/tickets/ACME-1").status_code == 404
        assert assign(world, "Pat", "me") == 404
    finally:
        del cast.PEOPLE["Pat"]
    assert holder(world) is None


def test_TKT_005_the_load_follows_a_ticket_from_hand_to_hand(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        ticket.take(by=gus)
    assert (load(world, "Gus"), load(world, "Linh")) == (1, 0)
    assert assign(world, "Mai", id_of(world, "Linh")) == 303
    assert (load(world, "Gus"), load(world, "Linh")) == (0, 1)
    assert assign(world, "Linh", "") == 303
    assert (load(world, "Gus"), load(world, "Linh")) == (0, 0)
