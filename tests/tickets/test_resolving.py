"""TKT-006, TKT-009: how a ticket is resolved and reopened."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from helpdesk.accounts.user import Membership
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.desk.change import Change
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in

S = Status
HOUR = 3600


def hear(world, made, body="It is not over."):
    with at_work(world, made) as (ticket, _):
        ticket.hear(body, by=ticket.customer)


def status(world, made):
    with world.inside():
        return world.one(Ticket, id=made).status


def names(made):
    return [event.name for event in events_of(made)]


def test_TKT_006_resolving_keeps_note_resolver_and_instant(world):
    made = ticket_in(world, S.IN_PROGRESS)
    answer = Seat(world, "Gus").post(
        "/tickets/ACME-1/resolution", note_en="Sent again.", note_vi="Đã gửi lại."
    )
    assert answer.status_code == 303
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.resolution_note_en, ticket.resolution_note_vi) == ("Sent again.", "Đã gửi lại.")
        assert ticket.resolved_by.name == "Gus"
        assert clock.now() - ticket.resolved_at < timedelta(minutes=1)
        assert ticket.resolution_note == "Đã gửi lại."  # Bea reads Vietnamese


@pytest.mark.parametrize("notes,code", [
    ({"note_vi": "Xong."}, 303), ({"note_en": "Done."}, 422), ({}, 422), ({"note_vi": "  \n"}, 422),
])  # fmt: skip
def test_TKT_006_the_note_is_wanted_in_the_customer_s_language(world, notes, code):
    made = ticket_in(world, S.IN_PROGRESS, language="vi")
    answer = Seat(world, "Gus").post("/tickets/ACME-1/resolution", **notes)
    assert answer.status_code == code
    assert status(world, made) == (S.RESOLVED if code == 303 else S.IN_PROGRESS)
    if "note_en" in notes:
        assert "Done." in answer.text  # nothing typed is lost


def test_TKT_006_an_english_speaker_gets_an_english_note(world):
    made = ticket_in(world, S.IN_PROGRESS, language="en")
    gus = Seat(world, "Gus")
    assert gus.post("/tickets/ACME-1/resolution", note_vi="Xong.").status_code == 422
    assert gus.post("/tickets/ACME-1/resolution", note_en="Done.").status_code == 303
    assert status(world, made) == S.RESOLVED


def test_TKT_006_resolving_twice_changes_nothing(world):
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        before = world.one(Ticket, id=made)
        closes, note, number = before.auto_close_at, before.resolution_note_vi, len(names(made))
    clock.travel(HOUR)
    Seat(world, "Linh").post("/tickets/ACME-1/resolution", note_en="Other.", note_vi="Khác.")
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.auto_close_at, ticket.resolution_note_vi, ticket.resolved_by.name) == (
            closes,
            note,
            "Gus",
        )
        assert len(names(made)) == number


def test_a_reply_that_solves_it_is_the_note_too(world):
    made = ticket_in(world, S.IN_PROGRESS, language="en")
    assert (
        Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Here it is.", then="resolved").status_code
        == 303
    )
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.resolution_note_en) == (S.RESOLVED, "Here it is.")
        assert [m.kind for m in thread_of(made)].count("agent_reply") == 1


def test_TKT_009_a_resolved_ticket_reopens_when_the_customer_replies(world):
    made = ticket_in(world, S.RESOLVED)
    hear(world, made)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee.name) == (S.ASSIGNED, "Gus")
        assert (ticket.resolved_at, ticket.resolved_by, ticket.auto_close_at) == (None, None, None)
        assert names(made)[-2:] == ["ticket.replied", "ticket.reopened"]
        assert Agent.of(ticket.assignee_id).load == 1
        resolution = next(c for c in ticket.tracker.clocks if c.kind == "resolution")
        assert (resolution.state, resolution.next_look_at is not None) == ("running", True)


@pytest.mark.parametrize("gone", ["inactive", "other merchant", "no profile"])
def test_TKT_009_without_its_agent_it_is_open_and_routed_again(world, gone):
    made = ticket_in(world, S.RESOLVED, "Mai" if gone == "no profile" else "Gus")
    with world.inside():
        gus = world.user("Gus")
        if gone == "inactive":
            gus.deactivate()
        elif gone == "other merchant":
            merchant = world.one(Ticket, id=made).merchant_id
            world.one(Membership, user_id=gus.id, merchant_id=merchant).deleted_at = clock.now()
    hear(world, made)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee) == (S.OPEN, None)
    world.run_reactions()
    with world.inside():
        expected = {"Gus", "Linh"} if gone == "no profile" else {"Linh"}
        assert world.one(Ticket, id=made).assignee.name in expected


@pytest.mark.parametrize("how", ["full", "away", "offline"])
def test_AGT_010_automation_gives_a_reopened_ticket_to_nobody_above_his_cap(any_world, how):
    made = ticket_in(any_world, S.RESOLVED)
    with any_world.inside():
        profile = Agent.of(any_world.user("Gus").id)
        if how == "full":
            profile.cap = 0
        else:
            profile.availability = how
    hear(any_world, made)
    with any_world.inside():
        ticket = any_world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee, Agent.of(any_world.user("Gus").id).load) == (S.OPEN, None, 0)
    any_world.run_reactions()
    with any_world.inside():
        assert any_world.one(Ticket, id=made).assignee.name == "Linh"


def test_AGT_010_a_person_reopens_above_the_cap(world):
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        Agent.of(world.user("Gus").id).cap = 0
    assert Seat(world, "Mai").post("/tickets/ACME-1/reopening").status_code == 303
    with world.inside():
        assert world.one(Ticket, id=made).assignee.name == "Gus"
        assert Agent.of(world.user("Gus").id).load == 1


def test_AGT_010_of_replies_at_once_only_one_finds_the_last_place(any_world):
    made = [ticket_in(any_world, S.RESOLVED) for _ in range(4)]
    with any_world.inside():
        Agent.of(any_world.user("Gus").id).cap = 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: hear(any_world, each), made))
    with any_world.inside():
        statuses = sorted(any_world.one(Ticket, id=each).status for each in made)
        assert statuses == [S.ASSIGNED, S.OPEN, S.OPEN, S.OPEN]
        assert Agent.of(any_world.user("Gus").id).load == 1


def test_TKT_009_a_reply_while_waiting_for_the_customer_goes_on(world):
    made = ticket_in(world, S.WAITING_USER)
    hear(world, made)
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee.name) == (S.IN_PROGRESS, "Gus")
        assert next(c for c in ticket.tracker.clocks if c.kind == "resolution").state == "running"


@pytest.mark.parametrize("where", [S.OPEN, S.ASSIGNED, S.IN_PROGRESS, S.WAITING_INTERNAL, S.ESCALATED])
def test_TKT_009_a_reply_elsewhere_moves_nothing(world, where):
    made = ticket_in(world, where)
    hear(world, made)
    assert status(world, made) == where


def test_TKT_009_status_clock_and_message_change_in_one_transaction(world):
    made = ticket_in(world, S.RESOLVED)

    def reply_and_fail():
        with at_work(world, made) as (ticket, _):
            ticket.hear("No!", by=ticket.customer)
            raise ZeroDivisionError

    with world.inside():
        before = len(names(made)), len(thread_of(made))
    with pytest.raises(ZeroDivisionError):
        reply_and_fail()
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, len(names(made)), len(thread_of(made))) == (S.RESOLVED, *before)
        assert ticket.auto_close_at is not None
        assert next(c for c in ticket.tracker.clocks if c.kind == "resolution").state == "met"


def test_TKT_009_a_closed_ticket_takes_no_reply(world):
    made = ticket_in(world, S.CLOSED)
    with pytest.raises(Refusal):
        hear(world, made)
    assert Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Hello?").status_code == 409
    assert Seat(world, "Gus").post("/tickets/ACME-1/reopening").status_code == 409
    assert status(world, made) == S.CLOSED


def test_TKT_009_an_agent_reopens_a_resolved_ticket(world):
    made = ticket_in(world, S.RESOLVED)
    assert Seat(world, "Linh").post("/tickets/ACME-1/reopening").status_code == 303
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.assignee.name) == (S.ASSIGNED, "Gus")


def test_TKT_009_a_person_s_reopening_finds_another_agent_for_one_who_is_on_leave(world):
    made = ticket_in(world, S.RESOLVED)
    with world.inside():
        gus = Agent.of(world.user("Gus").id, lock=True)
        today = clock.now().date()
        gus.take_leave(today - timedelta(days=1), today + timedelta(days=9), by=gus.user)
    assert Seat(world, "Mai").post("/tickets/ACME-1/reopening").status_code == 303
    assert status(world, made) == S.OPEN
    world.run_reactions()
    with world.inside():
        assert world.one(Ticket, id=made).assignee.name == "Linh"


def test_TKT_009_comments_and_notes_move_nothing(world):
    for where in (S.OPEN, S.WAITING_USER, S.RESOLVED):
        made = ticket_in(world, where)
        with at_work(world, made) as (ticket, me):
            ticket.note("Remember.", by=me)
            ticket.comment("By the way.", by=me)
        assert status(world, made) == where


def test_TKT_004_another_resolution_of_a_resolved_ticket_is_refused_and_its_words_are_shown(world):
    ticket_in(world, Status.RESOLVED, "Gus")
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "en")
    for htmx in (False, True):
        answer = gus.post("/tickets/ACME-1/resolution", htmx=htmx, note_en="A second solution.")
        assert answer.status_code == 409
        [block] = read(answer).with_attribute("data-conflict")
        assert "A second solution." in block.text
        assert "Possible from here:" in block.text


def test_TKT_006_a_manager_closes_a_resolved_ticket_as_solved(world):
    made = ticket_in(world, Status.RESOLVED, "Gus")
    mai = Seat(world, "Mai")
    assert mai.post("/tickets/ACME-1/closure").status_code == 303
    assert mai.post("/tickets/ACME-1/closure").status_code == 303, "twice changes nothing"
    assert mai.post("/tickets/ACME-1/closure", reason="spam").status_code == 409
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.closed_by, ticket.close_reason) == ("CLOSED", "manager", "solved")
        assert [event.name for event in events_of(made)].count("ticket.closed") == 1


def test_TKT_007_a_reopening_that_costs_the_agent_says_so_in_the_record(world):
    made = ticket_in(world, Status.RESOLVED, "Gus")
    with world.inside():
        gus = world.user("Gus").id
    assert Seat(world, "Mai").post("/tickets/ACME-1/status", status="OPEN").status_code == 303
    with world.inside():
        [reopened] = [event for event in events_of(made) if event.name == "ticket.reopened"]
        assert (reopened.data["before"]["id"], reopened.data["assignee"]) == (gus, None)
        assert [(each.old, each.new) for each in Change.all_of(reopened)] == [
            ("Resolved", "Open"),
            ("Gus", ""),
        ]
