"""NTF-001: the bell in real browsers: it counts up at once on whatever page, and down when another tab has read."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.notifications.bell_pages import given
from tests.support.live_server import LiveServer
from tests.support.seat import at_work
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

AT_ONCE, MOMENT = (
    1.5,
    4.0,
)  # a second, and half of one for a busy machine; who looks has read it after a moment
STAND_IN = """
(() => {
  window.said = []; window.isAway = false;
  Object.defineProperty(document, 'hidden', { get: () => window.isAway });
  window.Notification = class {
    static permission = 'granted';
    constructor(title, { body, tag }) { window.said.push([title, body, tag]); }
  };
})();
"""


def signed_in(browser: Browser, server: LiveServer, name: str) -> BrowserContext:
    """Somebody's browser, whose tabs can be out of sight."""
    context = browser.new_context(locale="en-GB")
    context.add_init_script(STAND_IN)
    key, _, value = server.cookie(name).partition("=")
    context.add_cookies([{"name": key, "value": value, "url": server.origin}])
    return context


def opened(desk: BrowserContext, server: LiveServer, path: str) -> Page:
    """A page whose socket is open and whose bell has been asked for."""
    page = desk.new_page()
    with page.expect_response(lambda answer: answer.url.endswith("/notifications/bell")):
        page.goto(server.origin + path)
    return page


def mention(world: World, ticket_id: int, text: str = "@Gus please look") -> None:
    with at_work(world, ticket_id, "Linh") as (ticket, linh):
        ticket.note(text, by=linh)
    world.run_reactions()


def comes_to(page: Page, count: int, within: float) -> None:
    """The bell of a page says so many, soon enough."""
    until = time.monotonic() + within
    while page.get_attribute("#bell", "data-count") != str(count):
        assert time.monotonic() < until, page.get_attribute("#bell", "aria-label")
        time.sleep(0.02)


def test_NTF_001_the_bell_counts_up_at_once_and_down_when_another_tab_has_read(
    browser: Browser, server: LiveServer, world: World
) -> None:
    made = given(world)
    gus, linh = signed_in(browser, server, "Gus"), signed_in(browser, server, "Linh")
    pages = [opened(gus, server, path) for path in ("/queue", "/settings/canned", "/notifications")]
    other = opened(linh, server, "/queue")
    for count in (1, 2, 3):
        mention(world, made)
        for page in pages:
            comes_to(page, count, AT_ONCE)
        pages[2].wait_for_selector(f'[data-told="ACME-1"][data-unread="{count}"]', timeout=MOMENT * 1000)
    tab = opened(gus, server, "/tickets/ACME-1")
    for page in [tab, *pages]:
        comes_to(page, 0, MOMENT)
    pages[2].wait_for_selector('[data-told="ACME-1"][data-unread="0"]', timeout=MOMENT * 1000)
    assert other.get_attribute("#bell", "data-count") == "0"
    mention(world, made)
    comes_to(tab, 1, AT_ONCE)
    comes_to(tab, 0, MOMENT)


def test_NTF_001_the_browser_says_it_once_where_nobody_looks(
    browser: Browser, server: LiveServer, world: World
) -> None:
    made = given(world)
    desk = signed_in(browser, server, "Gus")
    own = opened(desk, server, "/me/notifications")
    own.check("#is_shown_by_browser")
    own.click('form[action="/me/notifications"] .button-primary')
    own.wait_for_selector(".notice-ok")
    tabs = [opened(desk, server, path) for path in ("/queue", "/settings/canned")]
    own.close()
    for tab in tabs:
        tab.evaluate("window.isAway = true")
    mention(world, made)
    mention(world, made)
    for tab in tabs:
        comes_to(tab, 2, AT_ONCE)
        tab.wait_for_timeout(1500)
    said = [each for tab in tabs for each in tab.evaluate("window.said")]
    assert said == [["ACME-1", "Linh wrote an internal note.", "helpdesk.ACME-1"]]
    tabs[0].evaluate("window.isAway = false")
    mention(world, given(world))
    comes_to(tabs[1], 1, AT_ONCE)  # what came before was read
    tabs[1].wait_for_timeout(1500)
    assert len(tabs[1].evaluate("window.said")) + len(tabs[0].evaluate("window.said")) == 1
