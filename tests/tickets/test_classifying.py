"""CAT-001, CAT-003: the category and the tags of a ticket, through its page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import render_template
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.tenancy import enter
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag, TicketTag
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in
from tests.tickets.test_categories import deed, merchant, plant


def test_CAT_001_a_ticket_is_given_another_category(world):
    low = plant(world, "Delivery too", "Late")
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    with world.inside():
        version = world.one(Ticket).version
    sent = gus.post("/tickets/ACME-1/category", category=str(low), version=str(version))
    assert sent.status_code == 303
    assert gus.post("/tickets/ACME-1/category", category="", version=str(version)).status_code == 409
    assert (
        gus.post("/tickets/ACME-1/category", category=str(low)).status_code == 303
    )  # the same: nothing happens
    with world.inside():
        event = events_of(made)[-1]
        assert (event.name, event.data["from"]) == ("ticket.recategorised", None)
        assert event.data["to"]["id"] == low
        assert event.data["to"]["name"]["en"] == "Delivery too › Late"
        assert thread_of(made)[-1].visibility == "internal"
        assert world.one(Ticket).category_id == low
    gus.client.set_cookie("lang", "en")
    assert "set the category to “Delivery too › Late”" in gus.get("/tickets/ACME-1").text


@pytest.mark.parametrize("value,code", [
    ("9" * 30, 400), ("x", 400), ("-1", 400), ("1 or 1=1", 400), ("\x00", 303), ("99999", 404), ("\u202e", 303),
    ("⑦", 400), (None, 400),
])  # fmt: skip
def test_CAT_001_a_category_that_is_none_is_refused(world, value, code):
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    data = {} if value is None else {"category": value}
    assert gus.post("/tickets/ACME-1/category", **data).status_code == code
    with world.inside():
        assert "ticket.recategorised" not in [event.name for event in events_of(made)]


def test_CAT_001_neither_anothers_nor_another_merchants_category_is_taken(world):
    ticket_in(world, "ASSIGNED")
    beta = plant(world, "Only Beta", merchant_ids=[merchant(world, "BETA")])
    archived = plant(world, "Archived")
    deed(world, archived, lambda one, mai: one.archive(by=mai))
    with world.inside("globex"):
        foreign = world.one(Category).id
    gus = Seat(world, "Gus")
    assert gus.post("/tickets/ACME-1/category", category=str(foreign)).status_code == 404
    assert gus.post("/tickets/ACME-1/category", category=str(beta)).status_code == 409
    assert gus.post("/tickets/ACME-1/category", category=str(archived)).status_code == 409
    with world.inside():
        assert world.one(Ticket).category_id is None


def test_CAT_001_a_closed_ticket_keeps_its_category(world):
    made = ticket_in(world, "CLOSED")
    with pytest.raises(Refusal, match="closed ticket"), at_work(world, made) as (ticket, gus):
        ticket.recategorise(world.one(Category, name_en="Payment"), by=gus)


# Tags of a ticket ---------------------------------------------------------------------------------------------


def names_of(world, ticket_id):
    with world.inside():
        return [tag.name for tag in Ticket.for_deed(ticket_id).tags]


def test_CAT_003_tags_are_a_whole_new_set_and_one_event_says_what_changed(world):
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    assert gus.post("/tickets/ACME-1/tags", tags="Đổi  Hàng, vip,, VIP ").status_code == 303
    assert names_of(world, made) == ["vip", "đổi-hàng"]
    assert gus.post("/tickets/ACME-1/tags", tags=["vip", "late, gift"]).status_code == 303
    assert names_of(world, made) == ["gift", "late", "vip"]
    assert (
        gus.post("/tickets/ACME-1/tags", tags="gift,late,vip").status_code == 303
    )  # the same: nothing happens
    with world.inside():
        said = [event.data for event in events_of(made) if event.name == "ticket.tagged"]
        assert said == [
            {"added": ["vip", "đổi-hàng"], "removed": []},
            {"added": ["gift", "late"], "removed": ["đổi-hàng"]},
        ]
        assert thread_of(made)[-1].visibility == "internal"
    assert gus.post("/tickets/ACME-1/tags", tags="đổi hàng").status_code == 303  # its old row is used again
    assert gus.post("/tickets/ACME-1/tags", tags="").status_code == 303
    assert names_of(world, made) == []
    with world.inside():
        assert all(row.removed_at for row in db.session.scalars(select(TicketTag)))


def test_CAT_003_an_outdated_set_is_refused(world):
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    with world.inside():
        seen = str(world.one(Ticket).version)
    assert gus.post("/tickets/ACME-1/tags", tags="a", version=seen).status_code == 303
    assert gus.post("/tickets/ACME-1/tags", tags="b", version=seen).status_code == 409
    assert names_of(world, made) == ["a"]


@pytest.mark.parametrize("sent", ["x" * 41, ",".join(f"t{n}" for n in range(21)), "x" * 1_000_000])
@pytest.mark.parametrize("htmx", [False, True])
def test_CAT_003_what_cannot_be_a_tag_is_said_and_nothing_typed_is_lost(world, sent, htmx):
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    answer = gus.post("/tickets/ACME-1/tags", htmx=htmx, tags=sent)
    assert answer.status_code in (413, 422)
    if htmx and answer.status_code == 422:
        field = next(read(answer).all("input", name="tags"))
        assert field["value"][:20] == sent[:20]
        assert field["aria-invalid"] == "true"
    assert names_of(world, made) == []


@pytest.mark.parametrize("sent,kept", [
    ("\x00", []), ("\u202e\u2066", []), ("   , ,", []), ("e\u0301te\u0301", ["été"]), ("<b>x</b>", ["<b>x</b>"]),
    ("👩‍👧", ["👩‍👧"]), ("a\u200bb", ["ab"]), ("-", []), ("A\tB", ["a-b"]), ("=?utf-8?q?x?=", ["=?utf-8?q?x?="]),
])  # fmt: skip
def test_CAT_003_whatever_is_typed_is_written_in_one_way(world, sent, kept):
    made, gus = ticket_in(world, "ASSIGNED"), Seat(world, "Gus")
    assert gus.post("/tickets/ACME-1/tags", tags=sent).status_code == 303
    assert names_of(world, made) == kept


def test_CAT_003_two_people_who_make_the_same_tag_make_one(any_world):
    world = any_world
    tickets, together = [world.ticket(), world.ticket()], Barrier(2)

    def tag(ticket_id):
        with world.inside():
            together.wait()
            Organizer.lock(shared=True)
            Ticket.for_deed(ticket_id).retag("brand-new, other", by=world.user("Gus"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tag, tickets))
    with world.inside():
        assert world.count(Tag) == 2
        assert world.count(TicketTag) == 4


def test_CAT_003_the_names_come_when_somebody_writes(world):
    ticket_in(world, "ASSIGNED")
    gus = Seat(world, "Gus")
    gus.post("/tickets/ACME-1/tags", tags="late, gift")
    assert [option["value"] for option in read(gus.get("/tags")).all("option")] == ["gift", "late"]
    assert next(read(Seat(world, "Gil").get("/tags")).all("option"), None) is None


def test_CAT_001_the_field_offers_what_the_ticket_can_be_about(world, app):
    beta = plant(world, "Only Beta", merchant_ids=[merchant(world, "BETA")])
    old = plant(world, "Old")
    made = ticket_in(world, "ASSIGNED", category_id=old)
    deed(world, old, lambda one, mai: one.archive(by=mai))
    with world.inside(), app.test_request_context("/?lang=vi"):
        enter(world.organizers["acme"])
        html = render_template("tickets/_category_field.html", ticket=Ticket.for_deed(made))
    options = list(read(html).all("option"))
    assert [option.text for option in options] == ["Không có danh mục", "Giao hàng", "Thanh toán", "Old"]
    assert [option["value"] for option in options if "selected" in option.attributes] == [str(old)]
    assert str(beta) not in [option["value"] for option in options]


@pytest.mark.parametrize("names", ["", "gift, vip"])
def test_CAT_003_the_field_shows_the_tags_as_chips_and_as_text(world, app, names):
    made = ticket_in(world, "ASSIGNED")
    Seat(world, "Gus").post("/tickets/ACME-1/tags", tags=names)
    with world.inside(), app.test_request_context("/"):
        enter(world.organizers["acme"])
        html = read(render_template("tickets/_tags_field.html", ticket=Ticket.for_deed(made)))
    assert next(html.all("input", name="tags"))["value"] == names
    assert ", ".join(chip.text for chip in html.all("li")) == names
