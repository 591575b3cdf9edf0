"""The cast of a test, the deeds that make mails, and the workers that send them."""

from __future__ import annotations

import math
from email.message import EmailMessage
from typing import Any

from flask import Flask
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db, reading
from helpdesk.core.mail_line import Line, Relay
from helpdesk.core.tenancy import inside
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.outgoing import Outgoing
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.ticket import Ticket
from tests.notifications.sink import Sink
from tests.support.world import World

BEA, GUS, LINH, MAI, ADA = (
    "bea@mail.example", "gus@acme.example", "linh@acme.example", "mai@acme.example", "ada@acme.example"
)  # fmt: skip


WINDOW = 120  # as shipped, in seconds


class Post(World):
    """The world, with a mail server in it. Mails leave at once unless a window is set."""

    def __init__(self, app: Flask, sink: Sink, window_seconds: int = 0) -> None:
        super().__init__(app)
        self.sink = sink
        for slug in self.organizers:
            with self.inside(slug):
                Organizer.present().mail_window_seconds = window_seconds

    def send(self) -> None:
        """What the workers do: reactions first, then mails, once round the organizers."""
        self.run_reactions()
        for organizer_id in self.organizers.values():
            with self.app.app_context(), inside(organizer_id):
                send_all()

    def sent_to(self, address: str) -> list[EmailMessage]:
        """Send what is due; all mails to an address so far."""
        self.send()
        return self.sink.to(address)

    def deliveries(self, address: str | None = None) -> list[Delivery]:
        """The rows of acme, in order."""
        with self.inside():
            rows = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
            return [row for row in rows if address in (None, row.address)]

    def only(self, address: str) -> Delivery:
        """The one row to an address."""
        (row,) = self.deliveries(address)
        return row

    def assigned(self, to: str = "Gus", by: str = "Mai", **opening: str) -> int:
        """A ticket of Bea's that somebody has; its mails so far are thrown away."""
        ticket_id = self.ticket(**opening)
        with self.inside():
            ticket = Ticket.for_deed(ticket_id)
            if ticket.assignee_id is None:
                ticket.assign_to(self.user(to), by=self.user(by))
        self.forget()
        return ticket_id

    def forget(self) -> None:
        """Send everything and empty the mail server."""
        self.send()
        self.sink.mails.clear()

    def wait(self, seconds: float) -> None:
        """Workers come to what happened so far; then time goes on."""
        self.run_reactions()
        clock.travel(seconds)

    def reply(self, ticket_id: int, text: str, by: str = "Gus") -> None:
        """An agent answers."""
        with self.inside():
            Ticket.for_deed(ticket_id).reply(text, by=self.user(by))

    def hear(self, ticket_id: int, text: str) -> None:
        """The customer replies."""
        with self.inside():
            ticket = Ticket.for_deed(ticket_id)
            ticket.hear(text, by=ticket.customer)


def send_all() -> None:
    """Send what is due of the present organizer, by every server."""
    with reading():
        lanes = Lane.every()
    for lane in lanes:
        while lane.send():
            pass


def leased(kind: type[Any]) -> Outgoing | None:
    """One that is due, as a sender takes it; call it inside an organizer, with no transaction open."""
    return Outgoing.lease(kind, Lane().takes(kind), most=1)


def send_late(page: Outgoing, url: str) -> None:
    """Go on with what was taken a while ago."""
    with Line(Relay.of(url)) as line:
        page.send(line, math.inf)


def hand_over_and_die(page: Outgoing, url: str) -> None:
    """As far as the server's answer, and no farther."""
    page._write()
    with Line(Relay.of(url)) as line:
        for number in page._begin(list(page.leases)):
            page._hand_over(number, line)


def batched(post: Post, address: str) -> list[tuple[str, str | None]]:
    """State and reason of everything that was gathered for an address."""
    return [(row.state, row.error) for row in post.deliveries(address) if row.batch_id]


def quiet_ticket(post: Post) -> int:
    """A ticket that Gus has; everything about it so far has been sent."""
    ticket_id = post.assigned()
    clock.travel(WINDOW + 1)
    post.forget()
    return ticket_id
