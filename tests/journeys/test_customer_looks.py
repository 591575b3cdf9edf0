"""ux 8: 1, 15: every page of the customers' side, in every state, without a flaw for whoever looks at it.

Each is looked at in two opposite ways; with HELPDESK_LOOKS=all, as `make looks` does, in all eight.
"""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import count

import pytest
from flask import abort, request
from playwright.sync_api import Browser, expect

from helpdesk.core import clock
from helpdesk.core.access import allow, anyone
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.organizers.form_key import FormKey
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.sender import UNPROVEN, Sender
from helpdesk.tickets.ticket import Ticket
from tests.portal.test_errors import CODES
from tests.portal.test_form import GIVEN, opened
from tests.support.live_server import LiveServer
from tests.support.looks import ALL, Look, Looker
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

TURNS = count()


def looks() -> tuple[Look, ...]:
    """In what ways the next page is looked at."""
    if os.environ.get("HELPDESK_LOOKS") == "all":
        return ALL
    n = next(TURNS) % 4
    return ALL[n], ALL[7 - n]


def resolved(world: World, ticket: Ticket) -> None:
    ticket.reply("We send a **new** one.\n\n- today\n- by post", by=world.user("Gus"))
    ticket.resolve(by=world.user("Gus"), note_en="Sent.", note_vi="Đã gửi.")


def closed(world: World, ticket: Ticket) -> None:
    resolved(world, ticket)
    ticket.confirm(by=ticket.customer, rating=4)


def merged(world: World, ticket: Ticket) -> None:
    other = world.one(Ticket, number="ACME-1")
    ticket.merge_into(other, by=world.user("Mai"))


def escalated(world: World, ticket: Ticket) -> None:
    Escalation.raise_by_customer(ticket, "It takes too long.", by=ticket.customer)


STATES = {
    "open": lambda world, ticket: None,
    "waiting": lambda world, ticket: ticket.reply("Which one?", by=world.user("Gus"), then=Status.WAITING_USER),
    "escalated": escalated,
    "resolved": resolved,
    "closed": closed,
    "spam": lambda world, ticket: ticket.close(by=world.user("Mai"), reason="spam"),
    "merged": merged,
}  # fmt: skip


def in_state(world: World, name: str) -> tuple[str, str]:
    """A request in a state: its page, and the cookie for it."""
    world.ticket("The one that goes on")
    with world.inside():
        bea = world.customer("Bea")
        sender = Sender(bea, UNPROVEN, "Bea", "") if name == "open" else None
    made = world.ticket(
        "Where is my very long order number DH-10042-AAAA-BBBB?", sender=sender, order={"id": "DH-10042"}
    )
    with world.inside():
        ticket = Ticket.for_deed(made)
        STATES[name](world, ticket)
        db.session.flush()
        return f"/requests/{made}", f"request={CustomerLink.of(ticket).cookie}"


@pytest.mark.parametrize("state", STATES)
def test_ux_8_1_a_request_in_each_state_has_no_flaw(
    state: str, browser: Browser, server: LiveServer, world: World
) -> None:
    path, cookie = in_state(world, state)
    looker = Looker(browser, server.origin, cookie)
    assert looker.flaws(path, *looks()) == []
    assert (looker.status, looker.address) == (200, path)
    assert "ACME-2" in looker.page.locator("body").inner_text()


def test_ux_8_1_the_form_and_what_comes_after_it_have_no_flaw(
    browser: Browser, server: LiveServer, world: World
) -> None:
    client = world.app.test_client()
    thanks = opened(client).send(client, **GIVEN).headers["Location"].split("?")[0]
    link = world.link(world.ticket())
    with world.inside():
        world.one(CustomerLink).expires_at = clock.now() - timedelta(seconds=1)
    looker = Looker(browser, server.origin)
    found = [flaw for path in ("/embed/form-acme", thanks, link, "/find", "/find?sent=1", "/left")
             for flaw in looker.flaws(path, *looks())]  # fmt: skip
    found += looker.flaws(
        "/embed/form-acme", *looks(), opened="#request-form button[type=submit]", shows="#errors"
    )
    found += looker.flaws(
        "/find", *looks(), opened="form[action='/find'] button[type=submit]", shows=".field-error"
    )
    with world.inside():
        world.one(FormKey, key="form-acme").is_on = False
    assert found + looker.flaws("/embed/form-acme", *looks()) == []


def test_ux_8_1_errors_have_no_flaw(browser: Browser, app, server: LiveServer) -> None:
    app.add_url_rule("/fails", "portal.fails", allow(anyone)(lambda: abort(int(request.args["code"]))))
    looker = Looker(browser, server.origin)
    for code in CODES:
        assert looker.flaws(f"/fails?code={code}", *looks()) == []
        assert looker.status == code


def test_ux_8_21_the_language_switch_keeps_what_was_begun(
    browser: Browser, server: LiveServer, world: World
) -> None:
    path, cookie = in_state(world, "waiting")
    looker = Looker(browser, server.origin, cookie)
    looker.show(path, "en")
    looker.page.locator("form[data-composer] textarea").type("The blue")
    looker.page.locator("form.language button").click()
    looker.page.wait_for_load_state()
    expect(looker.page.locator("html")).to_have_attribute("lang", "vi")
    expect(looker.page.locator("form[data-composer] textarea")).to_have_value("The blue")


def test_ux_8_42_print_says_which_request_and_when(
    browser: Browser, server: LiveServer, world: World
) -> None:
    path, cookie = in_state(world, "resolved")
    page = Looker(browser, server.origin, cookie).page
    page.goto(f"{server.origin}{path}?lang=en")
    buttons = page.locator("button:visible, summary.button:visible")
    assert buttons.count() > 1
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert "ACME-2" in shown
    assert "Printed" in shown
    assert "(" in page.locator("dd.print-only").inner_text(), "with its zone"
    expect(buttons).to_have_count(0)
