"""What agents write is safe: a draft follows its writer, a reply can be taken back, a closed tab still sends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.figures import Customer
from tests.journeys.test_main_job import PATIENCE, sign_in, status_of
from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

TEXT = "form.composer-reply textarea"
LINE = "form.composer-reply [data-draft-line]"
SEND = "form.composer-reply .composer-send submit-once button"
HELD = "li[data-held]"


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    """With forms that a program may fill in."""
    return helpdesk_process(HELPDESK_RATE_LIMITS="off", HELPDESK_FILL_SECONDS="0")


def at_ticket(browser: Browser, product: HelpdeskProcess, email: str = "gus@acme.example") -> Page:
    page = sign_in(browser, product, email)
    page.goto(f"{product.address}/tickets/ACME-1")
    return page


def hold_for(page: Page, product: HelpdeskProcess, seconds: str) -> None:
    page.goto(f"{product.address}/me")
    page.select_option("[name=undo_seconds]", seconds)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/me?saved=1")


def test_words_are_safe(browser: Browser, product: HelpdeskProcess, mail: Mailbox) -> None:
    operator = Operator(product)
    customer = Customer(product.address, "words")
    customer.send(1)
    customer.close()
    operator.wait_for("ACME-1", "ticket.assigned")
    page = at_ticket(browser, product)
    hold_for(page, product, "30")
    page.goto(f"{product.address}/tickets/ACME-1")

    page.fill(TEXT, "Half a sentence")
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=PATIENCE)
    page.context.close()
    page = at_ticket(browser, product)  # another browser
    expect(page.locator(TEXT)).to_have_value("Half a sentence")

    page.fill(TEXT, "A whole sentence.")
    page.select_option("form.composer-reply [name=then]", "keep")
    page.click(SEND)
    expect(page.locator(HELD)).to_contain_text("Will be sent in")
    expect(page.locator(TEXT)).to_have_value("")
    page.fill(TEXT, "And one more.")
    page.click(f"{HELD} form[action$=undo] button")
    expect(page.locator(HELD)).to_have_count(0)
    expect(page.locator(TEXT)).to_have_value("A whole sentence.\n\nAnd one more.")
    expect(page.locator("form.composer-reply [name=then]")).to_have_value("keep")
    assert "ticket.replied" not in operator.events("ACME-1")

    hold_for(page, product, "5")
    page.goto(f"{product.address}/tickets/ACME-1")
    page.select_option("form.composer-reply [name=then]", "waiting_user")
    page.click(SEND)
    expect(page.locator(HELD)).to_have_count(1)
    page.context.close()  # the tab is closed: it is sent all the same, once
    operator.wait_for("ACME-1", "ticket.replied")
    page = at_ticket(browser, product)
    status_of(page, "ACME-1", "WAITING_USER")
    expect(page.locator(TEXT)).to_have_value("")
    assert operator.events("ACME-1").count("ticket.replied") == 1
    assert len(mail.wait(2, to="words-1@example.com", seconds=40)) == 2
