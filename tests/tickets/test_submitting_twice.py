"""MSG-007: one form makes one message, however often and from wherever it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.core import clock
from helpdesk.tickets.lifecycle import Status
from tests.support.page import form
from tests.support.seat import Seat, events_of, thread_of, ticket_in
from tests.tickets.held import at, holds, press, reply_of, sweep

S = Status
EIGHT = 8


def bodies(world, made) -> list[str]:
    with world.inside():
        return [m.body for m in thread_of(made)]


@pytest.mark.parametrize(("door", "event"), [
    ("replies", "ticket.replied"), ("held", "reply.held"), ("notes", "ticket.noted"), ("comments", "ticket.commented"),
])  # fmt: skip
def test_MSG_007_eight_at_once_write_one_message_of_an_agent(any_world, door, event):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 30 if door == "held" else 0)
    seats = [Seat(any_world, "Gus") for _ in range(EIGHT)]
    address = f"/tickets/ACME-1/{door.replace('held', 'replies')}"

    def send(seat: Seat) -> int:
        return seat.post(address, body="Once.", submission="k1").status_code

    with ThreadPoolExecutor(EIGHT) as pool:
        assert list(pool.map(send, seats)) == [303] * EIGHT
    assert bodies(any_world, made).count("Once.") == 1
    with any_world.inside():
        assert [e.name for e in events_of(made)].count(event) == 1


def test_MSG_007_eight_at_once_write_one_message_of_the_customer(any_world):
    made = ticket_in(any_world, S.WAITING_USER)
    link = any_world.link(made)
    clients = [any_world.app.test_client() for _ in range(EIGHT)]
    pages = [client.get(link, follow_redirects=True) for client in clients]
    key = form(pages[0], "/replies").fields["submission"]

    def send(number: int) -> int:
        own = form(pages[number], "/replies")
        return own.send(clients[number], body="Once.", submission=key).status_code

    with ThreadPoolExecutor(EIGHT) as pool:
        assert list(pool.map(send, range(EIGHT))) == [303] * EIGHT
    assert bodies(any_world, made).count("Once.") == 1
    with any_world.inside():
        assert [e.name for e in events_of(made)].count("ticket.replied") == 1


def test_MSG_007_a_held_reply_that_comes_again_is_held_once_and_sent_once(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    holds(any_world, 10)
    with at(clock.now()):
        press(any_world, "Once.", submission="k1")
        press(any_world, "Once.", submission="k1")
        clock.travel(11)
        sweep(any_world)
        press(any_world, "Once.", submission="k1")
    assert bodies(any_world, made).count("Once.") == 1
    with any_world.inside():
        assert [e.name for e in events_of(made)].count("ticket.replied") == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_007_a_form_whose_reply_was_taken_back_says_so_and_then_sends_it(world, htmx):
    """A page behind the undo, or a press that arrives late, must not send what its writer has just stopped."""
    made = ticket_in(world, S.ASSIGNED)
    holds(world, 30)
    seat = press(world, "Once.", submission="k1")
    seat.post(f"/tickets/ACME-1/replies/{reply_of(world, made).id}/undo")
    answer = seat.post("/tickets/ACME-1/replies", htmx=htmx, body="Once.", submission="k1")
    assert answer.status_code == 409
    assert "This reply was taken back." in answer.text
    again = form(answer, "/replies")
    assert again.fields["body"] == "Once."
    assert again.fields["submission"] not in ("", "k1")
    assert "Once." not in bodies(world, made)
    assert again.send(seat.client).status_code == 303
    assert bodies(world, made).count("Once.") == 1
