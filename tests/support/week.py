"""A week at a desk, made up at random: the deeds of its people, and what the slow model says must come of them.

A week is planned as a whole before anything is done: each hour has one instant, some whole minute of it, and the
deeds of that hour happen then. No ticket has two of them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from tests.sla.stepper import Desk
from tests.support.slow_desk import SlowPolicy, SlowTicket

# Monday to Sunday, with a holiday and the change to summer time in it.
MONDAY = datetime(2026, 3, 23, 0, 0, tzinfo=UTC)
HOLIDAY = date(2026, 3, 25)
LENGTH = 7 * 24 * 60  # minutes
OUTAGE = (50, 56)  # hours of the week in which no worker and no scheduler is there
ZONE = "Europe/Berlin"
SHIFTS = [["00:00", "06:00"], ["08:00", "12:00"], ["13:00", "18:00"], ["22:00", "24:00"]]
SCHEDULE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), SHIFTS)


def _targets(first: int | None, next: int | None, resolution: int | None) -> dict[str, dict[str, int | None]]:
    """Minutes for MEDIUM; LOW has twice as many, HIGH half. All are multiples of twenty."""
    base = {"first": first, "next": next, "resolution": resolution}
    shares = {"LOW": 2.0, "MEDIUM": 1.0, "HIGH": 0.5}
    return {
        priority: {kind: None if minutes is None else int(minutes * share) for kind, minutes in base.items()}
        for priority, share in shares.items()
    }


TARGETS = {  # by who has the policy
    "ACME": _targets(240, 480, 1200),  # in business hours
    "BETA": _targets(480, None, 2880),  # around the clock
    "Delivery": _targets(None, 240, 1440),  # around the clock
}
HOURS = {"ACME": (ZONE, SCHEDULE, [HOLIDAY])}


@dataclass(frozen=True)
class Deed:
    """What somebody does with a ticket, by its place in the list of tickets."""

    ticket: int
    name: str
    value: str | None = None


@dataclass(frozen=True)
class Birth:
    """How a ticket is when it comes."""

    merchant: str
    priority: str
    category: str | None


@dataclass
class Step:
    """One instant of the week, in minutes, and what is done then; whether anybody else was at work before it."""

    minute: int
    is_watched: bool
    deeds: list[Deed] = field(default_factory=list)


class Week:
    """The plan, and the model's verdict."""

    def __init__(self, tickets: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.policies = {name: SlowPolicy(name, TARGETS[name], _opened(name)) for name in TARGETS}
        self.tickets: list[SlowTicket] = []
        self.born: list[Birth] = []
        self.steps: list[Step] = []
        self._births = Counter(self.random.randrange(0, 130) for _ in range(tickets))
        before = 0
        for hour in range(LENGTH // 60 - 1):
            minute = hour * 60 + self.random.randrange(2, 58)
            self._walk(before, minute)
            self.steps.append(self._step(hour, minute))
            before = minute
        self._walk(before, LENGTH)
        self.steps.append(Step(LENGTH, True))
        for ticket in self.tickets:
            ticket.look(LENGTH + 1)
            ticket.climb(LENGTH)

    def _walk(self, before: int, minute: int) -> None:
        for ticket in self.tickets:
            for each in range(before, minute):
                ticket.look(each)
                ticket.pass_by(each)
            ticket.look(minute)

    def _step(self, hour: int, minute: int) -> Step:
        """Everybody looks, then a few do something."""
        step = Step(minute, not OUTAGE[0] < hour <= OUTAGE[1])
        for place, ticket in enumerate(self.tickets):
            if step.is_watched:
                ticket.climb(minute)
            if self.random.random() < 0.05:
                step.deeds += self._deed(place, ticket, step.is_watched)
            ticket.look(minute)
        for _ in range(self._births[hour]):
            merchant, category = (
                self.random.choice(("ACME", "BETA")),
                self.random.choice((None, None, "Delivery")),
            )
            born = Birth(merchant, self.random.choice(list(TARGETS["ACME"])), category)
            self.born.append(born)
            self.tickets.append(SlowTicket(self.policies, born.merchant, born.priority, born.category))
            step.deeds.append(Deed(len(self.tickets) - 1, "create"))
        return step

    def _deed(self, place: int, ticket: SlowTicket, is_watched: bool) -> Iterator[Deed]:
        """Something that is possible now; what is done is done in the model at once."""
        names = list(self._possible(ticket, is_watched))
        if not names:
            return
        name, value = self.random.choice(names), None
        if name == "prioritise":
            value = self.random.choice([p for p in TARGETS["ACME"] if p != ticket.priority])
            ticket.prioritise(value)
        elif name == "categorise":
            value = None if ticket.category else "Delivery"
            ticket.categorise(value)
        elif name == "acknowledge":
            one = self.random.choice(ticket.open_escalations)
            value = f"{one.cause[0]} {one.cause[1]}"
            ticket.acknowledge(one)
        else:
            getattr(ticket, name)()
        yield Deed(place, name, value)

    def _possible(self, ticket: SlowTicket, is_watched: bool) -> Iterator[str]:
        if ticket.deleted:
            if is_watched:
                yield "restore"
        elif ticket.status == "RESOLVED":
            if is_watched:
                yield "ask"
            yield "close"
        elif ticket.status != "CLOSED":
            yield from ("reply", "wait", "ask", "ask", "resolve", "prioritise", "categorise", "delete")
            if ticket.open_escalations:
                yield from ("acknowledge",) * 3

    @property
    def verdict(self) -> Counter[tuple]:
        """(ticket, event, kind, minute; -1 for what is met), and how often it is said: more than once is wrong."""
        return Counter(
            (place, name, kind, minute)
            for place, ticket in enumerate(self.tickets)
            for name, kind, _, minute in ticket.said
        )

    @property
    def ladder(self) -> Counter[tuple]:
        """(ticket, kind and round of the clock, level, minute of the breach, how it ended)."""
        return Counter(
            (place, *one.cause, one.level, one.since, one.outcome)
            for place, ticket in enumerate(self.tickets)
            for one in ticket.escalations
        )


def _opened(name: str) -> list[bool]:
    if name not in HOURS:
        return [True] * (LENGTH + 1)
    zone, schedule, holidays = HOURS[name]
    desk = Desk(zone, schedule, holidays)
    return [desk.is_open(MONDAY + timedelta(minutes=minute)) for minute in range(LENGTH + 1)]


def at(minute: float) -> datetime:
    """The instant so many minutes after the week began."""
    return MONDAY + timedelta(minutes=minute)
