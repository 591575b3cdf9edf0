"""Undo send: a reply is held for its writer's seconds; nobody is told of it before, and it never gets lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.notifications.delivery import Delivery
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.public_message import PublicAttachment, PublicMessage
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, at_work, bring_to, events_of, ticket_in
from tests.support.world import World
from tests.tickets.held import at, holds, names_on, press, reply_of, sweep

S = Status
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10:00 in Vietnam: the shipped calendar is open


def test_MSG_006_a_held_reply_is_in_the_agents_thread_and_nowhere_else(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    seat = press(any_world, then="waiting_user", files=[(BytesIO(b"one line\n"), "log.txt")])
    mark = next(read(seat.get("/tickets/ACME-1")).all("li", data_kind="agent_reply"))
    assert "data-held" in mark.attributes
    assert "Undo" in mark.text
    assert "log.txt" in mark.text
    with any_world.inside():
        ticket = any_world.one(Ticket, id=made)
        assert ticket.status == S.ASSIGNED
        assert ticket.tracker.first_response_at is None
        assert db.session.scalars(PublicMessage.thread(made)).all()[-1].kind != "agent_reply"
        assert db.session.scalars(select(PublicAttachment)).all() == []
        assert "ticket.replied" not in [event.name for event in events_of(made)]
    any_world.run_reactions()
    with any_world.inside():
        assert any_world.count(Delivery, ticket_id=made, template="replied") == 0


def test_MSG_006_the_customers_page_and_files_show_nothing_of_it(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    press(world, "Not yet yours.", files=[(BytesIO(b"one line\n"), "log.txt")])
    customer = world.app.test_client()
    page = customer.get(world.link(made), follow_redirects=True)
    assert "Not yet yours." not in page.text
    with world.inside():
        file = world.one(Message, ticket_id=made, kind="agent_reply").attachments[0]
    assert customer.get(f"/requests/{made}/attachments/{file.id}/log.txt").status_code == 404
    assert "Not yet yours." not in customer.get(f"/requests/{made}/changes?since=0").text


def test_MSG_006_when_its_time_is_over_it_does_what_a_reply_does(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        press(any_world, then="waiting_user")
        due = clock.now() + timedelta(seconds=10)
        clock.travel(9)
        sweep(any_world)
        assert reply_of(any_world, made).held_until is not None
        clock.travel(2)
        sweep(any_world)
        sweep(any_world)
    assert reply_of(any_world, made).held_until is None
    assert names_on(any_world, made).count("ticket.replied") == 1
    with any_world.inside():
        ticket = any_world.one(Ticket, id=made)
        assert ticket.status == S.WAITING_USER
        assert ticket.tracker.first_response_at == due, "when it was to leave, not when somebody looked"
        assert "agent_reply" in [m.kind for m in db.session.scalars(PublicMessage.thread(made))]


def test_MSG_006_the_event_names_the_writer_and_a_mail_goes_out_once(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    with at(clock.now()):
        press(world)
        world.run_reactions()
        clock.travel(11)
        sweep(world)
        world.run_reactions()
    with world.inside():
        (replied,) = [e for e in events_of(made) if e.name == "ticket.replied"]
        assert replied.actor["name"] == "Gus"
        told = [d for d in db.session.scalars(select(Delivery)) if d.event_id == replied.id]
        assert [d.recipient_kind for d in told] == ["customer"]


def test_TKT_005_an_unassigned_ticket_is_taken_at_the_press(world):
    made = world.ticket()
    holds(world, 10)
    press(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert ticket.assignee.name == "Gus"
        assert ticket.status == S.ASSIGNED
    assert "ticket.assigned" in names_on(world, made)


def test_MSG_006_no_seconds_send_at_once(world):
    made = ticket_in(world, S.ASSIGNED)
    press(world, then="keep")
    assert reply_of(world, made).held_until is None
    assert "ticket.replied" in names_on(world, made)
    assert "reply.held" not in names_on(world, made)


def due_of(world: World, made: int, kind: str = "first") -> datetime:
    with world.inside():
        return next(c.due_at for c in world.one(Ticket, id=made).tracker.clocks if c.kind == kind)


@pytest.mark.parametrize(("before", "held"), [(3600, 30), (20, 15), (8, 3), (5, 0), (2, 0)])
def test_SLA_003_holding_never_breaks_a_promise(world, before, held):
    with at(MONDAY):
        made = ticket_in(world, S.ASSIGNED)
        holds(world, 30)
        due = due_of(world, made)
    with at(due - timedelta(seconds=before)):
        press(world)
        until, pressed = reply_of(world, made).held_until, clock.now()
        assert until == (pressed + timedelta(seconds=held) if held else None)
        assert until is None or until < due


def test_SLA_003_a_promise_that_is_broken_already_does_not_shorten_the_hold(world):
    with at(MONDAY):
        made = ticket_in(world, S.ASSIGNED)
        holds(world, 30)
        due = due_of(world, made)
    with at(due + timedelta(seconds=1)):
        press(world)
        assert reply_of(world, made).held_until == clock.now() + timedelta(seconds=30)


@pytest.mark.parametrize("ending", ["resolve", "close"])
def test_MSG_006_a_reply_on_what_was_finished_meanwhile_is_delivered_and_moves_nothing(any_world, ending):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        press(any_world, then="waiting_user")
        with at_work(any_world, made, "Mai") as (ticket, mai):
            if ending == "resolve":
                ticket.resolve(by=mai, note_en="Done.", note_vi="Xong.")
            else:
                ticket.close(by=mai, reason="duplicate")
        clock.travel(11)
        sweep(any_world)
    with any_world.inside():
        ticket = any_world.one(Ticket, id=made)
        assert ticket.status == (S.RESOLVED if ending == "resolve" else S.CLOSED)
        assert "agent_reply" in [m.kind for m in db.session.scalars(PublicMessage.thread(made))]
    assert names_on(any_world, made).count("ticket.replied") == 1


def test_MSG_006_a_reply_on_a_ticket_that_was_handed_back_is_delivered(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    with at(clock.now()):
        press(world, then="waiting_user")
        with at_work(world, made) as (ticket, me):
            ticket.release(by=me)
        clock.travel(11)
        sweep(world)
    with world.inside():
        assert world.one(Ticket, id=made).status == S.OPEN
    assert names_on(world, made).count("ticket.replied") == 1


def test_TKT_012_the_reply_on_a_deleted_ticket_stays_held(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        seat = press(any_world)
        message = reply_of(any_world, made)
        with any_world.inside():
            any_world.one(Ticket, id=made).deleted_at = clock.now()
        clock.travel(11)
        sweep(any_world)
        assert seat.post(f"/tickets/ACME-1/replies/{message.id}/release").status_code == 404
        assert reply_of(any_world, made).held_until is not None
        with any_world.inside():
            any_world.one(Ticket, id=made).deleted_at = None
        sweep(any_world)
    assert reply_of(any_world, made).held_until is None


def test_TKT_009_what_the_customer_writes_meanwhile_is_not_answered_by_it(any_world):
    """He would be told that we wait for him, or that all is solved."""
    for number, then in enumerate(("waiting_user", "resolved"), 1):
        made = ticket_in(any_world, S.ASSIGNED)
        holds(any_world, 10)
        with at(clock.now()):
            Seat(any_world, "Gus").post(f"/tickets/ACME-{number}/replies", body="An answer.", then=then)
            with at_work(any_world, made) as (ticket, _):
                ticket.hear("One more thing.", by=ticket.customer)
            clock.travel(11)
            sweep(any_world)
        with any_world.inside():
            assert any_world.one(Ticket, id=made).status == S.IN_PROGRESS
        assert names_on(any_world, made).count("ticket.replied") == 2


def test_TKT_010_then_resolved_makes_the_reply_the_note_at_the_release(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        press(any_world, "We sent a new one.", then="resolved")
        with any_world.inside():
            assert any_world.one(Ticket, id=made).status == S.ASSIGNED
        clock.travel(11)
        sweep(any_world)
        released = clock.now()
    with any_world.inside():
        ticket = any_world.one(Ticket, id=made)
        assert (ticket.status, ticket.resolved_at) == (S.RESOLVED, released)
        assert ticket.resolution_note == "We sent a new one."


def test_MSG_006_two_held_replies_leave_in_the_order_of_writing(world):
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 10)
    with at(clock.now()):
        press(world, "One.")
        press(world, "Two.")
        clock.travel(60)
        sweep(world)
    with world.inside():
        sent = [e.data["message"] for e in events_of(made) if e.name == "ticket.replied"]
        assert sent == sorted(sent)
        assert len(sent) == 2


def test_MSG_006_a_held_reply_does_not_bring_a_ticket_to_the_queues_as_answered(world):
    made = ticket_in(world, S.ASSIGNED)
    with world.inside():
        before = world.one(Ticket, id=made)
        said, version = before.last_message_at, before.version
    holds(world, 30)
    press(world)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.last_message_at, ticket.version) == (said, version)


def test_MSG_006_a_finished_ticket_takes_no_reply_that_would_be_held(world):
    made = ticket_in(world, S.ASSIGNED)
    bring = Status.RESOLVED
    holds(world, 30)
    other = world.ticket()
    bring_to(world, other, bring)
    answer = Seat(world, "Gus").post("/tickets/ACME-2/replies", body="Too late.")
    assert answer.status_code == 409
    with world.inside():
        assert world.count(Message, ticket_id=other, kind="agent_reply") == 0
        assert world.count(Message, ticket_id=made, kind="agent_reply") == 0
