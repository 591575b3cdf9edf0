"""What a page of the search shows: its hits, their numbers, their marks."""

from __future__ import annotations

from helpdesk.accounts.customer import Customer
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Opening, Ticket
from tests.support.page import Element, read
from tests.support.seat import Seat


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
