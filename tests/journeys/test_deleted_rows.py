"""TKT-012, ux 4.1: a deleted ticket is gone from an open list at once, and nothing moves under who is busy there."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.desk.queue_pages import many
from tests.journeys.test_live_desk import PATIENCE, ROWS, Desk, do, hearing, same_as_fresh, seated
from tests.support.live_server import LiveServer, until
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

LIST = "/queue/all?sort=due"
PLACES = """
() => [...document.querySelectorAll('tr[data-ticket]')].map(
  (row) => [row.dataset.ticket, row.getBoundingClientRect().top])
"""
COMES_BACK = """
(number) => {
  window.back = 0;
  const look = () => { window.back += document.querySelectorAll(`tr[data-ticket="${number}"]`).length; };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
"""


@pytest.fixture
def desk(browser: Browser, server: LiveServer) -> Desk:
    """`desk("Gus", "/queue")` is a page of a browser of his own, which hears already."""
    return lambda name, path: hearing(seated(browser, server, name).new_page(), server, path)


@pytest.fixture(autouse=True)
def tickets(world: World, app: Any) -> None:
    """Six of them."""
    many(world, 6)
    world.run_reactions()


def delete(world: World, number: str) -> None:
    do(world, lambda ticket, me: ticket.delete(by=me), number, name="Mai")


def row(page: Page, number: str) -> Any:
    return page.locator(f"tr[data-ticket='{number}']")


@pytest.mark.parametrize("width", [1280, 700])
def test_TKT_012_a_deleted_ticket_is_gone_from_a_list_that_is_pointed_at(
    world: World, desk: Desk, width: int
) -> None:
    page = desk("Gus", LIST)
    page.set_viewport_size({"width": width, "height": 900})
    before = page.evaluate(ROWS)
    row(page, before[4]).hover()
    places = page.evaluate(PLACES)
    delete(world, before[1])
    expect(row(page, before[1])).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#queue-rows")).not_to_contain_text(before[1])
    pill = page.locator("#show-updates")
    expect(pill).to_have_text("1 new update · Show", timeout=PATIENCE)
    assert page.evaluate(PLACES) == [place for place in places if place[0] != before[1]], "nothing has moved"
    for part, words in (("#queue-total", "5 tickets"), ("#queue-shown", "1–5 of 5")):
        expect(page.locator(part)).to_have_text(words, timeout=PATIENCE)  # counts follow
    pill.click()
    expect(page.locator(".queue-gap")).to_have_count(0, timeout=PATIENCE)
    expect(pill).to_be_hidden()
    same_as_fresh(page)


def test_TKT_012_where_nobody_is_busy_the_list_closes_up(world: World, desk: Desk) -> None:
    page = desk("Gus", LIST)
    before = page.evaluate(ROWS)
    delete(world, before[0])
    expect(row(page, before[0])).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".queue-gap")).to_have_count(0)
    same_as_fresh(page)


def test_ux_4_2_who_is_at_a_row_that_is_deleted_goes_on_at_the_next(world: World, desk: Desk) -> None:
    page = desk("Gus", LIST)
    before = page.evaluate(ROWS)
    row(page, before[2]).locator("[data-pick]").check()
    expect(page.locator("bulk-bar")).to_be_visible()
    row(page, before[2]).locator(".queue-link").focus()
    delete(world, before[2])
    expect(row(page, before[3]).locator(".queue-link")).to_be_focused(timeout=PATIENCE)
    expect(page.locator("bulk-bar")).to_be_hidden()


def test_TKT_012_one_that_was_deleted_while_the_page_heard_nothing(
    world: World, server: LiveServer, desk: Desk
) -> None:
    page = desk("Gus", LIST)
    before = page.evaluate(ROWS)
    row(page, before[4]).hover()
    with server.deaf():
        delete(world, before[1])
    assert row(page, before[1]).count() == 1
    server.break_off()
    expect(row(page, before[1])).to_have_count(0, timeout=PATIENCE)
    assert page.evaluate(ROWS) == [number for number in before if number != before[1]]


def test_TKT_012_an_answer_that_was_written_before_brings_it_not_back(world: World, desk: Desk) -> None:
    page, held = desk("Gus", LIST), []
    before = page.evaluate(ROWS)

    def old_one(route: Route) -> None:
        held.append((route, route.fetch()))
        if len(held) > 1:
            route.fulfill(response=held[-1][1])

    page.route("**/queue/all/rows*", old_one)
    page.evaluate("document.dispatchEvent(new CustomEvent('live:catch-up'))")
    until(lambda: (page.wait_for_timeout(50), held)[1], seconds=20)
    delete(world, before[1])
    expect(row(page, before[1])).to_have_count(0, timeout=PATIENCE)
    page.evaluate(COMES_BACK, before[1])
    held[0][0].fulfill(response=held[0][1])
    until(lambda: (page.wait_for_timeout(50), len(held) > 1)[1], seconds=20)
    page.wait_for_timeout(500)
    assert page.evaluate("window.back") == 0
