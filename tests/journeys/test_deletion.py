"""A ticket is deleted while people look at it: their pages make way at once, and nothing that was written is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.figures import Customer
from tests.journeys.test_main_job import PATIENCE, sign_in
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

WORDS = "We are looking into your parcel"


@pytest.fixture
def product(helpdesk_process: Callable[..., HelpdeskProcess]) -> HelpdeskProcess:
    """With forms that a program may fill in."""
    return helpdesk_process(HELPDESK_RATE_LIMITS="off", HELPDESK_FILL_SECONDS="0")


def link_in(mail: Mailbox) -> str:
    """Where the customer follows his request: in the first mail that he got, whoever else was written to before."""
    body = mail.wait(1, to="deletion-1@example.com", seconds=60)[0].get_body(("plain",))
    found = re.search(r"https?://\S+/t/\S+", body.get_content() if body else "")
    assert found
    return found[0]


def delete(manager: Page) -> None:
    """By the button of the ticket's page."""
    manager.locator("details:has(> form[action^='/tickets/'][action$='/deletion']) > summary").click()
    manager.click("form[action^='/tickets/'][action$='/deletion'] button[type=submit]")
    manager.wait_for_url("**/queue/deleted")


def test_TKT_012_open_pages_of_a_deleted_ticket_make_way(browser: Browser, product: HelpdeskProcess) -> None:
    customer = browser.new_context(locale="en-GB").new_page()
    with closing(Customer(product.address, "deletion")) as sender:
        sender.send(1)
    number = "ACME-1"
    customer.goto(link_in(Mailbox(product.mail_dir)))
    customer.fill("textarea[name=body]", "One more thing")
    agent, manager = (sign_in(browser, product, f"{who}@acme.example") for who in ("gus", "mai"))
    away = agent.context.new_page()
    away.route_web_socket("**/ws*", lambda _: None)  # it hears nothing of what happens
    away.route("**/changes*", lambda route: route.abort())  # and asks in vain, also on a slow machine
    for page in (agent, manager, away):
        page.goto(f"{product.address}/tickets/{number}")
    agent.fill("form.composer-reply textarea", WORDS)
    delete(manager)

    expect(agent.locator("h1")).to_have_text(f"{number} was deleted", timeout=PATIENCE)
    expect(agent.locator("textarea[readonly]:visible")).to_have_value(WORDS)
    expect(agent.locator("#signed-out")).to_be_hidden()
    expect(agent.locator("#thread")).to_have_count(0)
    expect(away.locator("#thread")).to_be_visible()
    away.unroute("**/changes*")
    away.evaluate("document.dispatchEvent(new CustomEvent('live:catch-up'))")
    expect(away.locator("h1")).to_have_text(f"{number} was deleted", timeout=PATIENCE)
    expect(customer.locator(".gone h1")).to_be_visible(timeout=PATIENCE)
    expect(customer.locator("textarea[readonly]:visible")).to_have_value("One more thing")
    expect(customer.locator("#thread, #signed-out")).to_have_count(0)

    manager.click(f"[data-deleted='{number}'] button[type=submit]")
    expect(manager.locator(f"[data-deleted='{number}']")).to_have_count(0)
    agent.reload()
    expect(agent.locator("form.composer-reply textarea")).to_have_value(WORDS)
    customer.reload()
    expect(customer.locator("textarea[name=body]")).to_have_value("One more thing")
