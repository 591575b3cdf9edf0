"""A seat at the desk: somebody's deeds through HTTP, as a plain form or as a part of the page asks, and on the noun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.world import World


class Seat:
    """A signed-in browser that brings the anti-forgery token with everything it sends."""

    def __init__(self, world: World, name: str) -> None:
        self.client: FlaskClient = world.sign_in(name)
        with self.client.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        self._token = URLSafeTimedSerializer(world.app.secret_key, salt="wtf-csrf-token").dumps(raw)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Look at a page."""
        return self.client.get(path, query_string=query or None)

    def post(self, path: str, *, htmx: bool = False, **data: Any) -> TestResponse:
        """Send a form."""
        headers = {"HX-Request": "true"} if htmx else {}
        kind = "multipart/form-data" if "files" in data else None
        return self.client.post(
            path, data=data | {"csrf_token": self._token}, headers=headers, content_type=kind
        )


@contextmanager
def at_work(
    world: World, ticket_id: int, name: str = "Gus", slug: str = "acme"
) -> Iterator[tuple[Ticket, User]]:
    """One transaction with a locked ticket and somebody of the cast."""
    with world.inside(slug):
        yield Ticket.for_deed(ticket_id), world.user(name)


def bring_to(world: World, ticket_id: int, status: Status, name: str = "Gus") -> None:
    """Lead a new ticket to a status by deeds; it is the named agent's, unless it is OPEN."""
    with at_work(world, ticket_id, name) as (ticket, me):
        if status == Status.OPEN:
            return
        ticket.take(by=me)
        if status in (Status.RESOLVED, Status.CLOSED):
            ticket.resolve(by=me, note_en="Done.", note_vi="Xong.")
        elif status != Status.ASSIGNED:
            ticket.move_to(status, by=me)
        if status == Status.CLOSED:
            ticket.confirm(by=ticket.customer)


def ticket_in(world: World, status: Status, name: str = "Gus", **opening: Any) -> int:
    """A new ticket that was brought to a status; its id."""
    ticket_id = world.ticket(**opening)
    bring_to(world, ticket_id, status, name)
    return ticket_id


def events_of(ticket_id: int) -> list[Event]:
    """What happened on a ticket, in order; call it inside the organizer."""
    return list(db.session.scalars(select(Event).where(Event.ticket_id == ticket_id).order_by(Event.id)))


def thread_of(ticket_id: int) -> list[Message]:
    """The agents' thread of a ticket; call it inside the organizer."""
    return list(db.session.scalars(Message.thread(ticket_id)))
