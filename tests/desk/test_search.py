"""TKT-014: an agent finds tickets by number, words and customer, whatever the accents, within what he may see."""

from __future__ import annotations

import unicodedata
from io import BytesIO

import pytest

from helpdesk.core import storage
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.search_document import NEWEST, SearchDocument
from helpdesk.tickets.ticket import Ticket
from tests.desk.search_pages import hits, marks, numbers, other_shop
from tests.support.databases import both_databases
from tests.support.seat import Seat, at_work

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
        SearchDocument.rebuild_of(ticket.customer_id, NEWEST)
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
    assert numbers(world, "red réd RED bicycle") == ["ACME-1"]


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
