"""TKT-014, Q-1: a search stays within what its searcher may see, page by page, whatever is typed."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.message import Message
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.ticket import Ticket
from tests.desk.search_pages import numbers, other_shop
from tests.support.databases import both_databases
from tests.support.page import read
from tests.support.seat import Seat, at_work

# Who sees what ---------------------------------------------------------------------------------------------------


@both_databases
def test_Q_1_a_search_finds_nothing_of_others(world):
    mine = world.ticket("Zeppelin of Bea")
    world.ticket("Zeppelin of Cyd", by="Cyd")
    other_shop(world, "Zeppelin of Bo")
    with world.inside():
        beta, gus = world.one(Merchant, prefix="BETA"), world.user("Gus")
        world.one(Membership, user_id=gus.id, merchant_id=beta.id).deleted_at = clock.now()
    assert numbers(world, "zeppelin") == ["ACME-1"]
    assert numbers(world, "zeppelin", "Mai") == ["BETA-1", "ACME-1"]
    assert numbers(world, "zeppelin", "Gil") == ["GLOB-1"]
    with world.inside():
        Ticket.for_deed(mine).deleted_at = clock.now()
    assert numbers(world, "zeppelin") == []
    assert numbers(world, "zeppelin", "Mai") == ["BETA-1"]


def test_Q_1_who_has_no_merchant_finds_nothing(world):
    world.ticket("Zeppelin")
    with world.inside():
        for link in db.session.scalars(select(Membership).where(Membership.user_id == world.user("Gus").id)):
            link.deleted_at = clock.now()
    assert numbers(world, "zeppelin") == []


@both_databases
def test_TKT_014_what_cannot_be_read_any_more_makes_no_hit(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        note = ticket.note("A zeppelin.", by=me)
        held = Message.write(ticket, "agent_reply", "A submarine.", by=me)
        note.deleted_at = held.held_until = clock.now()
    assert numbers(world, "zeppelin") == numbers(world, "submarine") == []
    with at_work(world, made) as (ticket, me):
        world.one(Message, id=held.id).held_until = None
    assert numbers(world, "submarine") == ["ACME-1"]
    with at_work(world, made) as (ticket, me):
        before = world.one(SearchDocument).words
        SearchDocument.rebuild(ticket)
        assert before - world.one(SearchDocument).words == {"zeppelin"}


def test_the_customers_side_has_no_search(world, client):
    made = world.ticket()
    client.get(world.link(made))
    assert client.get("/search", query_string={"q": "order"}).status_code == 302
    assert "/search" not in client.get(f"/requests/{made}").text


# Filters, pages, odd questions -----------------------------------------------------------------------------------


def test_TKT_014_the_queues_filters_narrow_a_search(world):
    first = world.ticket("Zeppelin one", priority="HIGH")
    world.ticket("Zeppelin two")
    with at_work(world, first) as (ticket, me):
        ticket.take(by=me)
        mine = str(me.id)
    assert numbers(world, "zeppelin", priority="HIGH") == ["ACME-1"]
    assert numbers(world, "zeppelin", status="OPEN") == ["ACME-2"]
    assert numbers(world, "zeppelin", assignee=mine) == ["ACME-1"]
    assert numbers(world, "zeppelin", assignee="me", status="CLOSED") == []
    page = Seat(world, "Gus").get("/search", q="zeppelin", status="CLOSED").text
    assert 'href="/search?q=zeppelin"' in page
    assert "without filters" in page
    assert numbers(world, "zeppelin", status="NONSENSE") == []


@both_databases
def test_TKT_014_pages_follow_each_other_without_gaps(world):
    for number in range(30):
        world.ticket("Hóa đơn" if number % 2 else "Hoa don")
    seat, path, found = Seat(world, "Gus"), "/search?q=hoa+don", []
    for _ in range(3):
        page = read(seat.get(path).text)
        found += [element["data-ticket"] for element in page.all("li", class_="hit")]
        path = next((link["href"] for link in page.all("a", rel="next")), None)
        if path is None:
            break
    assert found == [f"ACME-{n}" for n in [*range(29, 0, -2), *range(30, 0, -2)]]


ODD = (
    *(
        "",
        " ",
        '"',
        "*",
        "a*",
        "NEAR(a b)",
        "a NEAR b",
        "AND",
        "OR OR",
        "NOT",
        "(",
        ")",
        "'",
        "''",
        "\\",
        ":",
        "a:b",
    ),
    *(
        "-a",
        "^a",
        "&",
        "|",
        "!",
        "<->",
        "a:*",
        "a & !b",
        "%",
        "_",
        "__o1",
        "__m1",
        "😀",
        "😀😀 🚀",
        "\x00",
        "a\x00b",
    ),
    *(
        "\u202eabc",
        "ﬁ",
        "İI",
        "ß",
        "words:a",
        "rowid:1",
        "{words}: a",
        "column : a",
        "ACME-0",
        "ACME-999999999999",
    ),
    *("#", "1" * 30, "\ud800", "ก็", "हिन्दी", "日本語"),
)
ODD_CURSORS = (
    {"after": "x"}, {"after": "exact-"}, {"after": "folded-" + "9" * 30}, {"after": "exact-5", "status": "x" * 999},
)  # fmt: skip


@both_databases
def test_TKT_014_whatever_is_typed_is_answered(world):
    world.ticket("Plain words", body="Zzz.")
    seat = Seat(world, "Gus")
    for question in (*ODD, "a" * 1_000_000, " ".join(f"w{n}" for n in range(300)), "\u0301" * 300):
        answer = seat.client.get("/search", query_string={"q": question.encode("utf-8", "surrogatepass")})
        assert answer.status_code == 200, question[:50]
        assert "data-ticket" not in answer.text, question[:50]
    for more in (
        {"after": "x"},
        {"after": "exact-"},
        {"after": "folded-" + "9" * 30},
        {"after": "exact-5", "status": "x" * 999},
    ):
        assert seat.get("/search", q="plain", **more).status_code == 200


@both_databases
def test_TKT_014_words_of_other_scripts_and_signs_are_found(world):
    world.ticket("हिन्दी ก็ 日本語 ﬁne straße İstanbul")
    for question in ("हिन्दी", "ก็", "日本", "ﬁne", "straße", "istanbul", "İSTANBUL"):
        assert numbers(world, question) == ["ACME-1"], question


@both_databases
def test_TKT_014_a_thread_with_a_million_words_is_still_one_document(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        ticket.note(" ".join(f"ệ{n:x}ệ" for n in range(150_000)), by=me)
        ticket.note("Zeppelin", by=me)
        SearchDocument.rebuild(ticket)
    assert numbers(world, "zeppelin") == ["ACME-1"]
