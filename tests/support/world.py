"""The named cast of the tests, in two organizers. Strangers are tested as carefully as friends.

    acme    merchants ACME and BETA; Ada (admin), Mai (manager), Gus (agent, en), Linh (agent, vi and en);
            Bea, a customer of ACME who writes Vietnamese
    globex  merchant GLOB; Gil (agent); Cyd, a customer

The cast is built once per kind of database and copied for each test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.agents.agent import Agent
from helpdesk.assignment.backlog import Backlog
from helpdesk.core import reactions
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import inside
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.category import Category
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Opening, Ticket

PASSWORD = "a long enough password"
SECRET = "{}: a secret that is long enough for every algorithm, sixty-four bytes"  # of a form, by its key
PEOPLE = {  # name → (organizer, role, language, languages of the agent's profile)
    "Ada": ("acme", "admin", "en", None),
    "Mai": ("acme", "manager", "vi", None),
    "Gus": ("acme", "agent", "en", ["en"]),
    "Linh": ("acme", "agent", "vi", ["vi", "en"]),
    "Gil": ("globex", "agent", "en", ["en"]),
}
CUSTOMERS = {"Bea": ("ACME", "vi"), "Cyd": ("GLOB", "en")}
MERCHANTS = {"ACME": "acme", "BETA": "acme", "GLOB": "globex"}
CATEGORIES = {
    "acme": [("Delivery", "Giao hàng"), ("Payment", "Thanh toán")],
    "globex": [("Machines", "Máy móc")],
}


def build(app: Flask) -> None:
    """Write the cast into an empty, migrated database."""
    with app.app_context():
        for slug in ("acme", "globex"):
            with transaction():
                organizer = Organizer(name=slug.title(), slug=slug)
                db.session.add(organizer)
                db.session.flush()
                with inside(organizer.id):
                    _cast(slug)


def _cast(slug: str) -> None:
    merchants = [_merchant(prefix) for prefix, owner in MERCHANTS.items() if owner == slug]
    for name, (owner, role, language, languages) in PEOPLE.items():
        if owner == slug:
            user = User.create(
                name=name,
                email=f"{name.lower()}@{slug}.example",
                password=PASSWORD,
                role=role,
                language=language,
            )
            user.undo_seconds = 0  # replies leave at once, but where holding them is what is tested
            for merchant in merchants:
                user.works_for(merchant)
            if languages:
                db.session.add(Agent(user_id=user.id, languages=languages))
    for position, (en, vi) in enumerate(CATEGORIES[slug]):
        db.session.add(Category(name_en=en, name_vi=vi, position=position))
    for name, (prefix, language) in CUSTOMERS.items():
        for merchant in merchants:
            if merchant.prefix == prefix:
                Customer.find_or_create(
                    merchant, email=f"{name.lower()}@mail.example", name=name, language=language
                )


def _merchant(prefix: str) -> Merchant:
    merchant = Merchant(name=f"{prefix.title()} Shop", prefix=prefix, default_language="en", last_serial=0)
    db.session.add(merchant)
    db.session.flush()
    key = f"form-{prefix.lower()}"
    db.session.add(FormKey(key=key, merchant=merchant, secret=SECRET.format(key), allowed_origins=[]))
    return merchant


class World:
    """The cast in one test: where to find whom, and the few steps that most tests begin with."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context():
            self.organizers = {row.slug: row.id for row in db.session.scalars(select(Organizer))}

    @contextmanager
    def inside(self, slug: str = "acme") -> Iterator[None]:
        """A transaction of its own inside an organizer, committed at the end."""
        with self.app.app_context(), inside(self.organizers[slug]), transaction():
            yield

    def user(self, name: str) -> User:
        """Somebody of the cast; call it inside his organizer."""
        return db.session.scalars(select(User).where(User.name == name)).one()

    def customer(self, name: str) -> Customer:
        """A customer of the cast; call it inside his organizer."""
        return db.session.scalars(select(Customer).where(Customer.name == name)).one()

    def one(self, model: type[Any], **values: Any) -> Any:
        """The only row with these values; call it inside its organizer."""
        return db.session.scalars(select(model).filter_by(**values)).one()

    def count(self, model: type[Any], **values: Any) -> int:
        """How many rows have these values; call it inside an organizer."""
        return len(db.session.scalars(select(model).filter_by(**values)).all())

    def ticket(self, subject: str = "Where is my order?", by: str = "Bea", **opening: Any) -> int:
        """A new ticket of a customer; its id."""
        slug = MERCHANTS[CUSTOMERS[by][0]]
        with self.inside(slug):
            customer = self.customer(by)
            said = {"body": "It has not come.", "language": customer.language, **opening}
            return Ticket.create(
                customer.merchant, customer, Opening(subject=subject, **said), by=customer
            ).id

    def link(self, ticket_id: int, slug: str = "acme") -> str:
        """The address of the customer's link."""
        with self.inside(slug):
            return f"/t/{CustomerLink.of(Ticket.for_deed(ticket_id)).token}"

    def sign_in(self, name: str) -> FlaskClient:
        """A browser in which somebody of the cast is signed in."""
        slug, client = PEOPLE[name][0], self.app.test_client()
        with self.inside(slug):
            token = UserSession.begin(self.user(name), "a test")
        with client.session_transaction() as session:
            session["token"] = token
        return client

    def work_off(self, slug: str = "acme") -> None:
        """Do what the sweep of the assignment does."""
        with self.app.app_context(), inside(self.organizers[slug]):
            Backlog.work_off()

    def run_reactions(self) -> None:
        """Do what workers do after commits: seal events, perform reactions, of every organizer."""
        for organizer_id in self.organizers.values():
            reactions.relay_and_react(self.app, organizer_id)
