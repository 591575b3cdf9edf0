"""How a ticket is born: number, first message, clocks and event in one transaction, or nothing of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from helpdesk.accounts.customer import Customer
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.sla.clock import Clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Opening, Ticket
from tests.support.seat import events_of, thread_of
from tests.support.world import World

TABLES = ("tickets", "messages", "sla_trackers", "sla_clocks", "events", "attachments")


def rows(world: World) -> dict[str, int]:
    with world.app.app_context():
        return {
            name: db.session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in TABLES
        }


def open_one(world: World, key: str | None = None, prefix: str = "ACME") -> str:
    with world.inside():
        bea = world.customer("Bea")
        merchant = bea.merchant
        return Ticket.create(merchant, bea, Opening("Hello", "Hi", key=key), by=bea).number


def test_TKT_001_a_ticket_keeps_what_the_customer_said_and_how_it_came(world):
    made = world.ticket(subject="Giày bị rách", body="**Đôi giày** bị rách.", language="vi", priority="HIGH",
                        source="form", order={"id": "A-7", "total": "120.00"})  # fmt: skip
    with world.inside():
        ticket = world.one(Ticket, id=made)
        bea = world.customer("Bea")
        assert (ticket.subject, ticket.language, ticket.priority, ticket.source) == (
            "Giày bị rách",
            "vi",
            "HIGH",
            "form",
        )
        assert ticket.merchant.prefix == "ACME"
        assert ticket.customer_id == bea.id
        assert ticket.status == "OPEN"
        assert ticket.order == {"id": "A-7", "total": "120.00"}  # TKT-011
        assert (ticket.assignee, ticket.raised_by, ticket.resolved_at, ticket.closed_at) == (None,) * 4


def test_TKT_001_a_ticket_is_born_with_message_tracker_clocks_and_event(world):
    made = world.ticket(body="It has not come.")
    with world.inside():
        ticket = world.one(Ticket, id=made)
        (message,) = thread_of(made)
        assert (message.kind, message.author_kind, message.author_name) == ("comment", "customer", "Bea")
        assert message.body == "It has not come."
        tracker = world.one(Tracker, ticket_id=made)
        assert tracker.started_at == ticket.created_at
        assert sorted(c.kind for c in tracker.clocks) == ["first", "resolution"]
        assert all(c.state == "running" for c in tracker.clocks)
        (event,) = events_of(made)
        assert event.name == "ticket.created"
        assert event.actor == {"kind": "customer", "id": ticket.customer_id, "name": "Bea"}


def test_TKT_001_a_creation_that_is_rolled_back_leaves_nothing(world):
    before = rows(world)

    def half_done():
        with world.inside():
            bea = world.customer("Bea")
            Ticket.create(bea.merchant, bea, Opening("Hello", "Hi"), by=bea)
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert rows(world) == before
    assert open_one(world) == "ACME-1"  # its number was not used up


def test_TKT_001_numbers_count_per_merchant(world):
    from helpdesk.accounts.customer import Customer
    from helpdesk.organizers.merchant import Merchant

    assert [open_one(world), open_one(world)] == ["ACME-1", "ACME-2"]
    with world.inside():
        beta = world.one(Merchant, prefix="BETA")
        ben = Customer.find_or_create(beta, email="ben@mail.example", name="Ben", language="en")
        assert Ticket.create(beta, ben, Opening("Hello", "Hi"), by=ben).number == "BETA-1"
    assert world.ticket(by="Cyd")
    with world.inside("globex"):
        assert world.one(Ticket).number == "GLOB-1"
    assert open_one(world) == "ACME-3"


def test_TKT_001_tickets_made_at_once_get_numbers_without_gaps_or_doubles(any_world):
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda _: open_one(any_world), range(18)))
    assert sorted(numbers, key=lambda n: int(n[5:])) == [f"ACME-{n}" for n in range(1, 19)]


def test_TKT_001_new_customers_at_once_do_not_wait_for_each_other_in_vain(any_world):
    def open_as(n: int) -> str:
        with any_world.inside():
            merchant = any_world.customer("Bea").merchant
            new = Customer.find_or_create(merchant, email=f"c{n}@shop.example", name=f"C {n}", language="en")
            return Ticket.create(merchant, new, Opening("Hello", "Hi"), by=new).number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(open_as, range(40)))
    assert sorted(numbers, key=lambda n: int(n[5:])) == [f"ACME-{n}" for n in range(1, 41)]


def test_MSG_007_the_same_form_sent_twice_makes_one_ticket(world):
    assert open_one(world, key="one form") == open_one(world, key="one form") == "ACME-1"
    assert open_one(world, key="another form") == "ACME-2"
    with world.inside():
        assert world.count(Ticket) == world.count(Message) == world.count(Event) == 2
        assert world.count(Clock) == 4


def test_MSG_007_the_same_form_sent_at_once_from_several_threads_makes_one_ticket(any_world):
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: open_one(any_world, key="one form"), range(8)))
    assert set(numbers) == {"ACME-1"}
    with any_world.inside():
        assert any_world.count(Ticket) == any_world.count(Message) == any_world.count(Event) == 1
