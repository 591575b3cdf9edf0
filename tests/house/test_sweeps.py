"""Sweeps: each door for each person, each id for each neighbour, each topic for each stranger.

A new door is swept without being named here. Where its address needs a value that nobody makes: add it to `Values`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from helpdesk.accounts.user import Membership
from helpdesk.core import storage
from helpdesk.core.access import signed_in
from helpdesk.core.db import db
from helpdesk.core.signing import sign
from helpdesk.escalations.escalation import Escalation
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Opening, Ticket
from helpdesk.tickets.ticket_relation import TicketRelation
from helpdesk.tickets.upload import Upload
from tests.house.bulk_pages import BulkValues, bulk_of
from tests.house.rule_pages import HOURS, rule_id
from tests.house.saved_pages import saved_by
from tests.notifications.places import delivery_of, version_of_mail
from tests.support.people import people
from tests.support.world import World

LADDER = ["agent", "manager", "admin"]
STAFF = {"agent": "Gus", "manager": "Mai", "admin": "Ada"}
HTMX = {"HX-Request": "true"}
REFUSED = (401, 403, 404)
DEMAND = {
    "targets": {}, "warn_percent": 75, "critical_percent": 90, "pausing_statuses": [], "calendar_id": None,
}  # fmt: skip


@dataclass
class Values(BulkValues):
    """What addresses are made of: things of one ticket, and the doors that lead to it."""

    number: str
    ticket_id: int
    attachment_id: int
    escalation_id: int
    message_id: int
    relation_id: int
    token: str
    cookie: str
    key: str = "mine"  # `todo` is sent on to the address without it
    name: str = "a.txt"
    filename: str = "css/tokens.css"
    said: str = ""
    category_id: int = 99999
    tag_id: int = 99999
    canned_id: int = 99999
    policy_id: int = 99999
    calendar_id: int = 99999
    user_id: int = 99999
    leave_id: int = 99999
    group_id: int = 99999
    skill_id: int = 99999
    rule_id: int = 99999
    kind: str = "ticket.replied.customer"
    version_id: int = 99999
    merchant_id: int = 99999
    delivery_id: int = 99999
    saved_id: int = 99999
    form_id: int = 99999
    session_id: int = 99999

    def address(self, rule: Rule) -> str:
        """The address of a door that leads to these things."""
        values = {name: self.of(rule, name) for name in rule.arguments}
        address = rule.build(values, append_unknown=False)
        assert address, rule
        return address[1]

    def of(self, rule: Rule, name: str) -> Any:
        if name == "key":
            if rule.rule.startswith("/embed/"):
                return f"form-{self.number.split('-')[0].lower()}"
            return "0" * 32 if rule.rule.startswith("/dev/") else self.key
        assert hasattr(self, name), f"{rule.rule}: the sweeps need a value for {name!r}"
        return getattr(self, name)


def thing(world: World, by: str, slug: str) -> Values:
    """A ticket with one of everything that has an id."""
    ticket_id = world.ticket(by=by)
    with world.inside(slug):
        ticket = Ticket.for_deed(ticket_id)
        name, boss = ("Gus", "Mai") if slug == "acme" else ("Gil", "Gil")
        key, size = storage.keep(BytesIO(b"x"), most_bytes=1)
        file = Upload("a.txt", "text/plain", key, size, thumbnail_key=key)
        message = Message.write(ticket, "agent_reply", "x", by=world.user(name), files=[file])
        Escalation.raise_by_hand(ticket, by=world.user(name), level=1, reason="Late")
        db.session.flush()
        link = CustomerLink.of(ticket)
        escalation = db.session.scalars(select(Escalation).where(Escalation.ticket_id == ticket_id)).one()
        other = Ticket.create(ticket.merchant, ticket.customer, Opening("Again", "Yes."), by=ticket.customer)
        TicketRelation.relate(ticket, other, by=world.user(name))
        relation = world.one(TicketRelation, ticket_id=ticket_id)
        me = world.user(name)
        canned = CannedReply.create({"name_en": "Hi", "body_en": "Hi"}, by=me, owner_id=me.id, group_id=None)
        ticket.retag(["late"], by=world.user(name))
        policy = Policy.create({"name_en": "Fast", "name_vi": "", **DEMAND}, by=me)
        calendar = Calendar.create(HOURS, by=me)
        settings = {
            "category_id": min(db.session.scalars(select(Category.id))),
            "tag_id": ticket.tags[0].id, "canned_id": canned.id, "policy_id": policy.id, "calendar_id": calendar.id,
            "rule_id": rule_id(world, name), "version_id": version_of_mail(world.user(boss)),
            "saved_id": saved_by(me), "merchant_id": ticket.merchant_id, "delivery_id": delivery_of(ticket_id),
            **bulk_of(ticket, me),
        }  # fmt: skip
        return Values(
            ticket.number, ticket_id, message.attachments[0].id, escalation.id, message.id, relation.id,
            link.token, link.cookie, said=sign("thanks", [ticket_id, 0]), **settings, **people(world, slug),
        )  # fmt: skip


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """With the cast, unlike the other inspections' one."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False  # or every refusal of a POST would be about its token
    return app


