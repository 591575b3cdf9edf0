"""ux 8: 15, 25: the customers' pages on the narrowest phone without scripts: nothing sticks out or is torn."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from helpdesk.organizers.form_key import FormKey
from tests.journeys.test_customer_looks import STATES, in_state
from tests.support.live_server import LiveServer
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]
# What reaches beyond the column that it stands in.
STICKS_OUT = """
() => [...document.querySelectorAll('main *')].filter((one) => {
  const right = one.getBoundingClientRect().right;
  const column = one.closest('main');
  const edge = column.getBoundingClientRect().right - parseFloat(getComputedStyle(column).paddingRight);
  return one.checkVisibility() && !one.closest('.visually-hidden, .honey') && right > edge + 0.5;
}).map((one) => `${one.localName}.${one.className} ${one.getBoundingClientRect().right}`)
"""
# In how many lines the words of an element stand.
LINES = """(one) => { const words = document.createRange(); words.selectNodeContents(one);
  return new Set([...words.getClientRects()].filter(({ width }) => width).map(({ top }) => Math.round(top))).size; }"""
UNFOLD = """() => document.querySelectorAll('details').forEach(
  (fold) => { fold.removeAttribute('name'); fold.open = true; })"""


def shown(browser: Browser, server: LiveServer, path: str, cookie: str, width: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False, locale="vi"
    )
    if cookie:
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": server.origin}])
    page = context.new_page()
    page.goto(server.origin + path)
    page.evaluate(UNFOLD)
    return page


@pytest.mark.parametrize("state", ["form", *STATES])
def test_ux_8_15_nothing_sticks_out_of_the_column_at_320(
    state: str, browser: Browser, server: LiveServer, world: World
) -> None:
    with world.inside():
        world.one(FormKey, key="form-acme").merchant.name = "Acme Outdoor"
    path, cookie = ("/embed/form-acme", "") if state == "form" else in_state(world, state)
    page = shown(browser, server, path, cookie, 320)
    assert page.evaluate(STICKS_OUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    switch = page.locator(".language button span, .frame-head .button span")
    assert switch.inner_text() == "English"
    assert switch.evaluate(LINES) == 1, "a word is not torn"
    page.context.close()


@pytest.mark.parametrize("width", [320, 360])
def test_C2_icon_words_and_number_of_the_other_request_stay_together(
    width: int, browser: Browser, server: LiveServer, world: World
) -> None:
    path, cookie = in_state(world, "merged")
    page = shown(browser, server, path, cookie, width)
    line = page.locator(".request-kin p")
    icon, words, number = (line.locator(part).bounding_box() for part in (".icon", "span", "button"))
    assert icon
    assert words
    assert number
    assert icon["x"] + icon["width"] <= words["x"], "the icon stands before the words, not above them"
    assert words["y"] - 1 <= icon["y"] < words["y"] + 24
    assert line.locator("button").evaluate(LINES) == 1
    assert line.locator("button").evaluate("(one) => one.parentElement.localName") == "span", (
        "it ends the sentence"
    )
    page.context.close()
