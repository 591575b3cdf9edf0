"""Replies that are held: how tests press, wait and look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from helpdesk.core import clock
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import Seat, events_of
from tests.support.world import World


def holds(world: World, seconds: int, name: str = "Gus") -> None:
    """Somebody wants time to take replies back."""
    with world.inside():
        world.user(name).undo_seconds = seconds


def press(world: World, body: str = "An answer.", name: str = "Gus", **fields: object) -> Seat:
    """Send a reply from the page; the browser it was sent from."""
    seat = Seat(world, name)
    answer = seat.post("/tickets/ACME-1/replies", body=body, **fields)
    assert answer.status_code == 303, answer.text
    return seat


def reply_of(world: World, ticket_id: int) -> Message:
    """The one agents' reply on a ticket."""
    with world.inside():
        return world.one(Message, ticket_id=ticket_id, kind="agent_reply")


def sweep(world: World) -> None:
    """What a worker does every two seconds."""
    with world.inside():
        more = Ticket.release_due()
    if more:
        sweep(world)


def names_on(world: World, ticket_id: int) -> list[str]:
    with world.inside():
        return [event.name for event in events_of(ticket_id)]


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    with clock.frozen(instant):
        yield
