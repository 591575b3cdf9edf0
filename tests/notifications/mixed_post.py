"""Mails of every sort at once, and what must be true of them after any fault has healed."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.outgoing import GROUP
from helpdesk.tickets.ticket import Ticket
from tests.notifications.post import WINDOW, Post, quiet_ticket
from tests.notifications.sink import parts

LONG = 2 * 3600
NEW = 2 * GROUP + 2  # tickets, so that a page has several groups


class Mix(Post):
    """The cast and its mails; those that were thrown away are not looked for."""

    forgotten: frozenset[str] = frozenset()

    def forget(self) -> None:
        self.send()
        self.forgotten |= {mail["Message-ID"] for _, mail in self.sink.mails}
        self.sink.mails.clear()


def a_mix(post: Mix) -> int:
    """Batches whose window is over, mails that leave at once and are not even planned, a deed that was taken back.

    The id of the ticket of the batches.
    """
    ticket_id = quiet_ticket(post)
    post.hear(ticket_id, "One")
    post.hear(ticket_id, "Two")
    post.reply(ticket_id, "Three")
    post.reply(ticket_id, "Four")
    post.wait(WINDOW + 1)
    for _ in range(NEW):
        post.ticket()
    take_back(post, ticket_id)
    return ticket_id


def take_back(post: Mix, ticket_id: int) -> None:
    """A reply whose transaction fails in the end."""
    with pytest.raises(ZeroDivisionError), post.inside():
        Ticket.for_deed(ticket_id).reply("Never said", by=post.user("Gus"))
        db.session.flush()
        _ = 1 / 0


def heal(post: Mix) -> None:
    """Sweeps find what is left, long after every lease and wait is over."""
    for _ in range(4):
        clock.travel(LONG)
        post.send()


def check(post: Mix, most_doubted: int = GROUP, most_copies: int = 2) -> None:
    """Every planned delivery once; sent at least once, under one id; twice only where that is said; nothing else."""
    with post.inside():
        rows = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
        planned = Counter((row.event_id, row.recipient_kind, row.recipient_id) for row in rows)
        assert set(planned.values()) == {1}
        wanted: dict[str, bool] = {}
        for row in rows:
            if row.state == "skipped" or row.sent_as in post.forgotten:
                continue
            assert row.state == "sent", (row.id, row.state, row.error)
            wanted[row.sent_as] = wanted.get(row.sent_as, False) or row.is_uncertain
        told = {row.event_id for row in rows}
        told_of = Event.name.in_(["ticket.created", "ticket.replied"])
        events = db.session.scalars(select(Event).where(told_of)).all()
        assert {event.id for event in events} <= told, "an event was forgotten"
    got = Counter(mail["Message-ID"] for _, mail in post.sink.mails)
    assert set(got) == set(wanted)
    assert {number for number, copies in got.items() if copies > 1} <= {
        n for n, doubt in wanted.items() if doubt
    }
    assert max(got.values()) <= most_copies
    assert sum(wanted.values()) <= most_doubted
    assert not [mail for _, mail in post.sink.mails if "Never said" in parts(mail)[0]]
