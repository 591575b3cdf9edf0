"""A diary: what happened on a ticket, written down by who did it, and the figures worked out from it, slowly."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work
from tests.support.world import World


class Stopwatch:
    """Seconds that count: it stands when it is told to, and goes on."""

    def __init__(self) -> None:
        self.used, self.since = 0.0, clock.now()
        self.stands = False

    def stand(self) -> None:
        self.used, self.stands = self.read(), True

    def go_on(self) -> None:
        self.used, self.since, self.stands = self.read(), clock.now(), False

    def read(self) -> float:
        return self.used if self.stands else self.used + (clock.now() - self.since).total_seconds()


@dataclass
class Diary:
    """What happened on one ticket, written down by who did it and not read from the product."""

    id: int
    born: datetime
    holders: list[tuple[datetime, str | None]] = field(default_factory=list)
    replies: list[tuple[datetime, str]] = field(default_factory=list)
    resolved: tuple[datetime, str] | None = None
    touched: dict[str, datetime] = field(default_factory=dict)
    to_answer: Stopwatch = field(default_factory=lambda: Stopwatch())
    to_resolve: Stopwatch = field(default_factory=lambda: Stopwatch())
    answered_after: int = 0
    resolved_after: int = 0
    rated: tuple[datetime, int] | None = None
    deleted: bool = False

    def holder(self, at: datetime) -> str | None:
        return next((name for since, name in reversed(self.holders) if since <= at), None)


NAMES = ("Gus", "Linh", "Mai")


DEEDS = ("assign", "release", "reply", "reply", "wait", "resolve", "resolve", "reopen", "rate", "delete")


def live(world: World, diary: Diary, pick: random.Random) -> None:
    """One more step of a life, whatever is possible."""
    name, deed = pick.choice(NAMES), pick.choice(DEEDS)
    with at_work(world, diary.id, name) as (ticket, me):
        mai = world.user("Mai")
        if diary.deleted or (deed == "delete" and pick.random() < 0.3):
            _hide_or_show(ticket, diary, deed, mai)
        elif deed in ("assign", "release") and not ticket.is_finished:
            _change_hands(ticket, diary, deed, me, mai)
        elif deed in ("reply", "wait") and not ticket.is_finished:
            _answer(ticket, diary, deed, me)
        elif deed == "resolve" and not ticket.is_finished:
            ticket.resolve(by=me, note_en="Done", note_vi="Xong")
            diary.resolved_after = int(diary.to_resolve.read())
            diary.to_answer.stand()
            diary.to_resolve.stand()
            diary.resolved = (clock.now(), name)
            diary.touched.setdefault(name, clock.now())
        elif deed == "reopen" and ticket.status == Status.RESOLVED:
            _reopen(ticket, diary, mai)
        elif deed == "rate" and ticket.is_finished and not ticket.rating:
            diary.rated = (clock.now(), pick.randint(1, 5))
            ticket.confirm(by=ticket.customer, rating=diary.rated[1])


def _hide_or_show(ticket: Ticket, diary: Diary, deed: str, mai: User) -> None:
    if deed != "delete":
        return
    if not diary.deleted:
        ticket.delete(by=mai)
        diary.to_answer.stand()
        diary.to_resolve.stand()
    else:
        ticket.restore(by=mai)
        if diary.resolved is None:
            diary.to_answer.go_on()
        if diary.resolved is None and ticket.status != Status.WAITING_USER:
            diary.to_resolve.go_on()
    diary.deleted = not diary.deleted


def _change_hands(ticket: Ticket, diary: Diary, deed: str, me: User, mai: User) -> None:
    if deed == "assign" and ticket.assignee_id != me.id:
        ticket.give_to(me, by=mai)
        diary.holders.append((clock.now(), me.name))
        diary.to_resolve.go_on()
    elif deed == "release" and ticket.assignee_id:
        ticket.release(by=mai)
        diary.holders.append((clock.now(), None))
        diary.to_resolve.go_on()


def _answer(ticket: Ticket, diary: Diary, deed: str, me: User) -> None:
    if ticket.assignee_id is None:
        diary.holders.append((clock.now(), me.name))
        diary.to_resolve.go_on()
    ticket.reply("Hello", by=me, then=Status.WAITING_USER if deed == "wait" else None)
    diary.answered_after = diary.answered_after if diary.replies else int(diary.to_answer.read())
    diary.replies.append((clock.now(), me.name))
    diary.touched.setdefault(me.name, clock.now())
    if deed == "wait":
        diary.to_resolve.stand()


def _reopen(ticket: Ticket, diary: Diary, mai: User) -> None:
    owner = ticket.assignee and ticket.assignee.name
    ticket.reopen(by=mai)
    diary.resolved = None
    diary.to_answer.go_on()
    diary.to_resolve.go_on()
    if owner and owner not in ("Gus", "Linh"):  # Mai has no profile: it is for whoever is chosen
        diary.holders.append((clock.now(), None))


def recomputed(world: World, diaries: list[Diary]) -> dict[tuple[str, Any], dict[str, int]]:
    """The figures from scratch, slowly: out of the diaries; the clocks say how each promise ended."""
    found: dict[tuple[str, Any], dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def count(name: str | None, at: datetime, **amounts: int) -> None:
        if name:
            for amount, n in amounts.items():
                found[name, at.date()][amount] += n

    for diary in diaries:
        if diary.deleted:
            continue
        for name, at in diary.touched.items():
            count(name, at, handled=1)
        for at, name in diary.replies[:1]:
            wall = int((at - diary.born).total_seconds())
            count(name, at, responses=1, response_wall_seconds=wall, response_seconds=diary.answered_after)
        if diary.resolved:
            at, name = diary.resolved
            count(name, at, resolutions=1, resolution_wall_seconds=int((at - diary.born).total_seconds()))
            count(name, at, resolution_seconds=diary.resolved_after)
        if diary.rated and diary.resolved:
            count(diary.resolved[1], diary.rated[0], ratings=1, rating_sum=diary.rated[1])
        with world.inside():
            for each in db.session.scalars(select(Clock).where(Clock.ticket_id == diary.id)):
                if each.breached_at:
                    count(diary.holder(each.breached_at), each.breached_at, broken=1)
                elif each.met_at and not each.is_off:
                    count(diary.holder(each.met_at), each.met_at, kept=1)
    return {
        key: {k: n for k, n in amounts.items() if n}
        for key, amounts in found.items()
        if any(amounts.values())
    }
