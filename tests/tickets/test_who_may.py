"""TKT-004, TKT-005: every pair of statuses, for everybody, at the status form and at each deed's own door.

The table is written out by hand from the requirements; the code's own is not looked at.
"""

from __future__ import annotations

import pytest

from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.page import form
from tests.support.seat import Seat, bring_to, events_of, thread_of

S = Status
WORK = [S.ASSIGNED, S.IN_PROGRESS, S.WAITING_USER, S.WAITING_INTERNAL, S.ESCALATED]
REACHED_FROM = {  # status → from where it is reached by choosing it; what wants more has a door of its own
    S.OPEN: [*WORK, S.RESOLVED],
    S.ASSIGNED: [S.OPEN, S.IN_PROGRESS, S.WAITING_USER, S.WAITING_INTERNAL, S.ESCALATED, S.RESOLVED],
    S.IN_PROGRESS: [S.ASSIGNED, S.WAITING_USER, S.WAITING_INTERNAL, S.ESCALATED],
    S.WAITING_USER: [S.ASSIGNED, S.IN_PROGRESS, S.WAITING_INTERNAL, S.ESCALATED],
    S.WAITING_INTERNAL: [S.ASSIGNED, S.IN_PROGRESS, S.WAITING_USER, S.ESCALATED],
    S.ESCALATED: [S.OPEN, S.ASSIGNED, S.IN_PROGRESS, S.WAITING_USER, S.WAITING_INTERNAL],
    S.RESOLVED: [],  # wants a note
    S.CLOSED: [],  # wants a reason, unless it is resolved
}
PEOPLE = {"Gus": "agent with the ticket", "Linh": "other agent", "Mai": "manager"}


def chosen(who: str, origin: Status, to: Status) -> tuple[int, Status]:
    """What the status form answers, and where the ticket is then; Gus has the ticket unless it is open."""
    if origin == to:
        return 303, origin
    if (origin, to) == (S.RESOLVED, S.CLOSED) and who == "Mai":
        return 303, S.CLOSED  # solved: no other reason is wanted
    if to == S.CLOSED and origin != S.CLOSED:
        return (409 if who == "Mai" else 403), origin  # a manager is asked for the reason
    if origin not in REACHED_FROM[to]:
        return 409, origin  # impossible, or RESOLVED, which wants a note
    if to == S.OPEN and who == "Linh":
        return 403, origin  # TKT-005: agents release their own
    if origin == S.OPEN and to != S.ESCALATED:
        return 409, origin  # nobody has it
    return 303, to


def at_its_door(who: str, origin: Status, to: Status) -> tuple[int, Status]:
    """The same for the deed's own address."""
    if to == S.CLOSED:
        if who != "Mai":
            return 403, origin
        return (409, origin) if origin == S.CLOSED else (303, S.CLOSED)  # for another reason than it has
    if to == S.RESOLVED:
        return (409, origin) if origin in (S.RESOLVED, S.CLOSED) else (303, S.RESOLVED)  # in other words
    if to == S.OPEN:  # released
        if origin in (S.RESOLVED, S.CLOSED):
            return 409, origin
        return (403, origin) if who == "Linh" and origin != S.OPEN else (303, S.OPEN)
    if origin in (S.RESOLVED, S.CLOSED):
        reopens = origin == S.RESOLVED and to == S.ASSIGNED
        return (303, S.ASSIGNED) if reopens else (409, origin)
    if to == S.ASSIGNED:  # taken
        if who == "Gus":
            return 303, S.ASSIGNED if origin == S.OPEN else origin
        return (409, origin) if who == "Linh" and origin != S.OPEN else (303, S.ASSIGNED)
    if origin == to or to == S.ESCALATED:
        return 303, to
    return chosen(who, origin, to)


