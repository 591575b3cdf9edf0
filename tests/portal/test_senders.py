"""Who says that he is a customer: on the shop's word, on the word of the mailed link, or on nobody's (Q-2)."""

from __future__ import annotations

import pytest

from helpdesk.accounts.customer import Customer
from helpdesk.assignment.facts import Facts
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_form import opened
from tests.portal.test_vouched import OWN, token
from tests.portal.test_vouched import opened as opened_with
from tests.support.page import form, read

SPOOF = {
    "name": "Somebody Else", "email": "BEA@mail.example", "phone": "0999 888 777", "subject": "Change my address",
    "description": "Please send it to me.", "order": "DH-1",
}  # fmt: skip


@pytest.fixture
def bea(world):
    """A customer with a name, a number and a history; her earlier ticket."""
    with world.inside():
        customer = world.customer("Bea")
        customer.is_vip, customer.external_id = True, "C-7"
    made = world.ticket("An earlier one")
    world.run_reactions()
    return made


def spoofed(world, client):
    """What anybody can send under her address; the id of the ticket."""
    assert opened(client, query="lang=en").send(client, **SPOOF).status_code == 303
    world.run_reactions()
    with world.inside():
        return world.one(Ticket, subject=SPOOF["subject"]).id


def aside(answer):
    return next(iter(read(answer).with_attribute("data-sender")))


def test_Q_2_an_unverified_form_changes_nothing_about_a_known_customer(world, client, bea):
    made = spoofed(world, client)
    with world.inside():
        customer = world.one(Customer, email="bea@mail.example")
        assert (customer.name, customer.phone, customer.external_id, customer.is_vip) == (
            "Bea",
            None,
            "C-7",
            True,
        )
        assert world.count(Event, name="customer.changed") == 0
        assert world.one(Message, ticket_id=made, kind="comment").author_name == "Somebody Else"


def test_Q_2_an_unverified_sender_is_nobody_to_the_desk(world, client, bea):
    made = spoofed(world, client)
    page = world.sign_in("Gus").get("/tickets/ACME-2")
    card = aside(page)
    assert card["data-sender"] == "none"
    assert "Unverified" in card.text
    assert "Somebody Else" in card.text
    for known in ("VIP", "C-7", "ACME-1", "Other tickets"):
        assert known not in card.text, known
    assert "ACME-2" not in aside(world.sign_in("Gus").get("/tickets/ACME-1")).text
    assert "Somebody Else" in world.sign_in("Gus").get("/queue/all").text
    with world.inside():
        facts = Facts.of(Ticket.for_deed(made))
        assert (facts.is_vip, facts.customer_id) == (False, None), (
            "no rule prefers him, no agent of hers is asked"
        )
        assert world.count(Escalation, ticket_id=made) == 0
        assert world.count(Escalation, ticket_id=bea) == 1, "the VIP's own is noticed"


def test_A4_what_else_a_customer_asked_is_called_so_whether_it_was_earlier_or_later(world):
    for subject in ("First", "Second", "Third"):
        world.ticket(subject)
    desk = world.sign_in("Gus")
    card = aside(desk.get("/tickets/ACME-2?lang=en"))
    assert [each.text for each in card.all("a", href="/tickets/ACME-3")], "a later one stands there, too"
    assert [each.text for each in card.all("a", href="/tickets/ACME-1")]
    assert "Other tickets" in card.text
    assert "Earlier" not in card.text


def test_Q_2_opening_the_link_is_no_proof_but_the_first_deed_is(world, client, bea):
    made = spoofed(world, client)
    client.get(world.link(made))
    page = client.get(f"/requests/{made}")
    assert aside(world.sign_in("Gus").get("/tickets/ACME-2"))["data-sender"] == "none", (
        "a scanner does that too"
    )
    assert form(page, "/sender").send(client).status_code == 303
    world.run_reactions()
    card = aside(world.sign_in("Gus").get("/tickets/ACME-2"))
    assert card["data-sender"] == "mail"
    assert "Verified by email" in card.text
    for known in ("VIP", "C-7", "ACME-1", "Bea"):
        assert known in card.text, known
    assert "ACME-2" in aside(world.sign_in("Gus").get("/tickets/ACME-1")).text
    with world.inside():
        assert world.count(Escalation, ticket_id=made) == 1, "now it is a VIP's"
        assert world.count(Event, name="customer.confirmed", ticket_id=made) == 1
        assert Facts.of(Ticket.for_deed(made)).is_vip
    asked = [one for one in read(client.get(f"/requests/{made}")).all("form") if "/sender" in one["action"]]
    assert asked == [], "he is not asked again"


def test_Q_2_an_answer_on_the_page_proves_it_too_and_twice_is_quiet(world, client, bea):
    made = spoofed(world, client)
    client.get(world.link(made))
    page = client.get(f"/requests/{made}")
    for body in ("One more thing.", "And another."):
        assert form(page, "/replies").send(client, body=body).status_code == 303
    with world.inside():
        assert world.one(Ticket, id=made).sender_proof == "mail"
        assert world.count(Event, name="customer.confirmed", ticket_id=made) == 1
        assert world.one(Customer, email="bea@mail.example").phone == "0999 888 777", (
            "said by whoever has her post"
        )


def test_Q_1_nobody_proves_somebody_elses_request(world, client, bea):
    made = spoofed(world, client)
    client.get(world.link(bea))
    deed = form(client.get(f"/requests/{bea}"), "/leaving")
    deed.action = f"/requests/{made}/sender"
    assert deed.send(client).status_code == 404
    with world.inside():
        assert world.one(Ticket, id=made).sender_proof == "none"