@pytest.fixture
def acme(world: World) -> Values:
    return thing(world, "Bea", "acme")


@pytest.fixture
def globex(world: World) -> Values:
    return thing(world, "Cyd", "globex")


def doors(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every route and method with the name of its rule."""
    for rule in app.url_map.iter_rules():
        access = app.view_functions[rule.endpoint].access_rule.name  # type: ignore[attr-defined]
        for method in sorted(set(rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}):
            yield rule, method, access


def ask(client: FlaskClient, rule: Rule, method: str, values: Values, **headers: str) -> int:
    """The status of the answer; a socket that lets in is 101."""
    if rule.websocket:
        headers |= {"Connection": "Upgrade", "Upgrade": "websocket", "Origin": "http://localhost"}
    client.looks = False  # what is on a page is looked at where the page is tested
    with client.open(values.address(rule), method=method, headers=headers) as answer:
        status = answer.status_code
    return 101 if rule.websocket and status == 500 else status


def visitor(app: Flask, values: Values) -> FlaskClient:
    """A customer's browser: the cookie of his request, sent everywhere to be sure."""
    client = app.test_client()
    client.set_cookie("request", values.cookie, path="/")
    return client


# Each door for each person ------------------------------------------------------------------------------------


def test_Q_2_nobody_comes_in_where_somebody_is_wanted(app, world, acme):
    swept = 0
    for rule, method, access in doors(app):
        if access in (*LADDER, signed_in.name):
            status = ask(app.test_client(), rule, method, acme)
            wanted = 302 if method == "GET" and not rule.websocket else 401
            assert status == wanted, f"{method} {rule.rule}"
            assert ask(app.test_client(), rule, method, acme, **HTMX) == 401, f"{method} {rule.rule}"
            swept += 1
    assert swept > 20


def test_Q_2_a_customer_is_nobody_at_the_desk(app, world, acme):
    for rule, method, access in doors(app):
        if access in (*LADDER, signed_in.name):
            assert ask(visitor(app, acme), rule, method, acme, **HTMX) == 401, f"{method} {rule.rule}"


@pytest.mark.parametrize("role", LADDER)
def test_Q_2_each_role_comes_in_at_its_own_doors_and_at_no_others(role, app, world, acme):
    for rule, method, access in doors(app):
        if access not in LADDER:
            continue
        status = ask(world.sign_in(STAFF[role]), rule, method, acme, **HTMX)
        if LADDER.index(access) > LADDER.index(role):
            assert status == 403, f"{role}: {method} {rule.rule}"
        else:
            assert status not in (401, 403), f"{role}: {method} {rule.rule}"
            assert status < 500, f"{role}: {method} {rule.rule} answers {status}"


def test_Q_2_the_customers_doors_know_no_staff(app, world, acme):
    for rule, method, access in doors(app):
        if access == "customer":
            for client in (app.test_client(), world.sign_in("Ada")):
                assert ask(client, rule, method, acme) == 404, f"{method} {rule.rule}"


def test_Q_2_the_customers_doors_let_him_in(app, world, acme):
    for rule, method, access in doors(app):
        if access == "customer":
            status = ask(visitor(app, acme), rule, method, acme)
            assert status not in REFUSED, f"{method} {rule.rule} answers {status}"
            assert status < 500, f"{method} {rule.rule} answers {status}"


def test_Q_2_open_doors_are_open_and_have_no_id_in_their_address(app, world, acme):
    for rule, method, access in doors(app):
        if access == "anyone":
            assert ask(app.test_client(), rule, method, acme) not in (302, 401, 403), f"{method} {rule.rule}"
            assert not any(
                c.__class__.__name__ in ("StrictId", "TicketNumber") for c in rule._converters.values()
            )


def test_Q_2_figures_are_not_for_strangers(app, world, acme):
    for rule, method, access in doors(app):
        if access == "operator":
            far = {"REMOTE_ADDR": "203.0.113.9"}
            assert app.test_client().open(rule.rule, method=method, environ_base=far).status_code == 403


def test_Q_2_no_address_is_matched_by_a_method_that_is_not_declared(app, world, acme):
    for rule in app.url_map.iter_rules():
        if not rule.websocket and "GET" in (rule.methods or ()) and not rule.rule.startswith("/embed/<key>"):
            other = {r.rule for r in app.url_map.iter_rules() if "POST" in (r.methods or ())}
            if rule.rule not in other:
                assert ask(world.sign_in("Ada"), rule, "POST", acme) == 405, rule.rule


# Each id for each neighbour -----------------------------------------------------------------------------------


def with_ids(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    for rule, method, access in doors(app):
        if any(c.__class__.__name__ in ("StrictId", "TicketNumber") for c in rule._converters.values()):
            yield rule, method, access


@pytest.mark.parametrize("stranger", ["Gil"])
def test_Q_1_a_neighbours_thing_is_not_there(stranger, app, world, acme, globex):
    swept = 0
    for rule, method, access in with_ids(app):
        if access == "agent":
            status = ask(world.sign_in(stranger), rule, method, acme)
            assert status == 404, f"{method} {rule.rule} answers {status}"
            swept += 1
    assert swept > 10


def test_Q_1_not_even_a_neighbours_admin_finds_it(app, world, acme, globex):
    for rule, method, _ in (door for door in with_ids(app) if door[2] in LADDER):
        status = ask(world.sign_in("Ada"), rule, method, globex)
        assert status == 404, f"{method} {rule.rule} answers {status}"


def test_Q_1_another_merchants_thing_is_not_there(app, world, acme):
    with world.inside():
        acme_shop, gus = world.one(Merchant, prefix="ACME"), world.user("Gus")
        world.one(Membership, user_id=gus.id, merchant_id=acme_shop.id).deleted_at = acme_shop.created_at
    for rule, method, _ in (door for door in with_ids(app) if door[2] == "agent"):
        if rule.arguments in ({"canned_id"}, {"saved_id"}, {"macro_id"}, {"run_id"}):
            continue  # somebody's own texts and views, and what he did, are no merchant's
        status = ask(world.sign_in("Gus"), rule, method, acme)
        assert status == 404, f"{method} {rule.rule} answers {status}"


def test_Q_1_a_customer_finds_his_own_request_only(app, world, acme, globex):
    other = thing(world, "Bea", "acme")
    for stranger in (globex, other):
        for rule, method, _ in (door for door in with_ids(app) if door[2] == "customer"):
            status = ask(visitor(app, stranger), rule, method, acme)
            assert status == 404, f"{method} {rule.rule} answers {status}"


def test_Q_1_a_thing_that_was_never_there_is_refused_alike(app, world, acme):
    """404 for what is somebody else's and 404 for what is nobody's: no difference to learn from."""
    gone = Values("ACME-99999", 99999, 99999, 99999, 99999, 99999, "x", "x")
    for rule, method, _ in (door for door in with_ids(app) if door[2] == "agent"):
        assert ask(world.sign_in("Gus"), rule, method, gone) == 404, f"{method} {rule.rule}"
