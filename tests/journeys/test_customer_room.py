"""What stands together on the customers' pages has room between it, and nothing is a button that need not be one."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator

from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket
from tests.journeys.test_customer_looks import STATES, pytestmark
from tests.support.live_server import LiveServer
from tests.support.looks import Looker
from tests.support.world import World

__all__ = ["pytestmark"]
ROOM = 6  # pixels: less looks like a mistake


def between(above: Locator, below: Locator) -> float:
    """From the end of one to the beginning of the other."""
    first, second = above.bounding_box(), below.bounding_box()
    assert first
    assert second
    return second["y"] - first["y"] - first["height"]


def looked_at(browser: Browser, server: LiveServer, world: World, state: str) -> Looker:
    """The page of a request in that state, on a telephone."""
    made = world.ticket()
    with world.inside():
        ticket = Ticket.for_deed(made)
        STATES[state](world, ticket)
        cookie = f"request={CustomerLink.of(ticket).cookie}"
    looker = Looker(browser, server.origin, cookie)
    looker.show(f"/requests/{made}", "vi")
    looker.page.set_viewport_size({"width": 360, "height": 760})
    return looker


def test_C3_the_question_how_it_was_keeps_off_its_answers(
    browser: Browser, server: LiveServer, world: World
) -> None:
    page = looked_at(browser, server, world, "resolved").page
    page.locator(".answer summary").first.click()
    assert (
        between(page.locator("#resolution-rating legend"), page.locator("#resolution-rating .choices"))
        >= ROOM
    )
    said = page.locator("#resolution-rating .field-optional")
    assert len(said.evaluate("(words) => [...words.getClientRects()]")) == 1, "it is not broken in two"


def test_C2_after_the_end_the_way_to_a_new_request_keeps_off_its_words(
    browser: Browser, server: LiveServer, world: World
) -> None:
    page = looked_at(browser, server, world, "spam").page
    assert between(page.locator(".again p").first, page.locator(".again .button")) >= ROOM


def test_C1_without_scripts_only_the_browsers_own_button_looks_like_one(
    browser: Browser, server: LiveServer, world: World
) -> None:
    for scripts, edge in ((True, "dashed"), (False, "none")):
        page = browser.new_context(java_script_enabled=scripts).new_page()
        page.goto(f"{server.origin}/embed/form-acme?lang=en")
        label = page.locator(".files-button").first
        assert label.evaluate("(one) => getComputedStyle(one).borderTopStyle") == edge
        page.context.close()