def test_TKT_014_an_unverified_request_is_found_by_what_was_typed(world, client, bea):
    spoofed(world, client)
    gus = world.sign_in("Gus")
    assert "ACME-2" in gus.get("/search?q=Somebody Else").text
    assert "ACME-2" in gus.get("/search?q=0999888777").text
    assert "ACME-2" not in gus.get("/search?q=C-7").text
    assert "ACME-1" in gus.get("/search?q=C-7").text


def test_TKT_002_the_shops_word_is_told_from_the_visitors(world, client, bea):
    form(opened_with(client, token(order={"id": "DH-9", "total": "12 €"})), "/embed/").send(
        client, subject="Hello", description="Here."
    )
    card = aside(world.sign_in("Gus").get("/tickets/ACME-2"))
    assert card["data-sender"] == "shop"
    assert "Verified by the store" in card.text
    assert "Signed by the store" in card.text
    form(opened_with(client, token(jti="two")), "/embed/").send(
        client, subject="Again", description="Here.", order="DH-1"
    )
    card = aside(world.sign_in("Gus").get("/tickets/ACME-3"))
    assert card["data-sender"] == "shop"
    assert "Said by the visitor" in card.text, "the token said nothing of an order"


def facts(answer, which):
    """What stands on the customer's card as signed, or as said."""
    found = aside(answer).with_attribute("data-facts")
    return " ".join(one.text for one in found if one["data-facts"] == which)


def test_Q_2_under_the_shops_word_stands_nothing_that_was_typed(world, client):
    new = token(email="new@mail.example", external_id="C-9")
    form(opened_with(client, new), "/embed/").send(
        client, subject="Hello", description="Here.", phone="0912 345 678"
    )
    card = world.sign_in("Gus").get("/tickets/ACME-1?lang=en")
    assert facts(card, "signed") == "Email new@mail.example Customer number C-9 Name Bea Trần"
    assert facts(card, "said") == "Phone 0912 345 678"
    words = aside(card).text
    assert words.index("Verified by the store") < words.index("new@mail") < words.index("Said by the visitor")
    assert words.index("Said by the visitor") < words.index("0912 345 678")


def test_Q_2_a_name_that_the_shop_does_not_say_is_said_by_the_visitor(world, client):
    form(opened_with(client, token(name=None, email="new@mail.example")), "/embed/").send(
        client, subject="Hello", description="Here.", name="Nobody Knows"
    )
    card = world.sign_in("Gus").get("/tickets/ACME-1?lang=en")
    assert facts(card, "signed") == "Email new@mail.example"
    assert facts(card, "said") == "Name Nobody Knows"


def test_TKT_011_an_order_that_was_typed_is_marked_as_typed(world, client):
    spoofed(world, client)
    card = aside(world.sign_in("Gus").get("/tickets/ACME-1"))
    assert (
        next(iter(read(world.sign_in("Gus").get("/tickets/ACME-1")).with_attribute("data-order")))[
            "data-order"
        ]
        == "said"
    )
    assert "Said by the visitor" in card.text


def test_TKT_003_what_staff_open_needs_no_proof(world):
    world.ticket()
    card = aside(world.sign_in("Gus").get("/tickets/ACME-1"))
    assert card["data-sender"] == ""
    assert "nverified" not in card.text


def typed(answer):
    """What an agent reads that the form said otherwise."""
    return [one.text.strip() for one in read(answer).with_attribute("data-typed")]


def test_Q_2_what_was_typed_otherwise_is_noted_beside_it_for_agents_alone(world, client, bea):
    with world.inside():
        world.customer("Bea").phone = "0911 111 111"
    made = spoofed(world, client)
    gus = world.sign_in("Gus")
    assert typed(gus.get("/tickets/ACME-2")) == [], "nobody vouches: all of it is only typed"
    client.get(world.link(made))
    form(client.get(f"/requests/{made}"), "/sender").send(client)
    page = gus.get("/tickets/ACME-2?lang=en")
    assert typed(page) == ["The form says otherwise: Somebody Else, 0999 888 777."]
    assert "Bea" in aside(page).text
    shown = client.get(f"/requests/{made}?lang=en")
    assert typed(shown) == []
    assert "says otherwise" not in shown.text
    assert "0911 111 111" not in shown.text
    assert "0999 888 777" not in shown.text
    assert typed(gus.get("/tickets/ACME-1")) == []


def test_Q_2_beside_the_shops_word_what_was_typed_is_noted_too(world, client, bea):
    vouched = token(name=None, email="bea@mail.example")
    form(opened_with(client, vouched), "/embed/").send(
        client, subject="Hello", description="Here.", name="Bea T.", phone="0999 888 777"
    )
    card = world.sign_in("Gus").get("/tickets/ACME-2?lang=en")
    assert aside(card)["data-sender"] == "shop"
    assert typed(card) == ["The form says otherwise: Bea T.."], "her number was not known: it is now"


AUDIENCES = {
    "this form": ("form-acme", True), "this form among others": (["x", "form-acme"], True),
    "this installation": ("http://127.0.0.1:8000", True), "the other form": ("form-beta", False),
    "nobody": ("", False), "a number": (7, False), "an empty list": ([], False),
}  # fmt: skip


@pytest.mark.parametrize("audience", AUDIENCES)
def test_Q_2_a_token_for_somebody_else_vouches_for_nobody(client, audience):
    meant, good = AUDIENCES[audience]
    said = opened_with(client, token(aud=meant, secret=OWN)).text
    assert ("could not verify" not in said) == good
