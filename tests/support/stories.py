"""Stories that happen while two pages of the desk are open: what people do, and what goes wrong on the way.

`Story(seed, …).tell()` does a few random things, the same ones for the same seed; `history` says which.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.category import Category
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.message import Message
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation
from tests.support.live_server import LiveServer
from tests.support.world import World

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}"""
CODES = (1000, 1001, 1011, 1012, 1013)
Deed = Callable[["Story", Ticket, Any], Any]


def _one_of(story: Story, ticket: Ticket) -> Ticket:
    others = select(Ticket).where(Ticket.id != ticket.id, Ticket.deleted_at.is_(None)).order_by(Ticket.id)
    return story.random.choice(db.session.scalars(others).all())


def _message(story: Story, ticket: Ticket) -> Message:
    said = select(Message).where(Message.ticket_id == ticket.id, Message.kind != "system")
    return story.random.choice(db.session.scalars(said.order_by(Message.id)).all())


def _escalate(story: Story, ticket: Ticket, me: Any) -> None:
    known = db.session.scalars(Escalation.of(ticket.id)).first()
    if known and story.random.random() < 0.5:
        known.acknowledge(by=me)
    else:
        Escalation.raise_by_hand(ticket, by=me, level=1, reason="Late")


def _put_away(story: Story, ticket: Ticket, me: Any) -> None:
    if ticket.snoozed_until:
        Snooze.end(ticket, by=me)
    else:
        Snooze.begin(ticket, clock.now() + timedelta(hours=story.random.randint(1, 9)), by=me)


def _relate(story: Story, ticket: Ticket, me: Any) -> None:
    TicketRelation.relate(ticket, _one_of(story, ticket), by=me)


def _take_away(story: Story, ticket: Ticket, me: Any) -> None:
    message = _message(story, ticket)
    (message.restore if message.deleted_at else message.remove)(ticket, by=story.world.user("Mai"))


def _delete(story: Story, ticket: Ticket, me: Any) -> None:
    if ticket.id != story.shown:
        ticket.delete(by=story.world.user("Mai"))


def _categorise(story: Story, ticket: Ticket, me: Any) -> None:
    known = db.session.scalars(select(Category).order_by(Category.id)).all()
    ticket.recategorise(story.random.choice([*known, None]), by=me)


DEEDS: dict[str, Deed] = {
    "replies": lambda story, ticket, me: ticket.reply(f"Answer {story.step}.", by=me),
    "notes": lambda story, ticket, me: ticket.note(f"Note {story.step}.", by=me),
    "asks": lambda story, ticket, me: ticket.hear(f"And {story.step}?", by=ticket.customer),
    "priority": lambda story, ticket, me: ticket.reprioritise(story.random.choice(list(Priority)), by=me),
    "status": lambda story, ticket, me: ticket.move_to(story.random.choice(ticket.moves), by=me),
    "takes": lambda story, ticket, me: ticket.take(by=me),
    "gives": lambda story, ticket, me: ticket.give_to(story.world.user("Gus"), by=me),
    "releases": lambda story, ticket, me: ticket.release(by=me),
    "tags": lambda story, ticket, me: ticket.retag([f"tag-{story.step}"], by=me),
    "renames": lambda story, ticket, me: ticket.rename(f"Subject {story.step}", by=me),
    "resolves": lambda story, ticket, me: ticket.resolve(by=me, note_en="Done.", note_vi="Xong."),
    "reopens": lambda story, ticket, me: ticket.reopen(by=me),
    "confirms": lambda story, ticket, me: ticket.confirm(by=ticket.customer, rating=4),
    "follows": lambda story, ticket, me: Follower.follow(ticket, by=me),
    "unfollows": lambda story, ticket, me: Follower.unfollow(ticket, by=me),
    "escalates": _escalate, "snoozes": _put_away, "relates": _relate,
    "removes": _take_away, "categorises": _categorise, "deletes": _delete,
}  # fmt: skip


class Story:
    """A few random steps, in front of pages that are open."""

    def __init__(self, seed: int, world: World, server: LiveServer, pages: list[Page], shown: int) -> None:
        self.random, self.world, self.server, self.pages, self.shown = (
            random.Random(seed), world, server, pages, shown,
        )  # fmt: skip
        self.step, self.done, self.history, self.hidden = 0, 0, [f"seed {seed}"], False

    def tell(self, steps: int) -> None:
        """Do so many things, and let everybody hear of them in the end."""
        ways = [self.deed] * 8 + [
            self.opens,
            self.works,
            self.works,
            self.cuts,
            self.loses,
            self.hides,
            self.restarts,
        ]
        for self.step in range(steps):
            self.random.choice(ways)()
        self.works()
        if self.hidden:
            self.hides()

    def deed(self) -> None:
        """Somebody does something to a ticket, more often to the one that is shown."""
        name, who = self.random.choice(list(DEEDS)), self.random.choice(["Linh", "Mai"])
        with self.world.inside():
            ids = list(
                db.session.scalars(select(Ticket.id).where(Ticket.deleted_at.is_(None)).order_by(Ticket.id))
            )
        id_ = self.shown if self.random.random() < 0.6 else self.random.choice(ids)
        self.history.append(f"{who} {name} {id_}")
        with suppress(Refusal, NotAllowed, IndexError), self.world.inside():
            DEEDS[name](self, Ticket.for_deed(id_), self.world.user(who))
            self.done += 1

    def opens(self) -> None:
        """A customer asks something new."""
        self.history.append("a new ticket")
        self.world.ticket(f"Question {self.step}")

    def works(self) -> None:
        """The worker does what waits for it; until then nobody was told."""
        self.history.append("the worker works")
        self.world.run_reactions()

    def cuts(self) -> None:
        """The sockets end, in one of the ways in which they do."""
        code = self.random.choice((*CODES, 1006))
        self.history.append(f"sockets end with {code}")
        self.server.break_off() if code == 1006 else self.server.hub.close_all(code)

    def loses(self) -> None:
        """What the worker says is lost on its way."""
        self.history.append("what the worker says is lost")
        with self.server.deaf():
            self.world.run_reactions()

    def hides(self) -> None:
        """The tabs are hidden, or shown again."""
        self.hidden = not self.hidden
        self.history.append("hidden" if self.hidden else "shown")
        for page in self.pages:
            page.evaluate(HIDE, self.hidden)

    def restarts(self) -> None:
        """The server is killed and comes back; meanwhile something happens."""
        self.history.append("the server goes")
        self.server.shut()
        self.deed()
        self.server.reopen()