def knock(seat: Seat, number: str, origin: Status, to: Status) -> int:
    """Ask for a status at the door of its deed."""
    base = f"/tickets/{number}"
    if to == S.CLOSED:
        return seat.post(f"{base}/closure", reason="withdrawn").status_code
    if to == S.RESOLVED:
        return seat.post(f"{base}/resolution", note_en="Solved anew.", note_vi="Xong lần nữa.").status_code
    if to == S.OPEN:
        return seat.post(f"{base}/assignment", agent="").status_code
    if to == S.ASSIGNED and origin == S.RESOLVED:
        return seat.post(f"{base}/reopening").status_code
    if to == S.ASSIGNED:
        return seat.post(f"{base}/assignment", agent="me").status_code
    if to == S.ESCALATED:
        return seat.post(f"{base}/escalations", level="1", reason="Look.").status_code
    return seat.post(f"{base}/status", status=to).status_code


def made(world, origin: Status) -> tuple[int, str]:
    ticket_id = world.ticket()
    bring_to(world, ticket_id, origin, "Gus")
    with world.inside():
        return ticket_id, world.one(Ticket, id=ticket_id).number


def state(world, ticket_id: int) -> Status:
    with world.inside():
        return Status(world.one(Ticket, id=ticket_id).status)


def traces(world, ticket_id: int) -> int:
    """How many moves the record and the thread tell of, which must be the same."""
    with world.inside():
        moves = [event for event in events_of(ticket_id) if event.name.startswith("ticket.")]
        lines = [line for line in thread_of(ticket_id) if line.kind == "system"]
        names = [event.name for event in moves if "to" in event.data]
        assert [line.event_name for line in lines if "to" in line.event_data] == names
        return len(names)


@both_databases
@pytest.mark.parametrize("who", PEOPLE)
def test_TKT_004_the_status_form_makes_exactly_the_moves_that_are_somebody_s(world, who):
    seat, found, expected = Seat(world, who), {}, {}
    for origin in Status:
        ticket_id, number = made(world, origin)
        for to in Status:
            before = traces(world, ticket_id)
            code = seat.post(f"/tickets/{number}/status", status=to).status_code
            found[origin, to] = code, state(world, ticket_id)
            expected[origin, to] = chosen(who, origin, to)
            made_one = traces(world, ticket_id) - before
            assert made_one == (found[origin, to][1] != origin), "each move leaves one event, a refusal none"
            if found[origin, to][1] != origin:
                ticket_id, number = made(world, origin)
    assert found == expected


@both_databases
@pytest.mark.parametrize("who", PEOPLE)
def test_TKT_004_each_deed_s_own_door_makes_exactly_the_moves_that_are_somebody_s(world, who):
    seat, found, expected = Seat(world, who), {}, {}
    for origin in Status:
        ticket_id, number = made(world, origin)
        for to in Status:
            found[origin, to] = knock(seat, number, origin, to), state(world, ticket_id)
            expected[origin, to] = at_its_door(who, origin, to)
            ticket_id, number = made(world, origin) if found[origin, to][0] < 400 else (ticket_id, number)
    assert found == expected


@both_databases
def test_TKT_004_a_customer_makes_only_his_own_moves(world):
    """No status form and no deed of the desk is his; his reply and his confirmation move what they should."""
    replied = dict.fromkeys(Status) | {S.WAITING_USER: S.IN_PROGRESS, S.RESOLVED: S.ASSIGNED}
    for origin in Status:
        ticket_id, number = made(world, origin)
        client = world.app.test_client()
        client.get(world.link(ticket_id))
        for to in Status:
            assert client.post(f"/tickets/{number}/status", data={"status": to}).status_code in (400, 401)
        assert state(world, ticket_id) == origin
        page = client.get(f"/requests/{ticket_id}?lang=en")
        assert form(page, "/replies").send(client, body="And?").status_code == 303
        assert state(world, ticket_id) == (replied[origin] or origin), origin
        if origin == S.RESOLVED:
            form(page, "/confirmation").send(client)
            assert state(world, ticket_id) == S.ASSIGNED, "it is open again"
