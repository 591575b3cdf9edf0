"""What a test reads off the queue's pages."""

from __future__ import annotations

from helpdesk.accounts.customer import Customer
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.ticket import Opening, Ticket
from tests.support.page import Element, read
from tests.support.seat import Seat
from tests.support.world import World


def numbers(page: Element) -> list[str]:
    """The tickets of the rows, in their order."""
    return [row["data-ticket"] for row in page.all("tr") if "data-ticket" in row.attributes]


def link(page: Element, rel: str) -> str | None:
    """Where the pager leads: `next` or `prev`."""
    return next((a["href"] for a in page.all("a", rel=rel)), None)


def in_view(seat: Seat, view: str, **query: str) -> set[str]:
    """The tickets of a view's first page."""
    answer = seat.client.get(f"/queue/{view}", query_string=query, follow_redirects=True)
    found = numbers(read(answer))
    assert len(found) == len(set(found))
    return set(found)


def counts(seat: Seat) -> dict[str, str]:
    """View → the number beside it."""
    page = read(seat.get("/queue"))
    return {e["id"].removeprefix("nav-"): e.text for e in page.all("span", class_="count") if e.text}


def many(world: World, howmany: int, prefix: str = "ACME", **opening: str) -> None:
    """Tickets of one customer, in one transaction."""
    with world.inside():
        merchant = world.one(Merchant, prefix=prefix)
        eve = Customer.find_or_create(merchant, email="eve@mail.example", name="Eve", language="en")
        for n in range(howmany):
            Ticket.create(merchant, eve, Opening(f"Question {n}", "Well?", **opening), by=eve)
