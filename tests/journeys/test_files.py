"""MSG-002 in a real browser: files are sent at once and seen on their way, and outlive an error of their form."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.support.operator import Operator
from tests.support.process import HelpdeskProcess
from tests.tickets.files import HTML, PDF, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

MB = 1 << 20
NO_LIMIT = -1


def payload(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


class Line:
    """The wire of one page, which can be slow or broken."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("Network.enable")

    def carries(self, bytes_a_second: int, *, is_cut: bool = False) -> None:
        conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        self.session.send("Network.emulateNetworkConditions", {"offline": is_cut, **conditions})


def choose(form: Locator, *files: dict[str, object]) -> None:
    form.locator("input[type=file]").set_input_files(list(files))


@pytest.fixture
def product(helpdesk_process: Callable[..., HelpdeskProcess]) -> HelpdeskProcess:
    return helpdesk_process()


def opened_form(browser: Browser, product: HelpdeskProcess) -> Page:
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{product.address}/embed/demo-acme?lang=en")
    return page


def test_MSG_002_a_visitor_sees_his_files_on_their_way_and_keeps_them(
    browser: Browser, product: HelpdeskProcess
) -> None:
    page = opened_form(browser, product)
    form, line = page.locator("#request-form"), Line(page)
    line.carries(200_000)
    choose(form, payload("bill.pdf", PDF + os.urandom(2 * MB)), payload("large.pdf", PDF + bytes(21 * MB)))
    assert "“large.pdf” must be smaller than 20 MB." in form.inner_text(), "said before a byte is sent"
    bar = form.get_by_role("progressbar", name="bill.pdf")
    expect(bar).to_be_visible()
    expect(page.locator("progress")).not_to_have_js_property("value", 0)
    assert form.locator(".upload-percent").inner_text().endswith("%")
    line.carries(NO_LIMIT)
    expect(form.locator("input[name=uploads]")).to_have_count(1)
    form.get_by_role("button", name="Send request").click()  # nothing is filled in
    expect(page.locator(".error-summary")).to_be_visible()
    form = page.locator("#request-form")
    expect(form.locator("input[name=uploads]")).to_have_count(1)
    choose(form, payload("photo.png", picture(size=(60, 40))))
    expect(form.locator("img.upload-picture")).to_be_visible()
    for name, value in {
        "subject": "Broken",
        "description": "See.",
        "name": "Uyen",
        "email": "u@mail.example",
    }.items():
        form.locator(f"[name={name}]").fill(value)
    page.wait_for_timeout(2100)  # nobody fills a form in faster
    form.get_by_role("button", name="Send request").click()
    number = page.locator("[data-ticket]").get_attribute("data-ticket")
    agent_keeps_his_files(signed_in(browser, product, str(number)))


def signed_in(browser: Browser, product: HelpdeskProcess, number: str) -> Page:
    """The ticket on an agent's screen."""
    Operator(product).wait_for(number, "ticket.assigned")
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{product.address}/login")
    page.fill("[name=email]", "mai@acme.example")
    page.fill("[name=password]", "demo-helpdesk")
    page.click("form[action*=login] button[type=submit]")
    page.goto(f"{product.address}/tickets/{number}?lang=en")
    names = page.locator("#thread .attachment-name").all_inner_texts()
    assert names == ["bill.pdf", "photo.png"], "what the visitor sent"
    expect(page.get_by_role("img", name="photo.png")).to_be_visible()
    return page


def agent_keeps_his_files(page: Page) -> None:
    """Sending waits for files that are still on their way; a broken wire and a refused file lose nothing."""
    form, line = page.locator("form.composer-note"), Line(page)
    page.check("[name=composer-mode][value=note]")
    send = form.get_by_role("button", name="Add note")
    line.carries(NO_LIMIT, is_cut=True)
    choose(form, payload("a.txt", b"words"))
    expect(form.get_by_text("It could not be sent.")).to_be_visible()
    line.carries(NO_LIMIT)
    form.get_by_role("button", name="Try again").click()
    expect(form.locator("input[name=uploads]")).to_have_count(1)

    line.carries(200_000)
    choose(form, payload("cancelled.pdf", PDF + os.urandom(2 * MB)))
    form.get_by_role("button", name="Cancel: cancelled.pdf").click()
    expect(form.locator("file-upload")).to_have_count(0)
    choose(form, payload("late.pdf", PDF + os.urandom(MB)))
    send.click()
    expect(form.get_by_role("status").filter(has_text="0 of 1")).to_be_visible()
    line.carries(NO_LIMIT)
    expect(form.get_by_text("Write something first.")).to_be_visible()  # it was sent when the file was there
    expect(form.locator("input[name=uploads]")).to_have_count(2)

    choose(form, payload("page.html", HTML))
    expect(form.get_by_text("“page.html” cannot be attached")).to_be_visible()
    form.get_by_role("button", name="Remove: a.txt").click()
    form.locator("textarea").fill("Here is what I found.")
    send.click()
    expect(page.locator("#thread .message-note .attachment-name")).to_have_text(["late.pdf"])
    expect(form.locator(".files-chosen li")).to_have_count(0)
