"""TKT-004: the table of moves, through the doors that agents and managers use."""

from __future__ import annotations

from html import unescape

import pytest

from helpdesk.tickets.lifecycle import STATUS_LABELS, Status
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in

S = Status
EVERYBODY = set(Status)
# The table as it stands in the requirements, row by row.
TABLE = {
    S.OPEN: {S.ASSIGNED, S.ESCALATED, S.RESOLVED, S.CLOSED},
    S.ASSIGNED: {
        S.OPEN,
        S.IN_PROGRESS,
        S.WAITING_USER,
        S.WAITING_INTERNAL,
        S.ESCALATED,
        S.RESOLVED,
        S.CLOSED,
    },
    S.IN_PROGRESS: {
        S.OPEN,
        S.ASSIGNED,
        S.WAITING_USER,
        S.WAITING_INTERNAL,
        S.ESCALATED,
        S.RESOLVED,
        S.CLOSED,
    },
    S.WAITING_USER: {
        S.OPEN,
        S.ASSIGNED,
        S.IN_PROGRESS,
        S.WAITING_INTERNAL,
        S.ESCALATED,
        S.RESOLVED,
        S.CLOSED,
    },
    S.WAITING_INTERNAL: {
        S.OPEN,
        S.ASSIGNED,
        S.IN_PROGRESS,
        S.WAITING_USER,
        S.ESCALATED,
        S.RESOLVED,
        S.CLOSED,
    },
    S.ESCALATED: {
        S.OPEN,
        S.ASSIGNED,
        S.IN_PROGRESS,
        S.WAITING_USER,
        S.WAITING_INTERNAL,
        S.RESOLVED,
        S.CLOSED,
    },
    S.RESOLVED: {S.CLOSED, S.ASSIGNED, S.OPEN},
    S.CLOSED: set(),
}
NEED_SOMEBODY = (S.ASSIGNED, S.IN_PROGRESS, S.WAITING_USER, S.WAITING_INTERNAL)
WORKING = [s for s in Status if s not in (S.RESOLVED, S.CLOSED)]


def ask(seat: Seat, number: str, origin: Status, to: Status):
    """Ask for a move at the door where it belongs."""
    if to == S.RESOLVED:
        return seat.post(f"/tickets/{number}/resolution", note_en="Done.", note_vi="Xong.")
    if to == S.CLOSED:
        return seat.post(f"/tickets/{number}/closure", reason="duplicate")
    if (origin, to) == (S.OPEN, S.ASSIGNED):
        return seat.post(f"/tickets/{number}/assignment", agent="me")
    return seat.post(f"/tickets/{number}/status", status=to)


def state(world, ticket_id):
    with world.inside():
        return world.one(Ticket, id=ticket_id).status


def number_of(world, ticket_id):
    with world.inside():
        return world.one(Ticket, id=ticket_id).number


def moves_of(ticket_id):
    """What happened to the ticket itself; its clocks have events of their own."""
    return [event for event in events_of(ticket_id) if event.name.startswith("ticket.")]


def words(answer):
    return unescape(" ".join(answer.text.split()))


@pytest.mark.parametrize("origin", Status)
def test_TKT_004_exactly_the_moves_of_the_table_are_accepted(world, origin):
    mai = Seat(world, "Mai")
    mai.client.set_cookie("lang", "en")
    for to in EVERYBODY - {origin}:
        made = ticket_in(world, origin)
        answer = ask(mai, number_of(world, made), origin, to)
        if to in TABLE[origin]:
            assert (answer.status_code, state(world, made)) == (303, to), (origin, to)
        else:
            assert (answer.status_code, state(world, made)) == (409, origin), (origin, to)
            possible = [str(STATUS_LABELS[s]) for s in Status if s in TABLE[origin]] or ["nothing"]
            assert f"Possible from here: {', '.join(possible)}." in words(answer), (origin, to)


@pytest.mark.parametrize("status", Status)
def test_TKT_004_a_move_to_where_it_is_changes_nothing(world, status):
    made = ticket_in(world, status)
    with world.inside():
        before = len(events_of(made)), len(thread_of(made))
    ask(Seat(world, "Mai"), number_of(world, made), status, status)
    with world.inside():
        assert (len(events_of(made)), len(thread_of(made))) == before
        assert world.one(Ticket, id=made).status == status


