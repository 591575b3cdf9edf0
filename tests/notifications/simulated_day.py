"""A day of deeds at random, done in the product and told to the model at the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.group import Group, GroupMember
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, record
from helpdesk.core.tenancy import inside
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import OF_USERS
from helpdesk.notifications.subscribers import tell
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.clock import monitor
from helpdesk.tickets.message import Message
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Opening, Ticket
from tests.notifications.post import Post, send_all
from tests.notifications.slow_day import Case, Person, SlowDay
from tests.notifications.slow_times import DAYS, SlowTimes

MORNING = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # in the night in which Berlin sets its clocks back
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata", "")
USERS, CUSTOMERS, TICKETS = 15, 5, 40
DEEDS = (
    ["hear"] * 8 + ["answer"] * 5 + ["note"] * 4 + ["give"] * 4 + ["reopen"] * 2 + ["clock"] * 4 + ["raise"] * 2
    + ["open_new"] * 3 + ["resolve"] * 2 + ["read"] * 9 + ["delete", "leave", "refuse"]
)  # fmt: skip


class Day:
    """The same day for the product and for the model."""

    def __init__(self, post: Post, seed: int) -> None:
        self.post, self.random, self.number = post, Random(seed), 0
        self.ids: dict[str, int] = {}
        self.tickets: list[int] = []
        self.numbers: dict[int, int] = {}  # the id of an event → its number
        self.people: dict[str, Person] = {}
        with clock.frozen(MORNING - timedelta(days=1)), post.inside():
            self._hire()
            cases = [self._open() for _ in range(TICKETS)]
        self.model = SlowDay(self.people, cases)

    def _hire(self) -> None:
        merchant = post_one(Merchant, prefix="ACME")
        self.team = Group(name_en="Team")
        db.session.add(self.team)
        db.session.flush()
        self.team_id = self.team.id
        for n in range(USERS):
            role = "manager" if n < 2 else "agent"
            user = User(name=f"User {n}", email=f"user{n}@acme.example", password_hash="-", role=role,
                        language=self.random.choice(["en", "vi"]), time_zone=self.random.choice(ZONES))  # fmt: skip
            db.session.add(user)
            db.session.flush()
            user.works_for(merchant)
            if n % 3 == 0:
                db.session.add(GroupMember(group_id=self.team_id, user_id=user.id))
            self.ids[user.name], self.people[user.name] = user.id, self._wishes(user)
        for n in range(CUSTOMERS):
            name = f"Customer {n}"
            who = Customer.find_or_create(merchant, email=f"c{n}@mail.example", name=name, language="en")
            self.ids[name], self.people[name] = who.id, Person(name, is_user=False)

    def _wishes(self, user: User) -> Person:
        pick = self.random.choice
        said: dict[str, Any] = {
            "digest": pick(["none", "none", "hourly", "daily"]), "digest_hour": self.random.randrange(24),
            "quiet_from": "", "quiet_to": "", "quiet_days": [],
        }  # fmt: skip
        if self.random.random() < 0.6:
            said |= {"quiet_from": f"{pick([12, 20, 22, 23])}:30", "quiet_to": f"0{pick([2, 6, 7])}:00",
                     "quiet_days": [day for day in DAYS if self.random.random() < 0.7]}  # fmt: skip
        channels = {
            topic: pick(["mail_now", "mail_batched", "live", "off"])
            for topic in OF_USERS
            if not topic.is_fixed
            and topic.audience != "follower"  # nobody follows or snoozes anything on this day
            and topic.event != "ticket.woken"
            and self.random.random() < 0.4
        }
        Preference.choose({topic.key: channel for topic, channel in channels.items()}, said, by=user)
        times = SlowTimes(user.time_zone or "UTC", said["digest"], said["digest_hour"], said["quiet_from"],
                          said["quiet_to"], tuple(said["quiet_days"]))  # fmt: skip
        return Person(user.name, channels={topic.event: one for topic, one in channels.items()}, times=times)

    def _user(self) -> str:
        return f"User {self.random.randrange(USERS)}"

    def _open(self, group_id: int | None = None) -> Case:
        name = f"Customer {self.random.randrange(CUSTOMERS)}"
        customer = db.session.get_one(Customer, self.ids[name])
        case = Case(name, ("en", "vi")[len(self.tickets) % 2])
        opening = Opening("Help", "Please", language=case.language)
        ticket = Ticket.create(customer.merchant, customer, opening, by=customer)
        ticket.group_id = group_id
        if group_id is None:
            case.assignee = self._user()
            ticket.assignee_id = self.ids[case.assignee]
        self.tickets.append(ticket.id)
        case.messages.append(
            db.session.scalar(select(func.max(Message.id)).where(Message.ticket_id == ticket.id))
        )
        return case

    def deed(self, at: datetime) -> None:
        """One deed at an instant, for both; workers come to it at once."""
        self.catch_up(at)
        deed = self.random.choice(DEEDS)
        with clock.frozen(at):
            with self.post.inside():
                which = self.random.randrange(len(self.tickets))
                self.at, self.ticket = at, db.session.get_one(Ticket, self.tickets[which])
                self.case = self.model.cases[which]
                getattr(self, f"_{deed}")()
            self._send()

    def catch_up(self, at: datetime) -> None:
        """Senders come whenever something is due."""
        while True:
            with self.post.inside():
                due = db.session.scalar(select(func.min(Batch.next_at)))
            if due is None or due > at:
                self.model.close_up_to(at)
                return
            with clock.frozen(due):
                self._send()
            self.model.close_up_to(due)

    def _send(self) -> None:
        with self.post.app.app_context(), inside(self.post.organizers["acme"]):
            send_all()

    def _told(self, event: Event, heard: list[tuple[str | None, str]], **more: Any) -> None:
        self.number += 1
        db.session.flush()
        self.numbers[event.id] = self.number
        by = event.actor["name"] if event.actor["kind"] == "user" else None
        known = dict.fromkeys(who for who, _ in heard if who and who != by and self.people[who].is_active)
        first = [(who, next(reason for one, reason in heard if one == who)) for who in known]
        if not self.case.is_deleted:
            self.model.happens(self.number, event.name, self.case, self.at, first, **more)
        tell([event])

    def _says(self, kind: str, by: Any) -> int:
        message = Message.write(self.ticket, kind, f"Words {self.number}", by=by)
        self.case.messages.append(message.id)
        return message.id

    def _by(self, name: str) -> User:
        return db.session.get_one(User, self.ids[name])

    def _hear(self, reopens: bool = False) -> None:
        said = self._says("customer_reply", self.ticket.customer)
        event = record("ticket.replied", on=self.ticket, by=self.ticket.customer, message=said)
        self._told(event, [(self.case.assignee, "assignee")], message=said)
        if reopens:
            event = record("ticket.reopened", on=self.ticket, by=self.ticket.customer)
            self._told(event, [(self.case.assignee, "assignee")], has_reply=True)

    def _reopen(self) -> None:
        if self.random.random() < 0.5:
            self._hear(reopens=True)
        else:
            event = record("ticket.reopened", on=self.ticket, by=self._by(self._user()))
            self._told(event, [(self.case.assignee, "assignee")])

    def _answer(self) -> None:
        by = self._by(self._user())
        said = self._says("agent_reply", by)
        event = record("ticket.replied", on=self.ticket, by=by, message=said)
        self._told(event, [(self.case.customer, "customer")], message=said)

    def _resolve(self) -> None:
        self.ticket.resolution_note_en, self.ticket.status = "Done", "RESOLVED"
        event = record("ticket.resolved", on=self.ticket, by=self._by(self._user()))
        self._told(event, [(self.case.customer, "customer")])

    def _note(self) -> None:
        by, called = self._by(self._user()), sorted({self._user(), self._user()})
        said = self._says("internal_note", by)
        ids = [self.ids[name] for name in called]
        event = record("ticket.noted", on=self.ticket, by=by, message=said, mentions=ids)
        self._told(event, [(name, "mention") for name in called], message=said)

    def _give(self) -> None:
        name, by = self._user(), self._by(self._user())
        self.case.assignee, self.ticket.assignee_id = name, self.ids[name]
        event = record(
            "ticket.assigned", on=self.ticket, by=by, assignee={"id": self.ids[name], "name": name}
        )
        self._told(event, [(name, "assignee")])

    def _clock(self) -> None:
        names = {"sla.warned": "sla.warned", "sla.critical": "sla.critical", "sla.breached": "sla.breached"}
        name = self.random.choice(sorted(names))
        event = Event(
            ticket_id=self.ticket.id,
            name=name,
            actor=monitor.actor,
            data={"kind": "first"},
            created_at=self.at,
        )
        db.session.add(event)
        self._told(event, [(self.case.assignee, "assignee")])

    def _raise(self) -> None:
        told = [(self._user(), "lead"), (self._user(), "managers")]
        row = Escalation(
            ticket_id=self.ticket.id, level=1, trigger="manual", cause=f"day-{self.number}", raised_by=monitor.actor,
            raised_at=self.at, triggered_at=self.at, facts={}, told=[], actions={}, reason="Late", climbs_at=None,
            went_to=[{"id": self.ids[name], "name": name, "as": reason} for name, reason in told],
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        event = record(
            "escalation.raised", on=self.ticket, by=monitor, escalation=row.id, level=1, trigger="manual"
        )
        self._told(event, list(told))

    def _open_new(self) -> None:
        self.case = self._open(self.team_id)
        self.model.cases.append(self.case)
        self.ticket = db.session.get_one(Ticket, self.tickets[-1])
        event = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
        team = [(f"User {n}", "group") for n in range(USERS) if n % 3 == 0]
        self._told(event, [(self.case.customer, "customer"), *team])

    def _read(self) -> None:
        who = self.case.assignee if self.case.assignee and self.random.random() < 0.8 else self._user()
        told = [row for pile in self.model.waiting for row in pile.rows if self.people[row.who].is_user]
        if told and self.random.random() < 0.5:  # somebody looks at what is about to be mailed
            row = self.random.choice(told)
            who, self.case = row.who, row.case
            self.ticket = db.session.get_one(Ticket, self.tickets[self.model.cases.index(row.case)])
        ReadingMark.advance(self.ticket, 10**9, by=self._by(who))
        self.case.is_read(who, self.at)

    def _delete(self) -> None:
        if self.random.random() < 0.4:
            self.ticket.deleted_at, self.case.is_deleted = self.at, True

    def _leave(self) -> None:
        name = self._user()
        if self.random.random() < 0.2:
            self._by(name).is_active = self.people[name].is_active = False

    def _refuse(self) -> None:
        name, event = (
            self._user(),
            self.random.choice(["ticket.replied", "ticket.assigned", "ticket.reopened"]),
        )
        MailPreference.refuse("user", self.ids[name], f"{event}.user", 1)
        self.people[name].refused.add(event)


def post_one(model: type[Any], **values: Any) -> Any:
    return db.session.scalars(select(model).filter_by(**values)).one()
