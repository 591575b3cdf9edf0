"""TKT-013: links between tickets that have to do with each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.accounts.customer import Customer
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Opening, Ticket
from helpdesk.tickets.ticket_relation import TicketRelation
from tests.support.databases import on_postgresql
from tests.support.page import form, read
from tests.support.seat import Seat, events_of
from tests.support.waiting import beside


def link(world, number: str, other, who: str = "Gus") -> int:
    return Seat(world, who).post(f"/tickets/{number}/relations", other=other).status_code


def shown(world, number: str) -> list[tuple[str, str]]:
    page = read(Seat(world, "Linh").get(f"/tickets/{number}"))
    return [(row["data-relation"], row["data-how"]) for row in page.with_attribute("data-how")]


@pytest.fixture
def pair(world) -> list[int]:
    return [world.ticket(), world.ticket()]


def test_TKT_013_linked_tickets_show_each_other(world, pair):
    assert link(world, "ACME-2", "acme-1 ") == 303
    assert link(world, "ACME-1", "ACME-2") == 303
    assert (shown(world, "ACME-1"), shown(world, "ACME-2")) == (
        [("ACME-2", "linked")],
        [("ACME-1", "linked")],
    )
    with world.inside():
        assert world.count(TicketRelation) == 1
        told = [[(e.name, e.data["number"]) for e in events_of(i) if "related" in e.name] for i in pair]
        assert told == [[("ticket.related", "ACME-2")], [("ticket.related", "ACME-1")]]


def test_TKT_013_a_link_ends_and_is_made_again(world, pair):
    link(world, "ACME-1", "ACME-2")
    gus = Seat(world, "Gus")
    filled = form(gus.get("/tickets/ACME-2"), "/removal")
    assert [filled.send(gus.client).status_code for _ in range(2)] == [303, 303]
    assert shown(world, "ACME-1") == []
    assert link(world, "ACME-2", "ACME-1") == 303
    assert shown(world, "ACME-1") == [("ACME-2", "linked")]
    with world.inside():
        names = [e.name for e in events_of(pair[0]) if "related" in e.name]
        assert names == ["ticket.related", "ticket.unrelated", "ticket.related"]


def test_TKT_013_of_two_at_once_one_link_is_made(any_world):
    for _ in range(2):
        any_world.ticket()
    seats = [(Seat(any_world, "Gus"), "ACME-1", "ACME-2"), (Seat(any_world, "Linh"), "ACME-2", "ACME-1")]
    with ThreadPoolExecutor(2) as pool:
        codes = pool.map(lambda s: s[0].post(f"/tickets/{s[1]}/relations", other=s[2]).status_code, seats)
        assert list(codes) == [303, 303]
    with any_world.inside():
        assert any_world.count(TicketRelation) == 1


@on_postgresql
def test_TKT_013_of_two_who_end_a_link_at_once_one_does(world, pair):
    link(world, "ACME-1", "ACME-2")
    with world.inside():
        relation_id = world.one(TicketRelation).id
    linh, codes = Seat(world, "Linh"), []

    def end() -> None:
        codes.append(linh.post(f"/tickets/ACME-2/relations/{relation_id}/removal").status_code)

    with beside(world, end):
        gus = world.user("Gus")
        Ticket.find_two("ACME-1", "ACME-2", gus)
        world.one(TicketRelation).unrelate(by=gus)
    assert codes == [303]
    with world.inside():
        ended = [[e.name for e in events_of(i) if e.name == "ticket.unrelated"] for i in pair]
        assert ended == [["ticket.unrelated"]] * 2


@pytest.mark.parametrize("other,code", [
    ("ACME-1", 409), ("", 422), (" \n ", 422), ("ACME-9", 404), ("GLOB-1", 404), ("1", 404), ("9" * 30, 404),
    ("A" * 1_000_000, 404), ("<i>", 404), ("=?utf-8?q?x?=", 404), ("ＡＣＭＥ-2", 404), ("📎", 404),
])  # fmt: skip
def test_TKT_013_bad_numbers_are_refused(world, pair, other, code):
    world.ticket(by="Cyd")
    assert link(world, "ACME-1", other) == code
    with world.inside():
        assert world.count(TicketRelation) == 0


def test_Q_1_tickets_of_two_stores_are_not_linked(world, pair):
    with world.inside():
        shop = world.one(Merchant, prefix="BETA")
        customer = Customer.find_or_create(shop, email="bea@mail.example", name="Bea B", language="en")
        Ticket.create(shop, customer, Opening("Here", "Too."), by=customer)
    assert link(world, "ACME-1", "BETA-1", "Mai") == 409


def test_TKT_012_a_deleted_ticket_is_not_shown_and_not_linked(world, pair):
    link(world, "ACME-1", "ACME-2")
    Seat(world, "Mai").post("/tickets/ACME-2/deletion")
    assert shown(world, "ACME-1") == []
    assert link(world, "ACME-1", "ACME-2") == 404
    Seat(world, "Mai").post("/tickets/ACME-2/restoration")
    assert shown(world, "ACME-1") == [("ACME-2", "linked")]


def test_Q_2_a_link_of_other_tickets_is_not_found(world, pair):
    world.ticket()
    link(world, "ACME-1", "ACME-2")
    gus = Seat(world, "Gus")
    with world.inside():
        relation = world.one(TicketRelation).id
    for number, id in (("ACME-3", relation), ("ACME-1", 99), ("ACME-1", "9" * 30), ("ACME-1", "x")):
        assert gus.post(f"/tickets/{number}/relations/{id}/removal").status_code == 404


def test_the_answer_is_the_list_alone(world, pair):
    answer = Seat(world, "Gus").post("/tickets/ACME-1/relations", htmx=True, other="ACME-2")
    assert [row["data-relation"] for row in read(answer).with_attribute("data-how")] == ["ACME-2"]


def test_TKT_009_agents_see_what_follows_and_what_is_followed(world, pair):
    with world.inside():
        first = Ticket.for_deed(pair[0])
        first.close(by=world.user("Mai"), reason="withdrawn")
        first.follow_up("Again.", by=first.customer)
    assert shown(world, "ACME-1") == [("ACME-3", "followed")]
    assert shown(world, "ACME-3") == [("ACME-1", "follows")]
