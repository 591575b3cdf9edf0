"""What the request page says aloud to its customer, who may have it open twice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_hands_and_ears import LISTEN
from tests.journeys.test_live_desk import do, hearing
from tests.support.live_server import LiveServer
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]
REPLY = "form[data-composer]"


def said(page: Page) -> list[str]:
    return [words for _, words in page.evaluate("window.said")]


def test_C2_his_own_reply_is_sent_and_no_news(browser: Browser, server: LiveServer, world: World) -> None:
    made = world.ticket()
    world.run_reactions()
    context = browser.new_context(locale="en-GB")
    here, there = (context.new_page() for _ in range(2))
    here.goto(server.origin + world.link(made))
    for page in (here, there):
        hearing(page, server, f"/requests/{made}?lang=en")
        page.evaluate(LISTEN)
    here.fill(f"{REPLY} textarea", "Anybody there?")
    here.click(f"{REPLY} button[type=submit]")
    expect(here.locator("#status")).to_have_text("Your message was sent.")
    expect(here.locator("#thread > .message").last).to_be_focused()
    world.run_reactions()
    expect(there.locator("#status")).to_have_text("New message from Bea")
    do(world, lambda ticket, me: ticket.reply("Here we are.", by=me), "ACME-1")
    for page in (here, there):
        expect(page.locator("#status")).to_have_text("New message from Linh")
        expect(page.locator("#thread > .message")).to_have_count(3)
    assert said(here) == ["Your message was sent.", "New message from Linh"]
    assert said(there) == ["New message from Bea", "New message from Linh"]
    context.close()


def test_C2_a_line_of_the_system_is_no_new_message(
    browser: Browser, server: LiveServer, world: World
) -> None:
    made = world.ticket()
    do(world, lambda ticket, me: [ticket.reply(f"Line {n}\n\n" * 20, by=me) for n in range(3)], "ACME-1")
    page = browser.new_context(locale="en-GB", viewport={"width": 360, "height": 740}).new_page()
    page.goto(server.origin + world.link(made))
    hearing(page, server, f"/requests/{made}?lang=en")
    do(world, lambda ticket, me: ticket.resolve(by=me, note_en="Sent.", note_vi="Đã gửi."), "ACME-1")
    page.get_by_text("Yes, solved").click()
    with page.expect_response("**/confirmation"):  # or it is told to nobody
        page.get_by_text("Confirm and close").click()
    world.run_reactions()
    expect(page.locator("#thread > .event")).to_have_count(2)
    assert page.locator("[data-newer]").is_hidden(), "he has done that himself"
    made = world.ticket("Another")
    do(world, lambda ticket, me: [ticket.reply(f"Line {n}\n\n" * 20, by=me) for n in range(3)], "ACME-2")
    page.goto(server.origin + world.link(made))
    hearing(page, server, f"/requests/{made}?lang=en")
    do(world, lambda ticket, me: ticket.reply("And so on.", by=me), "ACME-2")
    expect(page.locator("[data-newer]")).to_be_visible()
    do(world, lambda ticket, me: ticket.resolve(by=me, note_en="Sent.", note_vi="Đã gửi."), "ACME-2")
    expect(page.locator("#thread > .event")).to_have_count(1)
    assert page.locator("[data-newer]").is_visible(), "the message is still below"
    page.context.close()


def test_C2_whoever_says_that_it_is_solved_goes_on_at_what_became_of_it(
    browser: Browser, server: LiveServer, world: World
) -> None:
    made = world.ticket()
    world.run_reactions()
    context = browser.new_context(locale="en-GB")
    here, there = (context.new_page() for _ in range(2))
    here.goto(server.origin + world.link(made))
    do(world, lambda ticket, me: ticket.assign_to(me, by=me), "ACME-1")
    do(world, lambda ticket, me: ticket.resolve(by=me, note_en="Sent.", note_vi="Đã gửi."), "ACME-1")
    for page in (here, there):
        hearing(page, server, f"/requests/{made}?lang=en")
    there.focus(f"{REPLY} textarea")
    here.click("summary:has-text('Yes, solved')")
    here.click("form[action$=confirmation] button[type=submit]")
    expect(here.locator(".request-status")).to_be_focused()
    world.run_reactions()
    expect(there.locator(".request-status")).to_have_attribute("data-status", "CLOSED")
    expect(there.locator(".request-status")).not_to_be_focused()
    context.close()
