"""A large, varied organizer for measuring. The same number makes the same tickets, whenever it is made.

Rows go in by bulk statements past the session, so this file stamps the tenant itself. The tickets have
messages, trackers and clocks, but no events: nobody is to be told of them.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.fulltext import scoped, tokens
from helpdesk.core.tenancy import across_organizers, inside
from helpdesk.core.upkeep import analyse, catch_up_sequences
from helpdesk.demo.sayings import Sayings
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.clock import Clock, Pause
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import LOADS, Priority, Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.ticket import NEVER, Ticket

MANAGER, AGENT, PASSWORD = "mai@load.example", "agent1@load.example", "demo-helpdesk"
SHOPS, AGENTS, TICKETS_PER_CUSTOMER, BATCH = 5, 40, 4, 2_000
# Most are closed, as on a real desk; so many wait that every view has a full page even among 1,000 tickets.
MIX = (
    (Status.OPEN, 70), (Status.ASSIGNED, 20), (Status.IN_PROGRESS, 15), (Status.WAITING_USER, 15),
    (Status.WAITING_INTERNAL, 5), (Status.ESCALATED, 5), (Status.RESOLVED, 60), (Status.CLOSED, 810),
)  # fmt: skip
KINDS = ("agent_reply", "customer_reply", "internal_note", "agent_reply", "customer_reply", "comment")
LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 20)  # messages of a ticket; five of an average one
OFTEN = (8, 12, 16, 16, 14, 10, 8, 6, 6, 4)
NAMES = (
    "Nguyễn Thị Phượng Uyên", "Trần Văn Đức", "Đặng Quốc Ấn", "Lê Hoàng Yến", "Phạm Minh Khôi", "Bea Miller",
    "John Smith", "Ana Costa", "Peter Vogel", "Aisha Khan",
)  # fmt: skip


def seed_load(tickets: int) -> None:
    """Add an organizer `load-<n>` with so many tickets; its first manager signs in as `MANAGER`."""
    with transaction():
        number = db.session.scalar(select(func.count(Organizer.id))) or 0
        organizer = Organizer(name=f"Load {number}", slug=f"load-{number}", is_active=True)
        db.session.add(organizer)
        db.session.flush()
        organizer_id = organizer.id
    with inside(organizer_id), transaction():
        people = _people()
        shops, categories = _shops(people), _categories()
        version = Policy.in_force()
    teams = [[user.id for n, user in enumerate(people) if n and _works_for(n, shop)] for shop in range(SHOPS)]
    crowd = Crowd(organizer_id, shops, teams, categories, version)
    for start in range(0, tickets, BATCH):
        with across_organizers(), transaction():
            for table, rows in crowd.batch(start, min(BATCH, tickets - start)).items():
                db.session.execute(insert(table), rows)
    with inside(organizer_id), transaction():
        _settle(crowd)
    _analyse()


def _people() -> list[User]:
    """A manager and the agents; addresses are unique in the installation, so a second load has its own."""
    taken = User.find(MANAGER) is not None
    mark = f"-{db.session.scalar(select(func.count(Organizer.id)))}" if taken else ""
    names = [("mai", "manager")] + [(f"agent{n}", "agent") for n in range(1, AGENTS + 1)]
    people = []
    for name, role in names:
        user = User(
            name=name.title(), email=f"{name}{mark}@load.example", role=role, language="en", is_active=True
        )
        user.password_hash = people[0].password_hash if people else ""
        if not people:
            user.set_password(PASSWORD)
        people.append(user)
    db.session.add_all(people)
    db.session.flush()
    db.session.add_all(Agent(user_id=user.id, languages=["en", "vi"], cap=50) for user in people[1:])
    return people


def _shops(people: list[User]) -> list[Merchant]:
    shops = [Merchant(name=f"Shop {n}", prefix=f"LOAD{n}", last_serial=0) for n in range(1, SHOPS + 1)]
    db.session.add_all(shops)
    db.session.flush()
    for number, user in enumerate(people):
        for place, shop in enumerate(shops):
            if number == 0 or _works_for(number, place):
                db.session.add(Membership(user_id=user.id, merchant_id=shop.id))
    return shops


def _works_for(number: int, shop: int) -> bool:
    """Each agent, by his number, works for two neighbouring shops."""
    return shop in (number % SHOPS, (number + 1) % SHOPS)


def _categories() -> list[int]:
    pairs = (("Delivery", "Giao hàng"), ("Returns", "Đổi trả"), ("Payments", "Thanh toán"))
    rows = [Category(name_en=en, name_vi=vi, position=n) for n, (en, vi) in enumerate(pairs)]
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


class Crowd:
    """Makes the rows of the tickets. Ids are counted from what is there, so that rows can point at each other."""

    def __init__(
        self,
        organizer_id: int,
        shops: list[Merchant],
        agents: list[list[int]],  # by shop
        categories: list[int],
        version: PolicyVersion,
    ) -> None:
        self.organizer_id, self.shops, self.agents, self.categories = organizer_id, shops, agents, categories
        self.version, self.now = version, clock.now().replace(microsecond=0)
        self.random = random.Random(20_261_124)  # noqa: S311 - the same crowd each time
        self.sayings = Sayings(self.random)
        self.serials = dict.fromkeys((shop.id for shop in shops), 0)
        self.loads = {agent: 0 for team in agents for agent in team}
        with across_organizers():
            self.next_ids = {
                model: (db.session.scalar(select(func.max(model.id))) or 0) + 1
                for model in (Ticket, Customer, Message, Tracker, Clock, Pause)
            }
        db.session.remove()
        self.customers: dict[int, list[tuple[int, str]]] = {shop.id: [] for shop in shops}

    def _id(self, model: Any) -> int:
        self.next_ids[model] += 1
        return self.next_ids[model] - 1

    def batch(self, start: int, size: int) -> dict[Table, list[dict[str, Any]]]:
        """Rows of a batch by table, in an order that keeps references whole."""
        models = (Customer, Ticket, Message, SearchDocument, Tracker, Clock, Pause)
        rows: dict[Any, list[dict[str, Any]]] = {model: [] for model in models}
        for number in range(start, start + size):
            self._ticket(number, rows)
        for model in models:
            for row in rows[model]:
                row["organizer_id"] = self.organizer_id
        return {model.__table__: rows[model] for model in models if rows[model]}

    def _customer(
        self, shop: Merchant, language: str, rows: dict[Any, list[dict[str, Any]]]
    ) -> tuple[int, str]:
        """His id and name; most have written before."""
        known = self.customers[shop.id]
        if known and self.random.random() > 1 / TICKETS_PER_CUSTOMER:
            return self.random.choice(known)
        id_ = self._id(Customer)
        name = self.random.choice(NAMES)
        known.append((id_, name))
        rows[Customer].append({
            "id": id_, "merchant_id": shop.id, "email": f"customer{id_}@example.com", "name": name,
            "language": language, "is_vip": id_ % 50 == 0, "created_at": self.now,
        })  # fmt: skip
        return id_, name

    def _ticket(self, number: int, rows: dict[Any, list[dict[str, Any]]]) -> None:
        pick, shop = self.random, self.shops[number % SHOPS]
        status = pick.choices([s for s, _ in MIX], [w for _, w in MIX])[0]
        language, priority = pick.choice(("en", "vi")), pick.choice(list(Priority))
        finished = status in (Status.RESOLVED, Status.CLOSED)
        born = self.now - timedelta(minutes=pick.randrange(10, 60 * 24 * (365 if finished else 5)))
        agent = None if status == Status.OPEN else pick.choice(self.agents[number % SHOPS])
        if agent and status in LOADS:
            self.loads[agent] += 1
        self.serials[shop.id] += 1
        (customer_id, name), subject = self._customer(shop, language, rows), self.sayings.subject(language)
        row = {
            "id": self._id(Ticket), "merchant_id": shop.id, "serial": self.serials[shop.id],
            "number": f"{shop.prefix}-{self.serials[shop.id]}", "subject": subject.text[:200],
            "status": str(status), "is_alive": not finished, "priority": str(priority),
            "category_id": pick.choice([None, *self.categories]),
            "language": language, "source": "form", "customer_id": customer_id,
            "assignee_id": agent, "assigned_at": born if agent else None, "created_at": born,
            "updated_at": born + timedelta(minutes=9), "last_message_at": born + timedelta(minutes=9), "version": 1,
            "resolved_at": born + timedelta(minutes=9) if finished else None,
            "closed_at": min(self.now, born + timedelta(days=2)) if status == Status.CLOSED else None,
            "closed_by": "auto" if status == Status.CLOSED else None,
            "auto_close_at": self.now + timedelta(days=2) if status == Status.RESOLVED else None,
        }  # fmt: skip
        row["sort_at"] = self._clocks(row, born, rows)
        rows[Ticket].append(row)
        facts = tokens([row["number"], name, f"customer{customer_id}@example.com"]) | subject.tokens
        said = facts.union(*self._thread(row, born, rows))
        owner = scoped(f"o{self.organizer_id}", f"m{shop.id}")
        rows[SearchDocument].append({"id": row["id"], "words": said | owner})

    def _clocks(
        self, ticket: dict[str, Any], born: datetime, rows: dict[Any, list[dict[str, Any]]]
    ) -> datetime:
        """A tracker with two clocks; the due instant of the nearest that runs. Thresholds that passed are marked."""
        tracker, due_at = self._id(Tracker), NEVER
        rows[Tracker].append({
            "id": tracker, "ticket_id": ticket["id"], "version_id": self.version.id,
            "priority": ticket["priority"], "started_at": born,
        })  # fmt: skip
        answered = ticket["status"] not in (Status.OPEN, Status.ASSIGNED)
        for kind in ("first", "resolution"):
            target = self.version.target(ticket["priority"], kind) or 0
            met = answered if kind == "first" else ticket["resolved_at"] is not None
            runs = not met and ticket["status"] != Status.WAITING_USER
            warn, critical, due = (born + timedelta(seconds=target * share // 100) for share in (75, 90, 100))
            marks = [at if runs and at < self.now else None for at in (warn, critical, due)]
            left = [at for at, mark in zip((warn, critical, due), marks, strict=True) if runs and not mark]
            rows[Clock].append({
                "id": self._id(Clock), "tracker_id": tracker, "ticket_id": ticket["id"], "kind": kind, "round": 1,
                "target_seconds": target, "started_at": born, "used_seconds": 540 if met else 0,
                "running_since": born if runs else None,
                "due_at": due if runs else None, "warn_at": warn if runs else None,
                "critical_at": critical if runs else None, "next_look_at": min(left, default=None),
                "warned_at": marks[0], "critical_marked_at": marks[1], "breached_at": marks[2],
                "breach_noticed_at": marks[2], "met_at": born + timedelta(minutes=9) if met else None,
            })  # fmt: skip
            if not met and not runs:
                rows[Pause].append({
                    "id": self._id(Pause), "clock_id": rows[Clock][-1]["id"], "from_at": born,
                    "reason": Status.WAITING_USER.value,
                })  # fmt: skip
            due_at = min(due_at, due) if runs else due_at
        return due_at

    def _thread(
        self, ticket: dict[str, Any], born: datetime, rows: dict[Any, list[dict[str, Any]]]
    ) -> Iterator[frozenset[str]]:
        """Its messages; the words of each."""
        for place in range(self.random.choices(LENGTHS, OFTEN)[0]):
            kind = KINDS[place % len(KINDS)] if place else "comment"
            said = self.sayings.message(ticket["language"])
            by_agent = kind in ("agent_reply", "internal_note") and ticket["assignee_id"]
            if not by_agent and place:  # nobody of the desk is there yet
                kind = "customer_reply"
            rows[Message].append({
                "id": self._id(Message), "ticket_id": ticket["id"], "merchant_id": ticket["merchant_id"], "kind": kind,
                "visibility": "internal" if kind == "internal_note" else "public",
                "author_kind": "user" if by_agent else "customer",
                "author_id": ticket["assignee_id"] if by_agent else ticket["customer_id"],
                "author_name": "Agent" if by_agent else "Customer", "body": said.text,
                "body_html": f"<p>{said.text}</p>\n", "created_at": born + timedelta(minutes=3 * place),
            })  # fmt: skip
            yield said.tokens


def _settle(crowd: Crowd) -> None:
    """Make counters agree with what was put in."""
    for shop in db.session.scalars(select(Merchant)):
        shop.last_serial = crowd.serials[shop.id]
    for agent in db.session.scalars(select(Agent)):
        agent.load = crowd.loads[agent.user_id]
        agent.cap = max(agent.cap, agent.load)


def _analyse() -> None:
    """Ids were counted here: tell PostgreSQL's sequences, and both planners how much there is now."""
    with transaction():
        catch_up_sequences()
        analyse()
