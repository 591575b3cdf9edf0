"""TKT-014, Q-7: a ticket's words are kept with it, and tickets that were there before search are found too."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets import search_document
from helpdesk.tickets.search_document import NEWEST, SearchDocument
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases, on_postgresql
from tests.support.inspect import ROOT
from tests.support.seat import at_work
from tests.support.waiting import beside


def documents(world) -> dict[int, frozenset[str]]:
    with world.inside():
        return {row.id: row.words for row in db.session.scalars(select(SearchDocument))}


def eventful(world) -> None:
    made = world.ticket("Xuất hóa đơn DH-9", order={"id": "DH-2024/77", "amount": 5})
    world.ticket("Without an order")
    with at_work(world, made) as (ticket, me):
        ticket.customer.phone = "+84 912 345 678"
        ticket.note("Đặng Quốc Ấn đã gọi.", by=me)
        ticket.reply("Thank you.", by=me)
        SearchDocument.rebuild(ticket)
        SearchDocument.rebuild_of(ticket.customer_id, NEWEST)


@both_databases
def test_Q_7_tickets_that_were_there_before_are_found_as_if_they_were_new(world):
    eventful(world)
    before = documents(world)
    with world.app.app_context():
        db.engine.dispose()
        downgrade(str(ROOT / "migrations"), "0002")
        upgrade(str(ROOT / "migrations"))
    assert documents(world) == before
    assert len(before) == 2


@both_databases
def test_TKT_014_words_that_come_one_by_one_are_those_of_a_document_made_anew(world):
    eventful(world)
    with world.inside():
        for ticket in db.session.scalars(select(Ticket)):
            words = SearchDocument.of(ticket).words
            SearchDocument.rebuild(ticket)
            assert SearchDocument.of(ticket).words == words
            assert {f"__o{ticket.organizer_id}", f"__m{ticket.merchant_id}"} < words


@on_postgresql
def test_TKT_014_a_word_written_while_the_customer_is_renamed_is_found(world):
    made = world.ticket()

    def rename() -> None:
        customer = world.customer("Bea")
        customer.name = "Beatrix"
        SearchDocument.rebuild_of(customer.id, NEWEST)

    with beside(world, rename):
        ticket = Ticket.for_deed(made)
        ticket.note("Zebra.", by=world.user("Gus"))
    assert {"zebra", "beatrix"} <= documents(world)[made]


@on_postgresql
def test_TKT_014_a_word_written_while_the_customer_is_being_renamed_is_found(world):
    made = world.ticket()

    def write() -> None:
        ticket = Ticket.for_deed(made)
        SearchDocument.of(ticket)  # looked at before, as a deed in two steps does
        ticket.note("Zebra.", by=world.user("Gus"))

    with beside(world, write):
        customer = world.customer("Bea")
        customer.name = "Beatrix"
        SearchDocument.rebuild_of(customer.id, NEWEST)
    assert {"zebra", "beatrix"} <= documents(world)[made]


@on_postgresql
def test_TKT_014_a_new_name_and_a_merge_at_once_do_not_block_each_other(world):
    older, newer = world.ticket(), world.ticket()

    def hear(made: int) -> None:
        SearchDocument.hear(world.one(Ticket, id=made), "Zebra.")
        db.session.flush()

    def rename() -> None:
        customer = world.customer("Bea")
        customer.name = "Beatrix"
        SearchDocument.rebuild_of(customer.id, NEWEST)

    with beside(world, rename, after=lambda: hear(older)):
        hear(newer)
    assert all("beatrix" in words for words in documents(world).values())


@both_databases
def test_TKT_014_a_customers_tickets_learn_his_name_some_at_a_time(world, monkeypatch):
    monkeypatch.setattr(search_document, "AT_A_TIME", 2)
    made = [world.ticket() for _ in range(5)]
    with world.inside():
        customer = world.customer("Bea")
        customer.name = "Zoe"
        last, steps = NEWEST, []
        while last:
            last = SearchDocument.rebuild_of(customer.id, last)
            steps.append(last)
    assert steps == [made[3], made[1], None]
    assert all("zoe" in words for words in documents(world).values())
