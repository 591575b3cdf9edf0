"""Q-2 in a real browser: the work asked for by a doubtful form is done in the page; a first sign proves its sender."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from helpdesk.core import clock
from tests.journeys.test_main_job import enter
from tests.support.live_server import serving
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PATIENCE = 60_000
CUSTOMER = "quick.one@mail.example"


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    """Every form comes too fast."""
    return helpdesk_process(HELPDESK_FILL_SECONDS="3000")


def fill(page: Page, address: str) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    said = {"subject": "Late", "description": "Where is it?", "name": "Quick One", "email": CUSTOMER}
    for name, value in said.items():
        page.fill(f"[name={name}]", value)
    page.click("#request-form button[type=submit]")


def test_Q_2_the_work_is_done_in_the_page_and_the_form_sent_by_itself(
    browser: Browser, product: HelpdeskProcess, mail: Mailbox
) -> None:
    customer, agent = (
        browser.new_context(locale="en-GB").new_page(),
        browser.new_context(locale="en-GB").new_page(),
    )
    fill(customer, f"{product.address}/embed/demo-acme?lang=en")
    thanks = customer.locator("#panel[data-ticket]")  # without another click
    expect(thanks).to_be_visible(timeout=PATIENCE)
    number = str(thanks.get_attribute("data-ticket"))

    agent.set_default_timeout(PATIENCE)
    enter(agent, product, "mai@acme.example")
    agent.goto(f"{product.address}/tickets/{number}")
    expect(agent.locator("[data-sender=none]")).to_contain_text("Unverified")
    body = mail.wait(1, to=CUSTOMER, seconds=60)[0].get_body(("plain",))
    assert body
    link = re.search(r"https?://\S+/t/\S+", body.get_content())
    assert link
    customer.goto(link[0])
    expect(customer.locator(".request-sender")).to_be_visible()
    agent.reload()
    expect(agent.locator("[data-sender=none]")).to_be_attached()  # being opened says nothing
    expect(agent.locator("[data-sender=mail]")).to_have_count(0)
    customer.mouse.move(40, 40)
    customer.mouse.move(90, 300)
    expect(customer.locator(".request-sender")).to_be_hidden(timeout=PATIENCE)
    expect(agent.locator("[data-sender=mail]")).to_contain_text("Verified by email", timeout=PATIENCE)


def test_Q_2_without_scripts_the_page_says_what_to_do(
    browser: Browser, make_app: Callable[..., Flask], redis_url: str, world: World
) -> None:
    with serving(make_app(redis_url=redis_url, fill_seconds=3000), world) as server:
        page = browser.new_context(java_script_enabled=False, locale="en-GB").new_page()
        fill(page, f"{server.origin}/embed/form-acme?lang=en")
        expect(page.locator("#errors")).to_contain_text("wait 30 seconds and send it again.")
        assert page.input_value("[name=description]") == "Where is it?"
        clock.travel(60)
        page.click("#request-form button[type=submit]")
        expect(page.locator("#panel[data-ticket]")).to_be_visible()
