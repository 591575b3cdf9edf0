"""The keys in a browser: what they do, and above all when they do nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.figures import Customer
from tests.journeys.test_main_job import PATIENCE, enter
from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

REPLY, NOTE = "form.composer-reply textarea", "form.composer-note textarea"
KEYDOWN = """([key, more]) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))"""


@pytest.fixture
def product(helpdesk_process) -> HelpdeskProcess:
    """With three tickets, which are assigned."""
    product = helpdesk_process(HELPDESK_RATE_LIMITS="off", HELPDESK_FILL_SECONDS="0")
    customer = Customer(product.address, "keys")
    for number in range(1, 4):
        customer.send(number)
    customer.close()
    operator = Operator(product)
    for number in range(1, 4):
        operator.wait_for(f"ACME-{number}", "ticket.assigned")
    return product


@pytest.fixture
def page(browser: Browser, product: HelpdeskProcess) -> Page:
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    enter(page, product, "mai@acme.example")
    page.goto(f"{product.address}/queue/all")
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.name ?? ''")


def dispatch(page: Page, key: str, **more: object) -> bool:
    """A keydown as an input method makes it. Whether nothing took it."""
    return page.evaluate(KEYDOWN, [key, more])


def the_queue_by_keys(page: Page) -> None:
    """Rows, and from a row into its ticket."""
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "j", "c", "Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.url.endswith("/queue/all"), "in a dialog keys do nothing"
    rows = [row.get_attribute("href") for row in page.locator(".queue-row .queue-link").all()]
    press(page, "j")
    assert focused(page) == rows[0]
    press(page, "j", "ArrowDown", "j")
    assert focused(page) == rows[2]
    press(page, "k")
    assert focused(page) == rows[1]
    press(page, "n")
    page.wait_for_url(f"**{rows[1]}")
    expect(page.locator(NOTE)).to_be_focused()
    press(page, "Escape")
    press(page, "j")
    page.wait_for_url(f"**{rows[2]}")
    press(page, "k")
    page.wait_for_url(f"**{rows[1]}")
    press(page, "u")
    page.wait_for_url("**/queue/all")
    press(page, "j")
    assert focused(page) == rows[1], "back where he was"


def nothing_in_fields(page: Page) -> None:
    """Words are words, whatever keys they are made of; with the modifiers of the browser they are its own."""
    press(page, "r")
    expect(page.locator(REPLY)).to_be_focused()
    page.keyboard.type("rneaspl jk gq c ?/.")
    expect(page.locator(REPLY)).to_have_value("rneaspl jk gq c ?/.")
    page.fill(REPLY, "")
    press(page, "Escape")
    expect(page.locator(REPLY)).not_to_be_focused()
    page.focus("[data-deed=status]")
    assert dispatch(page, "r"), "a list keeps its letters"
    press(page, "Escape")
    page.evaluate("document.activeElement.blur()")
    here = page.url
    for more in ({"ctrlKey": True}, {"metaKey": True}, {"altKey": True}):
        for key in ("r", "c", "j", "e", "n"):
            assert dispatch(page, key, **more), f"{key} with {more} is not ours"
    assert page.url == here
    expect(page.locator(REPLY)).not_to_be_focused()


def nothing_for_an_input_method(page: Page) -> None:
    """Telex: letters that are being composed, whether the browser says so in the new way or in the old one."""
    for more in ({"isComposing": True}, {"keyCode": 229}):
        for key in ("r", "n", "e", "a", "s", "w", "g", "q", "Escape", "Process"):
            assert dispatch(page, key, **more), f"{key} with {more} belongs to the input method"
    press(page, "g")
    dispatch(page, "q", isComposing=True)
    press(page, "q")
    expect(page.locator(REPLY)).not_to_be_focused()
    assert re.search(r"/tickets/ACME-\d$", page.url), "what is composed ends a sequence"
    press(page, "r")
    page.keyboard.insert_text("Đã gửi lại hàng, ")
    dispatch(page, "Enter", ctrlKey=True, isComposing=True)
    dispatch(page, "Enter", ctrlKey=True, keyCode=229)
    expect(page.locator(REPLY)).to_have_value("Đã gửi lại hàng, ")
    expect(page.locator("li[data-kind=agent_reply]")).to_have_count(0)
    press(page, "Control+Shift+M")
    expect(page.locator(NOTE)).to_be_focused()
    press(page, "Control+Shift+M")
    expect(page.locator(REPLY)).to_have_value("Đã gửi lại hàng, ")
    press(page, "Control+Enter")
    expect(page.locator("li[data-kind=agent_reply]")).to_have_count(1)


def deeds_by_keys(page: Page) -> None:
    """Following, putting away and back; each says that it was done."""
    press(page, "Escape", "w")
    expect(page.locator("[id$=-followers]")).to_contain_text("Mai")
    press(page, "z")
    expect(page.locator("[name=until]:checked")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("[data-snoozed]")).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body"), "somebody is still somewhere"
    page.evaluate("document.activeElement.blur()")
    press(page, "z")
    expect(page.locator("[data-snoozed]")).to_have_count(0)
    assert page.locator("[data-deed=status]").get_attribute("aria-keyshortcuts") == "S"
    assert page.locator("[data-deed=status]").get_attribute("title") == "Status (s)"


def the_palette(page: Page) -> None:
    """Opened from anywhere, found by words of the other language, and back to where one was."""
    press(page, "r", "Control+k")
    box = page.locator("#palette-find")
    expect(box).to_be_focused()
    expect(page.locator("#palette-list [role=option]").first).to_have_attribute("aria-selected", "true")
    press(page, "ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    press(page, "Escape")
    expect(page.locator(REPLY)).to_be_focused()
    press(page, "Control+k")
    page.keyboard.insert_text("ghi chu noi bo")
    expect(page.locator("#palette-list [role=option]")).to_have_count(1)
    dispatch(page, "Enter", isComposing=True)
    expect(page.locator("#palette")).to_be_visible()
    press(page, "Enter")
    expect(page.locator(NOTE)).to_be_focused()
    press(page, "Control+k")
    page.keyboard.insert_text("#ACME-3")
    press(page, "Enter")  # quicker than the answer
    page.wait_for_url("**/tickets/ACME-3")


def switched_off(page: Page, product: HelpdeskProcess) -> None:
    """Single keys do nothing, those with Ctrl go on."""
    page.goto(f"{product.address}/me")
    page.select_option("[name=uses_shortcuts]", "off")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url("**/me?saved=1")
    press(page, "?", "c", "g", "q", "j")
    expect(page.locator("#keys")).to_be_hidden()
    for key in ("?", "c", "g", "q", "j"):
        assert dispatch(page, key), f"{key} is nobody's"
    assert page.url.endswith("/me?saved=1")
    assert page.locator("[data-deed=new]").get_attribute("aria-keyshortcuts") is None
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_ux_4_3_keys_do_what_they_say_and_nothing_else(page: Page, product: HelpdeskProcess) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    the_queue_by_keys(page)
    press(page, "o")
    page.wait_for_url("**/tickets/**")
    nothing_in_fields(page)
    nothing_for_an_input_method(page)
    deeds_by_keys(page)
    the_palette(page)
    switched_off(page, product)
    assert faults == []
