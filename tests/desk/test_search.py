"""TKT-014: an agent finds tickets by number, words and customer, whatever the accents, within what he may see."""

from __future__ import annotations

import unicodedata
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import Membership
from helpdesk.core import clock, storage
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.message import Message
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.ticket import Opening, Ticket
from tests.support.databases import both_databases
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work


def hits(world, question: str, name: str = "Gus", **more: str) -> list[Element]:
    answer = Seat(world, name).get("/search", q=question, **more)
    assert answer.status_code == 200, (question, answer.status_code, answer.headers.get("Location"))
    return [element for element in read(answer.text).all("li") if element.attributes.get("class") == "hit"]


def numbers(world, question: str, name: str = "Gus", **more: str) -> list[str]:
    return [hit["data-ticket"] for hit in hits(world, question, name, **more)]


def marks(hit: Element) -> list[str]:
    return [mark.text for mark in hit.all("mark")]


def other_shop(world, subject: str) -> str:
    """A ticket of BETA; its number."""
    with world.inside():
        beta = world.one(Merchant, prefix="BETA")
        customer = Customer.find_or_create(beta, email="b@mail.example", name="Bo", language="en")
        return Ticket.create(beta, customer, Opening(subject=subject, body="x"), by=customer).number


# Accents ------------------------------------------------------------------------------------------------------

NAMES = (
    "dang quoc an",
    "Đặng Quốc Ấn",
    unicodedata.normalize("NFD", "Đặng Quốc Ấn"),
    "ĐẶNG QUỐC ẤN",
    "DANG QUOC AN",
)


@both_databases
def test_TKT_014_a_name_is_found_however_it_is_typed_and_the_exact_spelling_comes_first(world):
    world.ticket("Đơn của Đặng Quốc Ấn")
    world.ticket("Order of dang quoc an")
    world.ticket("Đơn của đặng quốc an")
    for question in NAMES:
        found = numbers(world, question)
        assert sorted(found) == ["ACME-1", "ACME-2", "ACME-3"], question
        exact = "ACME-2" if question.isascii() else "ACME-1"
        assert found[0] == exact, question
    assert numbers(world, "đặng quốc an")[0] == "ACME-3"


@both_databases
def test_TKT_014_hoa_don_finds_hóa_đơn_and_marks_its_letters(world):
    world.ticket("Xuất hóa đơn", body="Cho tôi hoá đơn của công ty.")
    (hit,) = hits(world, "hoa don")
    assert marks(hit) == ["hóa", "đơn", "hoá", "đơn"]


def test_TKT_014_marks_stand_on_the_right_letters_of_decomposed_text(world):
    made = world.ticket()
    with world.inside():
        Ticket.for_deed(made).subject = unicodedata.normalize("NFD", "Áo của Ấn <b> & Đặng")
        SearchDocument.rebuild(Ticket.for_deed(made))
    (hit,) = hits(world, "dang an")
    assert marks(hit) == ["Ấn", "Đặng"]
    assert "Áo của Ấn <b> & Đặng" in hit.text


def test_TKT_014_of_a_longer_word_its_beginning_is_marked(world):
    world.ticket("Hoàng muốn đổi trả")
    (hit,) = hits(world, "hoa")
    assert marks(hit) == ["Hoà"]
    assert next(hit.all("h2")).text.replace(" ", "").startswith("Hoàng")


# What is looked through -----------------------------------------------------------------------------------------


EVERYWHERE = (
    "wrong", "tight", "DH-2024/77", "another", "kindly", "reseller", "informed", "Bea", "bea@mail.example",
    "0912345678", "+84912345678", "0912 345 678", "khach-0815", "parcel.png", "jacket reseller Bea",
)  # fmt: skip


@both_databases
def test_TKT_014_words_of_every_kind_are_found(world):
    with world.app.app_context():
        file = Upload("parcel.png", "text/plain", *storage.keep(BytesIO(b"x"), most_bytes=1))
    made = world.ticket(
        "Wrong size", body="The jacket is **tight**.", order={"id": "DH-2024/77"}, files=[file]
    )
    with at_work(world, made) as (ticket, me):
        ticket.customer.phone, ticket.customer.external_id = "+84 912 345 678", "khach-0815"
        ticket.reply("We send another one.", by=me)
        ticket.hear("Thank you kindly.", by=ticket.customer)
        ticket.note("He is a reseller.", by=me)
        ticket.comment("Warehouse informed.", by=me)
        SearchDocument.rebuild_of(ticket.customer)
    for question in EVERYWHERE:
        assert numbers(world, question) == ["ACME-1"], question
    assert numbers(world, "jacket globe") == []


def test_TKT_014_what_is_said_later_is_found_at_once(world):
    made = world.ticket()
    assert numbers(world, "zeppelin") == []
    with at_work(world, made) as (ticket, me):
        ticket.note("A zeppelin.", by=me)
    assert numbers(world, "zeppelin") == ["ACME-1"]


def test_MSG_003_a_hit_in_a_note_says_that_it_is_one(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, me):
        ticket.note("Secret zeppelin.", by=me)
    (hit,) = hits(world, "zeppelin")
    (excerpt,) = hit.with_attribute("data-kind")
    assert excerpt["data-kind"] == "internal_note"
    assert excerpt.text.startswith("Internal note")


def test_TKT_014_all_words_must_be_there_the_last_as_a_beginning(world):
    world.ticket("Red bicycle")
    world.ticket("Red car")
    assert numbers(world, "red bic") == ["ACME-1"]
    assert numbers(world, "bic red") == []
    assert numbers(world, "red") == ["ACME-2", "ACME-1"]
    assert numbers(world, "r") == []


def test_TKT_014_the_excerpt_is_escaped(world):
    world.ticket("<script>alert(1)</script>", body='<img src=x onerror="alert(1)"> ' + "z" * 3000)
    page = Seat(world, "Gus").get("/search", q="alert").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;<mark>alert</mark>" in page
    assert "<img" not in page


# Numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["ACME-1", "acme-1", "#ACME-1", " acme-1 ", "1", "#1"])
def test_TKT_014_a_number_leads_to_its_ticket(question, world):
    world.ticket()
    answer = Seat(world, "Gus").get("/search", q=question)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tickets/ACME-1")


def test_TKT_014_a_bare_number_that_two_merchants_have_is_searched_for(world):
    world.ticket()
    other_shop(world, "Another")
    assert sorted(numbers(world, "1")) == ["ACME-1", "BETA-1"]


def test_TKT_014_a_number_that_is_not_ones_own_is_only_words(world):
    world.ticket(by="Cyd")
    assert numbers(world, "GLOB-1") == []


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
