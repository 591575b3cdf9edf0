"""ux A2, A10, 4.10: a ticket says its place, dates are written one way, nothing overlaps, no console speaks."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from helpdesk.core import clock
from helpdesk.desk import listing_views, queries
from helpdesk.tickets.lifecycle import Status
from tests.desk.queue_pages import many
from tests.journeys.test_live_desk import PATIENCE, TEXT, hearing, seated
from tests.support.live_server import LiveServer
from tests.support.seat import ticket_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PLACE = ".ticket-steps > .caption"
# As a browser does when a reader pulls a field larger, or a password manager marks one.
PULL = "document.querySelectorAll('input, select, textarea').forEach((one) => one.style.setProperty('height', '5rem'))"
WEEKDAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "vi": ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"],
}


def late(route: Route) -> None:
    """What is drawn before it comes is seen without it."""
    time.sleep(0.4)
    route.continue_()


def said(page: Page) -> list[str]:
    """What its console says from now on."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    return told


def on_page_two(page: Page, server: LiveServer) -> None:
    """At the first ticket of it."""
    page.goto(f"{server.origin}/queue/all?size=25&sort=due")
    page.locator("a[rel=next]").first.click()
    page.wait_for_url("**after=**")
    page.locator(".queue-link").first.click()


def test_ux_A2_a_ticket_says_its_place_in_the_list_that_it_was_reached_from(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    many(world, 60)
    page = gus.new_page()
    on_page_two(page, server)
    expect(page.locator(PLACE)).to_have_text("26 of 60", timeout=PATIENCE)
    page.locator("[data-deed~=next]").click()
    expect(page.locator(PLACE)).to_have_text("27 of 60", timeout=PATIENCE)


def test_ux_A2_where_nobody_has_counted_it_says_its_place_on_the_page(
    world: World, server: LiveServer, gus: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (queries, listing_views):
        monkeypatch.setattr(module, "MOST_FOUND", 20)
    many(world, 60)
    page = gus.new_page()
    on_page_two(page, server)
    expect(page.locator(PLACE)).to_have_text("1 of 25 on this page", timeout=PATIENCE)


def test_no_style_that_a_browser_puts_on_a_field_is_written_again(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    page = gus.new_page()
    told = said(page)
    hearing(page, server, "/tickets/ACME-1")
    for priority in ("HIGH", "LOW"):
        page.evaluate(PULL)
        with page.expect_response("**/priority"):
            page.select_option(".property select[name=priority]", priority)
        expect(page.locator(f".ticket-header[data-priority={priority}]")).to_be_attached(timeout=PATIENCE)
    page.evaluate(PULL)
    page.fill(TEXT, "Dear Bea, we have found your parcel.")
    page.press(TEXT, "Control+Enter")
    expect(page.locator(TEXT)).to_have_value("", timeout=PATIENCE)
    page.wait_for_timeout(500)
    page.goto(f"{server.origin}/queue/all")
    page.wait_for_timeout(1500)
    assert told == []


# What a script says of a deadline and the server did not; minutes pass.
OTHER_WORDS = """
async () => {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  const said = [...page.querySelectorAll('.sla-text[data-now]')].map((one) => one.dataset.now);
  const told = [...document.querySelectorAll('.sla-text[aria-hidden]')].map((one) => one.textContent.trim());
  const plain = (words) => words.map((one) => one.replace(/[0-9]+/g, ''));
  return [said.length > 0, plain(said), plain(told)];
}
"""
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => {
  window.shifts.push([value, sources.map(({ node }) => node?.className ?? node?.nodeName)]);
})).observe({ type: 'layout-shift', buffered: true });
"""


@pytest.mark.parametrize(("name", "language"), [("Gus", "en"), ("Mai", "vi")])
def test_ux_4_10_times_to_snooze_until_are_dates_as_all_others(
    world: World, server: LiveServer, browser: Browser, name: str, language: str
) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    context = browser.new_context(timezone_id="UTC", viewport={"width": 1280, "height": 900})
    key, _, value = server.cookie(name).partition("=")
    context.add_cookies([{"name": key, "value": value, "url": server.origin}])
    page = hearing(context.new_page(), server, "/tickets/ACME-1")
    page.evaluate("document.querySelector('details[data-deed=snooze]').open = true")
    day = clock.now() + timedelta(days=7)
    date = f"{day:%d/%m/%Y}" if language == "vi" else f"{day.day} {day:%b %Y}"
    words = page.locator("snooze-times [data-when=week]").inner_text()
    assert words.lower() == f"{WEEKDAYS[language][day.weekday()]}, {date}".lower()


@pytest.mark.parametrize("name", ["Gus", "Mai"])
@pytest.mark.parametrize("width", [1600, 1280, 1100, 800])
def test_what_sticks_below_the_header_is_below_it(
    world: World, server: LiveServer, browser: Browser, name: str, width: int
) -> None:
    many(world, 30)
    page = hearing(seated(browser, server, name).new_page(), server, "/queue/all")
    page.set_viewport_size({"width": width, "height": 700})
    page.locator("[data-pick]").nth(12).check()
    bar = page.locator("bulk-bar")
    expect(bar).to_be_visible()
    page.evaluate("window.scrollTo(0, 900)")
    page.wait_for_timeout(300)
    header, at = page.locator(".app-header").bounding_box(), bar.bounding_box()
    assert header
    assert at
    assert abs(at["y"] - (header["y"] + header["height"])) < 1


def test_the_page_of_a_ticket_is_as_high_as_the_window_below_a_header_of_two_lines(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    page: Any = hearing(gus.new_page(), server, "/tickets/ACME-1")
    page.set_viewport_size({"width": 1100, "height": 800})
    page.wait_for_timeout(300)
    assert page.locator(".app-header").bounding_box()["height"] > 80, "two lines"
    bottom = "document.querySelector('.ticket').getBoundingClientRect().bottom"
    assert abs(page.evaluate(bottom) - 800) < 1
    page.evaluate("document.getElementById('signed-out').hidden = false")
    assert abs(page.evaluate(bottom) - 800) < 1, "what is said there pushes nothing away"


@pytest.mark.parametrize("width", [1440, 1280, 1100, 900, 760, 360])
@pytest.mark.parametrize("language", ["en", "vi"])
def test_ux_2_a_page_does_not_move_while_it_gets_ready(
    world: World, server: LiveServer, gus: BrowserContext, width: int, language: str
) -> None:
    many(world, 30)
    world.run_reactions()
    page = gus.new_page()
    page.add_init_script(SHIFTS)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.origin}/queue/all")
    if language == "vi":
        page.locator("button[name=lang][value=vi]").click()
        page.wait_for_load_state()
    page.route("**/desk/*.js*", late)
    page.route("**/*.woff2*", late)
    for path in ("/queue/all", "/tickets/ACME-1"):
        page.goto(f"{server.origin}{path}")
        page.wait_for_function("!document.querySelector('due-in:not(:defined)')")
        page.wait_for_timeout(500)
        expect(page.locator(".app-viewer")).to_be_visible()
        moved = page.evaluate("window.shifts")
        assert sum(value for value, _what in moved) <= 0.1, (path, moved)
        some, said, told = page.evaluate(OTHER_WORDS)
        assert some
        assert said == told


@pytest.mark.parametrize("width", [1280, 360])
def test_ux_A6_a_command_its_picture_and_its_keys_are_one_line(
    server: LiveServer, gus: BrowserContext, width: int
) -> None:
    page = hearing(gus.new_page(), server, "/queue/all")
    page.set_viewport_size({"width": width, "height": 700})
    page.keyboard.press("Control+k")
    option = page.locator(".palette-option", has=page.locator("kbd")).first
    expect(option).to_be_visible(timeout=PATIENCE)
    boxes = [option.locator(part).bounding_box() for part in (".icon", ".palette-label", "kbd")]
    middles = [box["y"] + box["height"] / 2 for box in boxes if box]
    assert len(middles) == 3
    assert max(middles) - min(middles) < 3
