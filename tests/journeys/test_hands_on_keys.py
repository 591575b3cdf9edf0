"""The ticket's page from the keyboard: lists that do not save at every step, and words that outlive a session."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.figures import Customer
from tests.journeys.test_main_job import PATIENCE, enter, never_loaded_again, status_of
from tests.journeys.test_words import HELD, TEXT, at_ticket, hold_for
from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

STATUS = "form.property [name=status]"
PRIORITY = "form.property [name=priority]"


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    """With one ticket, which is assigned already."""
    product = helpdesk_process(HELPDESK_RATE_LIMITS="off", HELPDESK_FILL_SECONDS="0")
    customer = Customer(product.address, "keys")
    customer.send(1)
    customer.close()
    Operator(product).wait_for("ACME-1", "ticket.assigned")
    return product


def deeds_of(page: Page) -> list[str]:
    """The choices that this page sends from now on."""
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url.rsplit("/", 1)[1]) if r.method == "POST" else None)
    return sent


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def keys_walk_through_a_list(page: Page, operator: Operator) -> None:
    """Saved by Enter or by leaving, taken back by Escape; nothing is passed through."""
    sent = deeds_of(page)
    page.focus(STATUS)
    press(page, "ArrowDown", "ArrowDown")
    expect(page.locator(STATUS)).to_have_value("IN_PROGRESS")
    press(page, "Escape")
    expect(page.locator(STATUS)).to_have_value("ASSIGNED")
    press(page, "ArrowDown", "ArrowUp", "Tab")
    page.focus(STATUS)
    press(page, "ArrowDown", "ArrowDown", "Enter")
    status_of(page, "ACME-1", "IN_PROGRESS")
    expect(page.locator(STATUS)).to_be_focused()
    page.focus(PRIORITY)
    press(page, "h")
    expect(page.locator(PRIORITY)).to_have_value("HIGH")
    press(page, "Tab")
    expect(page.locator("[data-ticket][data-priority=HIGH]").first).to_be_attached(timeout=PATIENCE)
    page.select_option(PRIORITY, "LOW")  # as with the mouse: at once
    expect(page.locator("[data-ticket][data-priority=LOW]").first).to_be_attached(timeout=PATIENCE)
    assert [deed for deed in sent if deed in ("status", "priority")] == ["status", "priority", "priority"]
    assert operator.events("ACME-1").count("ticket.assigned") == 1


def keys_send_and_take_back(page: Page) -> None:
    """Ctrl+Enter sends the open form; after that somebody is still somewhere on the page."""
    page.fill(TEXT, "Sent by keys.")
    press(page, "Control+Enter")
    page.focus(f"{HELD} form[action$=release] button")
    press(page, "Enter")
    expect(page.locator("li[data-kind=agent_reply]:not([data-held])")).to_be_focused(timeout=PATIENCE)
    page.fill(TEXT, "Too early.")
    press(page, "Control+Enter")
    page.focus(f"{HELD} form[action$=undo] button")
    press(page, "Enter")
    expect(page.locator(TEXT)).to_have_value("Too early.")
    expect(page.locator(TEXT)).to_be_focused()
    page.locator("[name=composer-mode][value=note]").check(force=True)
    page.fill("form.composer-note textarea", "Noted by keys.")
    press(page, "Control+Enter")
    expect(page.locator("li[data-kind=internal_note]")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(TEXT)).to_have_value("Too early.")


def a_lost_session_costs_no_word(page: Page, product: HelpdeskProcess) -> None:
    """Signed in again in another tab, he sends from the page as it is; as somebody else he does not."""
    told, count = page.locator("#notices"), page.locator("li[data-kind=agent_reply]").count()
    page.locator("[name=composer-mode][value=reply]").check(force=True)
    page.context.clear_cookies()
    page.fill(TEXT, "Outlives its session.")
    press(page, "Control+Enter")
    expect(told).to_contain_text("Sign in, then send it once more", timeout=PATIENCE)
    page.evaluate("document.querySelector('unread-bell').refresh()")  # refused as well, which says nothing
    expect(told).to_contain_text("Sign in, then send it once more")
    expect(told.get_by_role("link")).to_have_attribute("href", "/login?next=/tickets/ACME-1")
    expect(page.locator("sign-in-again dialog")).to_be_visible(timeout=PATIENCE)  # it has asked for its form
    for email in ("mai@acme.example", "gus@acme.example"):
        page.context.clear_cookies()
        other = page.context.new_page()
        enter(other, product, email)
        other.close()
        expect(page.locator(TEXT)).to_have_value("Outlives its session.")
        press(page, "Escape")  # the form to sign in over the page is not needed
        page.focus(TEXT)
        press(page, "Control+Enter")
        if email.startswith("mai"):
            expect(told).to_contain_text("You are signed in as Mai", timeout=PATIENCE)
    expect(page.locator("li[data-kind=agent_reply]")).to_have_count(count + 1, timeout=PATIENCE)
    expect(page.locator("li[data-kind=agent_reply]").last).to_contain_text("Outlives its session.")
    expect(page.locator(TEXT)).to_have_value("")
    assert page.evaluate("window.planted") is True


def test_hands_stay_on_the_keys(browser: Browser, product: HelpdeskProcess) -> None:
    page = at_ticket(browser, product)
    hold_for(page, product, "30")
    page.goto(f"{product.address}/tickets/ACME-1")
    never_loaded_again(page)
    keys_walk_through_a_list(page, Operator(product))
    keys_send_and_take_back(page)
    a_lost_session_costs_no_word(page, product)
