"""The form in the other language, in a real browser: nothing typed is lost, and Enter still sends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.ticket import Ticket
from tests.journeys.test_embedding import fill
from tests.support.live_server import LiveServer
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("scripts", [True, False])
def test_C1_the_other_language_after_an_error_loses_nothing_and_enter_sends(
    scripts: bool, browser: Browser, world: World, server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=scripts, locale="en")
    page = context.new_page()
    page.goto(f"{server.origin}/embed/form-acme?lang=en")
    fill(page.main_frame, "Tôi cần giúp")
    page.fill("[name=email]", "bea@")
    page.set_input_files("[type=file]", {"name": "ảnh.txt", "mimeType": "text/plain", "buffer": b"words"})
    page.press("[name=email]", "Enter")
    expect(page.locator("#errors")).to_contain_text("email")
    page.fill("[name=description]", "Changed after the error.")
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(page.locator("#errors")).to_contain_text("Nhập email theo dạng")
    expect(page.locator("[name=description]")).to_have_value("Changed after the error.")
    expect(page.locator(".files-chosen")).to_contain_text("ảnh.txt")
    page.fill("[name=email]", "bea@mail.example")
    page.press("[name=email]", "Enter")
    expect(page.locator("[data-ticket]")).to_be_visible()
    expect(page.get_by_role("button", name="English")).to_be_hidden()  # it has no form any more
    context.close()
    with world.inside():
        assert world.one(Ticket).language == "vi"
        assert world.one(Attachment).name == "ảnh.txt"
