"""Where two deeds meet: merging with held replies and sent forms, removing with notes, locks with what they join."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in
from tests.tickets.held import holds, press, reply_of, sweep

S = Status


def merge(world, number: str, into: str) -> int:
    return Seat(world, "Mai").post(f"/tickets/{number}/merge", into=into).status_code


@pytest.mark.parametrize("door", ["undo", "release"])
def test_MSG_006_a_held_reply_that_was_merged_is_still_its_writers(world, door):
    ticket_in(world, S.IN_PROGRESS)
    target = ticket_in(world, S.IN_PROGRESS)
    holds(world, 30)
    gus = press(world, "Held words.")
    with world.inside():
        message = world.one(Message, kind="agent_reply").id
    assert merge(world, "ACME-1", "ACME-2") == 303
    assert gus.post(f"/tickets/ACME-1/replies/{message}/{door}").status_code == 303
    with world.inside():
        held = world.one(Message, id=message)
        assert held.ticket_id == target
        assert (held.deleted_at is not None, held.held_until is None) == ((door == "undo"), (door != "undo"))
    if door == "undo":
        assert "Held words." in form(gus.get("/tickets/ACME-2"), "/replies").fields["body"]


def test_MSG_007_a_form_that_is_sent_again_after_the_merge_writes_nothing_new(world):
    source, target = ticket_in(world, S.IN_PROGRESS), ticket_in(world, S.IN_PROGRESS)
    bea = world.app.test_client()
    bea.get(world.link(source))
    filled = form(bea.get(f"/requests/{source}"), "/replies")
    assert filled.send(bea, body="Once only.").status_code == 303
    assert merge(world, "ACME-1", "ACME-2") == 303
    assert filled.send(bea, body="Once only.").status_code == 303
    with world.inside():
        assert [m.body for m in thread_of(target)].count("Once only.") == 1


def test_TKT_013_nothing_is_merged_into_what_is_resolved(world):
    ticket_in(world, S.IN_PROGRESS)
    ticket_in(world, S.RESOLVED)
    assert merge(world, "ACME-1", "ACME-2") == 409


def test_TKT_013_an_unanswered_question_goes_along(world):
    source, target = ticket_in(world, S.IN_PROGRESS), ticket_in(world, S.IN_PROGRESS)
    with at_work(world, target) as (ticket, me):
        ticket.reply("We wait for you.", by=me, then=S.WAITING_USER)
    assert merge(world, "ACME-1", "ACME-2") == 303
    with world.inside():
        assert world.one(Ticket, id=target).status == S.IN_PROGRESS, "what he asked there is not answered"
        assert world.one(Ticket, id=source).status == S.CLOSED


def test_TKT_013_an_answered_one_changes_nothing(world):
    source, target = ticket_in(world, S.IN_PROGRESS), ticket_in(world, S.IN_PROGRESS)
    for ticket_id in (source, target):
        with at_work(world, ticket_id) as (ticket, me):
            ticket.reply("We wait for you.", by=me, then=S.WAITING_USER)
    assert merge(world, "ACME-1", "ACME-2") == 303
    with world.inside():
        assert world.one(Ticket, id=target).status == S.WAITING_USER


def test_TKT_012_a_reply_that_was_the_solution_takes_the_note_along(world):
    made = ticket_in(world, S.IN_PROGRESS, language="en")
    gus, mai = Seat(world, "Gus"), Seat(world, "Mai")
    assert gus.post("/tickets/ACME-1/replies", body="The code is 1234.", then="resolved").status_code == 303
    bea = world.app.test_client()
    bea.get(world.link(made))
    assert "The code is 1234." in bea.get(f"/requests/{made}").text
    message = reply_of(world, made).id
    assert mai.post(f"/messages/{message}/deletion").status_code == 303
    assert "1234" not in bea.get(f"/requests/{made}").text
    assert mai.post(f"/messages/{message}/restoration").status_code == 303
    with world.inside():
        assert world.one(Ticket, id=made).resolution_note_en == "The code is 1234."


def test_TKT_012_what_its_writer_took_back_is_not_restored(world):
    made = ticket_in(world, S.IN_PROGRESS)
    holds(world, 30)
    gus, mai = press(world, "Not yet."), Seat(world, "Mai")
    message = reply_of(world, made).id
    assert mai.post(f"/messages/{message}/deletion").status_code == 409, "it is its writer's still"
    assert gus.post(f"/tickets/ACME-1/replies/{message}/undo").status_code == 303
    assert mai.post(f"/messages/{message}/restoration").status_code == 409


def test_SLA_005_a_sweep_that_comes_late_makes_nobody_late(world):
    made = ticket_in(world, S.ASSIGNED)
    with world.inside():
        due = world.one(Clock, ticket_id=made, kind="first").due_at
    holds(world, 10)
    with clock.frozen(due - timedelta(minutes=1)):
        press(world, "In time.")
    with clock.frozen(due + timedelta(minutes=5)):
        sweep(world)
    with world.inside():
        first = world.one(Clock, ticket_id=made, kind="first")
        assert (first.state, first.met_at) == ("met", due - timedelta(seconds=50))


def test_SLA_005_what_the_customer_asked_meanwhile_starts_no_clock_on_a_finished_ticket(world):
    made = ticket_in(world, S.IN_PROGRESS)
    holds(world, 10)
    press(world, "Held.")
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.hear("And one more thing.", by=ticket.customer)
        ticket.close(by=mai, reason="withdrawn")
    clock.travel(11)
    sweep(world)
    with world.inside():
        assert not [c for c in world.one(Ticket, id=made).tracker.clocks if c.running_since and not c.met_at]
    clock.reset()


def test_TKT_005_who_waited_for_a_ticket_sees_whose_it_is_now(any_world):
    """A row that was waited for is read anew; what was joined with it must be, too (AGT-010)."""
    made = any_world.ticket()
    with at_work(any_world, made, "Gus") as (ticket, gus):
        assert ticket.assignee is None
    begun, seen = threading.Event(), []

    def take_as_linh() -> None:
        begun.wait(10)
        try:
            with at_work(any_world, made, "Linh") as (ticket, linh):
                seen.append(ticket.assignee and ticket.assignee.name)
                ticket.take(by=linh)
        except Refusal as refusal:
            seen.append(str(refusal))

    waiting = threading.Thread(target=take_as_linh)
    waiting.start()
    with at_work(any_world, made, "Gus") as (ticket, gus):
        begun.set()
        waiting.join(0.5)  # it waits for our row, or, on SQLite, for the database
        ticket.take(by=gus)
    waiting.join(20)
    assert seen == ["Gus", "Gus has this ticket already."]
    with any_world.inside():
        assert {agent.user.name: agent.load for agent in db.session.scalars(select(Agent))} == {
            "Gus": 1,
            "Linh": 0,
        }
        assert [e.name for e in events_of(made)].count("ticket.assigned") == 1


def test_TKT_012_a_held_reply_of_a_deleted_ticket_leaves_when_it_is_back(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    press(world, "Held.")
    with at_work(world, made, "Mai") as (ticket, mai):
        ticket.delete(by=mai)
    clock.travel(3600)
    sweep(world)
    assert reply_of(world, made).held_until is not None
    with world.inside():
        Ticket.for_deed(made).restore(by=world.user("Mai"))
    sweep(world)
    with world.inside():
        assert world.one(Clock, ticket_id=made, kind="first").state == "met"
        assert world.one(Message, kind="agent_reply").held_until is None
    clock.reset()
