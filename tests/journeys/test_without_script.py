"""The whole main job with JavaScript switched off: forms, links and reloading instead of live pages."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

CUSTOMER = "bea.plain@mail.example"


def plain(browser: Browser, locale: str) -> Page:
    """A page of somebody whose browser runs no script."""
    page = browser.new_context(java_script_enabled=False, locale=locale).new_page()
    page.set_default_timeout(60_000)
    return page


def write_to_the_shop(page: Page, product: HelpdeskProcess) -> str:
    """From the shop's page by a plain link to the form; the number on the thank-you."""
    page.goto(f"{product.shop}/dev/shop?lang=vi")
    page.goto(page.locator("noscript a").first.get_attribute("href") or "")
    page.fill("[name=subject]", "Đơn hàng chưa tới")
    page.fill("[name=name]", "Bea")
    page.fill("[name=email]", CUSTOMER)
    page.click("#request-form button[type=submit]")  # without a description: the form comes back
    assert page.input_value("[name=subject]") == "Đơn hàng chưa tới"
    page.fill("[name=description]", "Đã năm ngày rồi.")
    time.sleep(2.1)
    page.click("#request-form button[type=submit]")
    return str(page.locator("[data-ticket]").get_attribute("data-ticket"))


def sends(page: Page, button: str) -> None:
    """Press a button and wait for the page that answers: who reloads before that may stop what he has sent."""
    with page.expect_navigation():
        page.click(button)


def shows(page: Page, number: str, status: str) -> None:
    """After a reload, as nothing is live here."""
    page.reload()
    expect(page.locator(f"[data-ticket='{number}'][data-status='{status}']").first).to_be_attached()


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    return helpdesk_process()


def test_the_main_job_works_without_script(browser: Browser, product: HelpdeskProcess, mail: Mailbox) -> None:
    customer, agent = plain(browser, "vi-VN"), plain(browser, "en-GB")
    number = write_to_the_shop(customer, product)
    Operator(product).wait_for(number, "ticket.assigned")
    agent.goto(f"{product.address}/login")
    agent.fill("[name=email]", "gus@acme.example")
    agent.fill("[name=password]", "demo-helpdesk")
    agent.click("button[type=submit]:has-text('Sign in')")
    agent.click(f"tr[data-ticket='{number}'] a")
    agent.click("form.composer-reply button[type=submit]")  # nothing written: the page comes back and says so
    expect(agent.locator("form.composer-reply .field-error:not([hidden])")).to_be_visible()
    agent.fill("form.composer-reply textarea", "Hàng đang trên đường.")
    agent.click("form.composer-reply button[type=submit]")
    sends(agent, "li[data-held] form[action$=release] button")
    shows(agent, number, "WAITING_USER")
    expect(agent.locator("[data-kind=agent_reply]")).to_have_count(1)

    text = mail.wait(2, to=CUSTOMER, seconds=40)[-1].get_body(("plain",))
    link = re.search(r"https?://\S+/t/\S+", text.get_content() if text else "")
    assert link
    customer.goto(link[0])
    customer.fill("form.portal-composer textarea", "Em cảm ơn.")
    customer.click("form.portal-composer button[type=submit]")
    expect(customer.locator("[data-kind=customer_reply]")).to_have_count(1)
    shows(agent, number, "IN_PROGRESS")

    agent.click("details:has([name=note_vi]) > summary")
    agent.fill("[name=note_vi]", "Đã giao.")
    sends(agent, "form:has([name=note_vi]) button[type=submit]")
    shows(customer, number, "RESOLVED")
    customer.click("details:has([name=rating]) > summary")
    customer.check("[name=rating][value='4']", force=True)
    sends(customer, "form:has([name=rating]) button[type=submit]")
    shows(customer, number, "CLOSED")
    shows(agent, number, "CLOSED")