@pytest.mark.parametrize("to", NEED_SOMEBODY)
@pytest.mark.parametrize("origin", [S.OPEN, S.ESCALATED])
def test_TKT_004_a_status_that_needs_an_assignee_is_not_entered_without_one(world, origin, to):
    made = world.ticket()
    with at_work(world, made) as (ticket, gus):
        if origin == S.ESCALATED:
            ticket.move_to(S.ESCALATED, by=gus)
    answer = Seat(world, "Gus").post(f"/tickets/{number_of(world, made)}/status", status=to)
    assert (answer.status_code, state(world, made)) == (409, origin)


@pytest.mark.parametrize("origin", WORKING)
def test_TKT_004_resolving_by_status_alone_says_that_a_note_is_wanted(world, origin):
    made = ticket_in(world, origin)
    answer = Seat(world, "Gus").post(f"/tickets/{number_of(world, made)}/status", status="RESOLVED")
    assert (answer.status_code, state(world, made)) == (409, origin)
    assert "resolution note" in words(answer)


@pytest.mark.parametrize("reason", ["duplicate", "spam", "withdrawn"])
def test_TKT_004_a_manager_closes_with_a_reason(world, reason):
    made = ticket_in(world, S.IN_PROGRESS)
    assert (
        Seat(world, "Mai").post(f"/tickets/{number_of(world, made)}/closure", reason=reason).status_code
        == 303
    )
    with world.inside():
        ticket = world.one(Ticket, id=made)
        assert (ticket.status, ticket.closed_by, ticket.close_reason) == (S.CLOSED, "manager", reason)
        assert ticket.closed_at is not None


@pytest.mark.parametrize("reason", ["", "because", "DUPLICATE"])
def test_TKT_004_closing_without_a_known_reason_is_refused(world, reason):
    made = ticket_in(world, S.IN_PROGRESS)
    answer = Seat(world, "Mai").post(f"/tickets/{number_of(world, made)}/closure", reason=reason)
    assert (answer.status_code, state(world, made)) == (422, S.IN_PROGRESS)


def test_TKT_004_an_agent_may_not_close(world):
    made = ticket_in(world, S.IN_PROGRESS)
    gus, number = Seat(world, "Gus"), number_of(world, made)
    assert gus.post(f"/tickets/{number}/closure", reason="spam").status_code == 403
    assert gus.post(f"/tickets/{number}/status", status="CLOSED").status_code == 403
    assert state(world, made) == S.IN_PROGRESS


@pytest.mark.parametrize("value", ["", "open", "DELETED", "OPEN ", "OPEN\x00", "x" * 5000])
def test_TKT_004_an_unknown_status_is_a_bad_request(world, value):
    made = ticket_in(world, S.ASSIGNED)
    assert (
        Seat(world, "Gus").post(f"/tickets/{number_of(world, made)}/status", status=value).status_code == 400
    )
    assert state(world, made) == S.ASSIGNED


def test_TKT_004_the_page_offers_only_moves_that_are_possible(world):
    for origin in Status:
        made = ticket_in(world, origin)
        page = read(Seat(world, "Mai").get(f"/tickets/{number_of(world, made)}"))
        field = next(s for s in page.all("select") if s.attributes.get("name") == "status")
        offered = {option["value"] for option in field.all("option")}
        assert offered - {origin} <= TABLE[origin], origin


@pytest.mark.parametrize("origin,to", [(S.ASSIGNED, S.IN_PROGRESS), (S.IN_PROGRESS, S.WAITING_USER),
                                       (S.WAITING_INTERNAL, S.OPEN), (S.ASSIGNED, S.RESOLVED),
                                       (S.RESOLVED, S.ASSIGNED), (S.RESOLVED, S.CLOSED)])  # fmt: skip
def test_MSG_004_TKT_007_every_move_is_one_event_and_one_system_message(world, origin, to):
    made = ticket_in(world, origin)
    with world.inside():
        events, lines = len(moves_of(made)), len(thread_of(made))
    assert ask(Seat(world, "Mai"), number_of(world, made), origin, to).status_code == 303
    with world.inside():
        mai = world.user("Mai")
        (event,) = moves_of(made)[events:]
        (line,) = thread_of(made)[lines:]
        assert event.actor == {"kind": "user", "id": mai.id, "name": "Mai"}
        assert (event.data["from"], event.data["to"]) == (origin, to)
        assert (line.kind, line.author_kind, line.event_name) == ("system", "system", event.name)
        assert line.created_at == event.created_at
