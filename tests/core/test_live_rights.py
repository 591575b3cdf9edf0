"""Rights that end while a page is open: its socket ends with them, within seconds (Q-2)."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock, hub
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.support.live_server import close_code, frames, listening, ring


@pytest.fixture
def app(make_app, redis_url):
    return make_app(redis_url=redis_url)


def test_Q_2_signing_out_closes_the_pages_of_that_session_only(server, world, queue):
    here, there = server.connect("Gus", queue), server.connect("Gus", queue)
    listening(server, here, 2)
    with world.inside():
        sessions = (
            select(UserSession).where(UserSession.user_id == world.user("Gus").id).order_by(UserSession.id)
        )
        db.session.scalars(sessions).first().end()
    assert close_code(here) == 1008
    assert there.connected


def test_Q_2_the_door_to_sign_out_is_what_closes_them(app, server, world, queue):
    client = world.sign_in("Gus")
    app.config["WTF_CSRF_ENABLED"] = False
    page = server.connect(f"session={client.get_cookie('session').value}", queue)
    listening(server, page)
    began = time.monotonic()
    assert client.post("/logout").status_code == 303
    assert close_code(page) == 1008
    assert time.monotonic() - began < 3


def test_Q_2_deactivation_closes_all_pages(server, world, queue):
    pages = [server.connect("Gus", queue), server.connect("Gus", queue)]
    listening(server, pages[0], 2)
    with world.inside():
        world.user("Gus").deactivate()
    assert [close_code(page) for page in pages] == [1008, 1008]


def test_Q_2_leaving_a_merchant_closes_the_pages_that_show_it(server, world, queue):
    page = server.connect("Gus", queue)
    listening(server, page)
    with world.inside():
        gus, shop = world.user("Gus"), world.one(Merchant, prefix="ACME")
        world.one(Membership, user_id=gus.id, merchant_id=shop.id).deleted_at = shop.created_at
        gus.rights_changed()
    assert close_code(page) == hub.GONE, "his session goes on"


def test_Q_2_rights_that_end_unsaid_are_seen_all_the_same(server, world, queue, monkeypatch):
    """Redis lost the word, or the row was changed by hand: the next look finds it."""
    monkeypatch.setattr(hub, "RECHECK_SECONDS", 0.5)
    page = server.connect("Gus", queue)
    listening(server, page)
    with world.inside():
        world.user("Gus").is_active = False
    assert close_code(page) == 1008


def test_Q_2_a_link_that_is_revoked_closes_the_customers_page(server, world):
    ticket_id = world.ticket()
    with world.inside():
        cookie = CustomerLink.of(Ticket.for_deed(ticket_id)).cookie
    page = server.connect(f"request={cookie}", path=f"/requests/{ticket_id}/live")
    listening(server, page)
    ring(world, f"request.{ticket_id}")
    assert next(frames(page))["ring"] == "request"
    with world.inside():
        CustomerLink.of(Ticket.for_deed(ticket_id)).revoke()
    assert close_code(page) == 1008


def test_TKT_012_a_deleted_ticket_ends_the_pages_that_show_it(app, server, world):
    ticket_id = world.ticket()
    world.run_reactions()
    with world.inside():
        cookie = CustomerLink.of(Ticket.for_deed(ticket_id)).cookie
    customers = server.connect(f"request={cookie}", path=f"/requests/{ticket_id}/live")
    agents, queue = server.connect("Gus", f"ticket.{ticket_id}"), server.connect("Gus", "queue.1")
    listening(server, customers, 3)
    with world.inside():
        Ticket.for_deed(ticket_id).delete(by=world.user("Mai"))
    assert close_code(customers) == close_code(agents) == hub.GONE, "at once, before any worker"
    world.run_reactions()
    assert next(frames(queue))["ring"] == "queue", "who looks at a list asks for it anew"
    assert queue.connected


def test_TKT_012_a_page_that_comes_back_to_a_deleted_ticket_is_not_told_that_its_session_ended(server, world):
    """Its socket broke, or the word of the deletion was lost: the handshake and the next look say the same."""
    ticket_id = world.ticket()
    with world.inside():
        Ticket.for_deed(ticket_id).delete(by=world.user("Mai"))
    assert close_code(server.connect("Gus", f"ticket.{ticket_id}")) == hub.GONE


def test_TKT_012_a_deletion_that_nobody_said_is_seen_as_one(server, world, monkeypatch):
    monkeypatch.setattr(hub, "RECHECK_SECONDS", 0.5)
    ticket_id = world.ticket()
    page = server.connect("Gus", f"ticket.{ticket_id}")
    listening(server, page)
    with world.inside():
        Ticket.for_deed(ticket_id).deleted_at = clock.now()
    assert close_code(page) == hub.GONE
