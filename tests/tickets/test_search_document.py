"""TKT-014, Q-7: a ticket's words are kept with it, and tickets that were there before search are found too."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets import search_document
from helpdesk.tickets.search_document import NEWEST, SearchDocument
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.inspect import ROOT
from tests.support.seat import at_work


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
