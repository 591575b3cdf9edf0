"""The people of a simulated week do its deeds on the nouns; and what came of them, in the words of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from tests.support.week import HOLIDAY, HOURS, MONDAY, SCHEDULE, TARGETS, ZONE, Deed, Week
from tests.support.world import World


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
