"""Each live topic for each stranger: refused, now and while it is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.live import Identity
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.house.test_sweeps import Values, thing
from tests.support.world import World


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


def session_of(world: World, name: str, slug: str) -> Identity:
    with world.inside(slug):
        user = world.user(name)
        UserSession.begin(user, "a test")
        db.session.flush()
        last = select(UserSession).where(UserSession.user_id == user.id).order_by(UserSession.id.desc())
        return Identity("session", db.session.scalars(last).first().id, world.organizers[slug])


def link_of(world: World, ticket_id: int, slug: str) -> Identity:
    with world.inside(slug):
        return Identity("link", CustomerLink.of(Ticket.for_deed(ticket_id)).id, world.organizers[slug])


def topics(world: World, values: Values) -> dict[str, str]:
    """One topic of each kind about this ticket and the agent who works on it."""
    with world.inside():
        merchant = world.one(Merchant, prefix="ACME").id
        ids = {"queue": merchant, "ticket": values.ticket_id, "request": values.ticket_id}
        ids["user"], ids["customer"] = world.user("Gus").id, Ticket.for_deed(values.ticket_id).customer_id
    ids["staff"] = world.organizers["acme"]
    assert set(ids) == set(live._topics), "a new kind of topic: say here who may hear it and who may not"
    return {kind: f"{kind}.{id}" for kind, id in ids.items()}


def may(world: World, who: Identity, topic: str) -> bool:
    with world.app.app_context():
        return live.allowed(who, [topic])


def test_Q_1_every_topic_has_its_friends(world, acme):
    names = topics(world, acme)
    friends = {kind: session_of(world, "Gus", "acme") for kind in ("queue", "ticket", "customer", "user")}
    friends["staff"] = session_of(world, "Mai", "acme")
    friends["request"] = link_of(world, acme.ticket_id, "acme")
    assert {kind: may(world, friends[kind], topic) for kind, topic in names.items()} == dict.fromkeys(
        names, True
    )


def test_Q_1_no_topic_is_for_strangers(world, acme, globex):
    names, other = topics(world, acme), thing(world, "Bea", "acme")
    strangers = {
        "the neighbour's agent": (session_of(world, "Gil", "globex"), set()),
        "the neighbour's customer": (link_of(world, globex.ticket_id, "globex"), set()),
        "the customer's other request": (link_of(world, other.ticket_id, "acme"), set()),
        "the customer himself": (link_of(world, acme.ticket_id, "acme"), {"request"}),
        "a colleague": (session_of(world, "Linh", "acme"), {"queue", "ticket", "customer"}),
        "an admin": (session_of(world, "Ada", "acme"), {"queue", "ticket", "customer", "staff"}),
    }
    for name, (who, friendly) in strangers.items():
        heard = {kind for kind, topic in names.items() if may(world, who, topic)}
        assert heard == friendly, name


def test_Q_1_rights_that_ended_open_no_topic(world, acme):
    names = topics(world, acme)
    who = {"session": session_of(world, "Gus", "acme"), "link": link_of(world, acme.ticket_id, "acme")}
    with world.inside():
        db.session.get_one(UserSession, who["session"].id).end()
        db.session.get_one(CustomerLink, who["link"].id).revoke()
    for identity in who.values():
        assert not any(may(world, identity, topic) for topic in names.values())


def test_Q_1_an_agent_who_left_a_merchant_hears_it_no_more(world, acme):
    names, who = topics(world, acme), session_of(world, "Gus", "acme")
    with world.inside():
        shop, gus = world.one(Merchant, prefix="ACME"), world.user("Gus")
        world.one(Membership, user_id=gus.id, merchant_id=shop.id).deleted_at = shop.created_at
    assert {kind for kind, topic in names.items() if may(world, who, topic)} == {"user"}


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "ticket",
        "ticket.",
        "ticket.x",
        "ticket.１",
        "ticket.-1",
        "ticket.1.1",
        "secret.1",
        "ticket. 1",
        ".1",
    ],
)
def test_Q_1_a_topic_that_is_none_is_refused(topic, world, acme):
    assert not may(world, session_of(world, "Ada", "acme"), topic)


def test_Q_1_one_foreign_topic_spoils_them_all(world, acme, globex):
    who = session_of(world, "Gus", "acme")
    with world.app.app_context():
        assert not live.allowed(who, [f"ticket.{acme.ticket_id}", f"ticket.{globex.ticket_id}"])
