"""SLA-005, SLA-006, SLA-009: a simulated week ends with exactly the marks and levels that a slow model predicts.

By default a small one, worked off in this process. HELPDESK_WEEK_TICKETS=2000 makes it a large one for the real
thing: three workers and two schedulers, killed for six hours of it and started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.config import ROOT
from helpdesk.core import clock, jobs
from helpdesk.core.db import db, reading
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import inside
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.jobs import climb_ladders
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.jobs import mark_due_clocks
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import KINDS
from tests.support.jobs import run_jobs
from tests.support.week import HOLIDAY, HOURS, MONDAY, SCHEDULE, TARGETS, ZONE, Deed, Week, at
from tests.support.world import World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SEED = 20_260_323
LARGE = int(os.environ.get("HELPDESK_WEEK_TICKETS", 0))
PATIENCE = 240  # real seconds for everything to come to rest


class Machine:
    """Whoever works while the desk does its deeds: here, in this process."""

    def __init__(self, world: World) -> None:
        self.world, self.organizer = world, world.organizers["acme"]

    def settle(self, now: datetime) -> None:
        """Let all that is due at an instant be done."""
        with clock.frozen(now):
            for _ in range(20):
                if self.is_quiet(now):
                    return
                for work in (mark_due_clocks, climb_ladders):
                    jobs._repeat_inside(self.world.app, work, self.organizer)
                run_jobs(self.world.app)
        raise AssertionError("it does not come to rest")

    def is_quiet(self, now: datetime) -> bool:
        """Nothing to seal, nothing to react to, no clock to look at, nothing to climb."""
        todo = (
            select(Event.id).where(Event.sequence.is_(None)),
            select(Reaction.id).where(Reaction.next_at.is_not(None)),
            select(Clock.id).where(Clock.next_look_at < now),
            select(Escalation.id).where(Escalation.climbs_at <= now),
        )
        with self.world.app.app_context(), inside(self.organizer), reading():
            return all(db.session.scalar(each.limit(1)) is None for each in todo)

    def done(self, now: datetime) -> None:
        """The deeds of an instant are in the database."""

    def be_away(self) -> None:
        """Nobody works."""

    def come_back(self) -> None:
        """Everybody is there again."""

    def end(self) -> None:
        """For good."""


class Processes(Machine):
    """Three workers and two schedulers, whose clock is moved."""

    def __init__(self, world: World, place: Path) -> None:
        super().__init__(world)
        self.clock_file, self.logs = place / "clock", place / "processes.log"
        config = world.app.config["HELPDESK"]
        own = {
            "HELPDESK_DATA_DIR": str(place / "var"), "HELPDESK_DATABASE_URL": config.database_url,
            "HELPDESK_REDIS_URL": config.redis_url, "HELPDESK_SMTP_URL": "smtp://127.0.0.1:9",
            "HELPDESK_SECRET_KEY": config.secret_key, "HELPDESK_CLOCK_FILE": str(self.clock_file),
        }  # fmt: skip
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")} | own
        self.processes: list[subprocess.Popen[bytes]] = []

    def _move(self, now: datetime) -> None:
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str((now - datetime.now(now.tzinfo)).total_seconds()))
        fresh.rename(self.clock_file)

    def settle(self, now: datetime) -> None:
        self._wait(now)  # what the last deeds gave rise to, before the clock jumps
        self._move(now)
        if not self.processes:
            self.come_back()
        self._wait(now)

    def _wait(self, now: datetime) -> None:
        until = time.monotonic() + PATIENCE
        while self.processes and not self.is_quiet(now):
            assert time.monotonic() < until, f"{now}: no rest\n{self.logs.read_text()[-4000:]}"
            assert all(each.poll() is None for each in self.processes), self.logs.read_text()[-4000:]
            time.sleep(0.02)

    def done(self, now: datetime) -> None:
        self._move(now)

    def come_back(self) -> None:
        command = [sys.executable, str(ROOT / "worker.py")]
        with self.logs.open("ab") as output:
            for more in ([], [], [], ["schedule"], ["schedule"]):
                self.processes.append(
                    subprocess.Popen([*command, *more], env=self.env, cwd=ROOT, stdout=output, stderr=output)
                )

    def be_away(self) -> None:
        for each in self.processes:
            each.send_signal(signal.SIGKILL)
            each.wait()
        self.processes.clear()

    end = be_away


class Desk:
    """The people who do the deeds, on the nouns, at their very instants."""

    def __init__(self, world: World) -> None:
        self.world, self.tickets = world, dict[int, int]()
        with world.inside():
            db.session.execute(update(Agent).values(cap=1_000_000))
            Organizer.present().auto_close_hours = 10_000
            owners = {m.prefix: m for m in db.session.scalars(select(Merchant))}
            for name in TARGETS:
                owner = owners.get(name) or world.one(Category, name_en=name)
                owner.policy_id = _policy(name).id
            beta = owners["BETA"]
            Customer.find_or_create(beta, email="eve@mail.example", name="Eve", language="en")

    def do(self, now: datetime, deeds: list[Deed], week: Week) -> None:
        """All deeds of an instant."""
        with clock.frozen(now), self.world.inside():
            mai = self.world.user("Mai")
            for deed in deeds:
                if deed.name == "create":
                    self._create(deed.ticket, week)
                else:
                    self._act(Ticket.for_deed(self.tickets[deed.ticket]), deed, mai)
                    db.session.flush()

    def _create(self, place: int, week: Week) -> None:
        wanted = week.born[place]
        customer = self.world.customer("Bea" if wanted.merchant == "ACME" else "Eve")
        category = self.world.one(Category, name_en=wanted.category).id if wanted.category else None
        opening = Opening("A week", "It goes on.", wanted.priority, category_id=category, language="en")
        self.tickets[place] = Ticket.create(customer.merchant, customer, opening, by=customer).id

    def _act(self, ticket: Ticket, deed: Deed, mai: User) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "reply": lambda: ticket.reply("An answer.", by=mai),
            "wait": lambda: ticket.reply("A question.", by=mai, then=Status.WAITING_USER),
            "ask": lambda: ticket.hear("And now?", by=ticket.customer),
            "resolve": lambda: ticket.resolve(by=mai, note_en="Done."),
            "close": lambda: ticket.close(by=mai, reason="" if ticket.status == "RESOLVED" else "spam"),
            "delete": lambda: ticket.delete(by=mai),
            "restore": lambda: ticket.restore(by=mai),
            "prioritise": lambda: ticket.reprioritise(Priority(deed.value or ""), by=mai),
            "categorise": lambda: ticket.recategorise(self._category(deed.value), by=mai),
            "acknowledge": lambda: self._acknowledge(ticket, *(deed.value or "").split(), mai),
        }
        acts[deed.name]()

    def _category(self, name: str | None) -> Category | None:
        return self.world.one(Category, name_en=name) if name else None

    def _acknowledge(self, ticket: Ticket, kind: str, round: str, mai: User) -> None:
        own = next(c for c in ticket.tracker.clocks if c.kind == kind and c.round == int(round))
        raised = Escalation.of(ticket.id).where(
            Escalation.cause == f"clock:{own.id}", Escalation.ended_at.is_(None)
        )
        db.session.scalars(raised).one().acknowledge(by=mai)

    # What came of it ----------------------------------------------------------------------------------------------

    @property
    def said(self) -> Counter[tuple]:
        """As `Week.verdict`."""
        names = ("sla.warned", "sla.critical", "sla.breached", "sla.met")
        places = {ticket_id: place for place, ticket_id in self.tickets.items()}
        with self.world.inside():
            events = db.session.scalars(select(Event).where(Event.name.in_(names))).all()
            return Counter(
                (places[e.ticket_id], e.name, e.data["kind"], _minute(e.data.get("due_at"))) for e in events
            )

    @property
    def raised(self) -> Counter[tuple]:
        """As `Week.ladder`."""
        places = {ticket_id: place for place, ticket_id in self.tickets.items()}
        with self.world.inside():
            clocks = {f"clock:{c.id}": (c.kind, c.round) for c in db.session.scalars(select(Clock))}
            return Counter(
                (
                    places[e.ticket_id],
                    *clocks[e.cause],
                    e.level,
                    _minute(e.triggered_at.isoformat()),
                    e.outcome,
                )
                for e in db.session.scalars(select(Escalation))
            )


def _minute(text: str | None) -> float:
    return (datetime.fromisoformat(text) - MONDAY).total_seconds() / 60 if text else -1


def _policy(name: str) -> Policy:
    policy, calendar = Policy(name_en=name), None
    db.session.add(policy)
    if name in HOURS:
        calendar = Calendar(name_en=name)
        db.session.add(calendar)
        db.session.flush()
        holidays = [{"date": HOLIDAY.isoformat(), "name_en": "A holiday", "name_vi": "Ngày nghỉ"}]
        db.session.add(
            CalendarVersion(
                calendar_id=calendar.id, number=1, zone=ZONE, schedule=SCHEDULE, closures=[], holidays=holidays
            )
        )  # fmt: skip
    db.session.flush()
    seconds = {
        priority: {kind: minutes and minutes * 60 for kind, minutes in kinds.items()}
        for priority, kinds in TARGETS[name].items()
    }
    db.session.add(
        PolicyVersion(policy_id=policy.id, number=1, targets=seconds, calendar_id=calendar and calendar.id)
    )
    db.session.flush()
    return policy


@pytest.fixture(params=KINDS)
def app(
    request: pytest.FixtureRequest, copied_cast: Callable[[str], str], make_app_on: Callable[..., Flask]
) -> Flask:
    """The cast, with Redis where processes work."""
    settings = {"redis_url": request.getfixturevalue("redis_url")} if LARGE else {}
    return make_app_on(copied_cast(request.param), **settings)


@pytest.fixture
def machine(app: Flask, tmp_path: Path) -> Iterator[Machine]:
    """Whoever works."""
    found = Processes(World(app), tmp_path) if LARGE else Machine(World(app))
    yield found
    found.end()


def test_SLA_006_a_week_ends_with_exactly_what_a_slow_model_predicts(machine: Machine) -> None:
    with clock.frozen(MONDAY):
        desk = Desk(machine.world)
    week, was_watched = Week(LARGE or 80, SEED), True
    for step in week.steps:
        if was_watched and not step.is_watched:
            machine.be_away()
        if step.is_watched:
            machine.settle(at(step.minute - 0.5))
        desk.do(at(step.minute), step.deeds, week)
        machine.done(at(step.minute + 0.02))
        was_watched = step.is_watched
    machine.settle(at(week.steps[-1].minute + 0.5))
    _judge(week, desk)


def _judge(week: Week, desk: Desk) -> None:
    said, expected = desk.said, week.verdict
    assert max(expected.values()) == 1, "the model says nothing twice"
    assert said - expected == Counter(), "it said what the model does not say"
    assert expected - said == Counter(), "it did not say what the model says"
    raised, predicted = desk.raised, week.ladder
    assert raised - predicted == Counter(), "levels that the model does not raise"
    assert predicted - raised == Counter(), "levels that only the model raises"
    kinds = {name for _, name, _, _ in expected}
    assert kinds == {"sla.warned", "sla.critical", "sla.breached", "sla.met"}
    assert {ended for *_, ended in predicted} == {None, "climbed", "acknowledged", "finished"}
