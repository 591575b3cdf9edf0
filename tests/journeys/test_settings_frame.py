"""The settings in a browser: words that are not saved are not lost unseen, and nothing is cut off in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.house.test_sweeps import Values, doors, thing
from tests.support.live_server import LiveServer
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

# Each text as a longer language has it: twice as long up to ten letters, else half more, with stacked marks.
PSEUDO = """
() => {
  const longer = (text) => text.replaceAll('a', 'ặ').replaceAll('A', 'Ấ')
    + 'Ặ'.repeat(Math.max(1, Math.ceil(text.length * (text.length <= 10 ? 1 : 0.5)) - 1));
  const walker = document.createTreeWalker(document.querySelector('.app-body'), NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const text = node.data.trim();
    if (text.length < 2 || node.parentElement.closest('script, style, option, textarea, time')) continue;
    const words = text.split(' ').map((word) => (word.length > 1 ? longer(word) : word));
    node.data = node.data.replace(text, words.join(' '));
  }
}
"""
CUT = """
() => [...document.querySelectorAll('.app-body :is(button, .button, .badge, th, .count, .nav-label, h1, h2, label)')]
  .filter((one) => {
    const look = getComputedStyle(one);
    const unseen = '.visually-hidden, [hidden], details:not([open]) > :not(summary)';
    if (look.clipPath !== 'none' || !one.clientHeight || one.closest(unseen)) return false;
    const hides = look.overflow !== 'visible' && look.textOverflow !== 'ellipsis';
    const isButton = one.matches('button, .button, .badge');
    return (one.scrollHeight > one.clientHeight + 1 && (hides || isButton))
      || (one.scrollWidth > one.clientWidth + 1 && (hides || isButton));
  }).map((one) => `cut: ${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)
"""
OVERLAP = """
() => {
  const all = [...document.querySelectorAll('.app-body :is(.button, .badge)')]
    .filter((one) => one.getClientRects().length && !one.closest('.visually-hidden, save-bar'));
  const found = [], said = (one) => one.textContent.trim().slice(0, 30);
  for (const [place, one] of all.entries()) for (const other of all.slice(place + 1)) {
    if (one.contains(other) || other.contains(one)) continue;
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > 1) found.push(`over one another: ${said(one)} / ${said(other)}`);
  }
  return found;
}
"""
PLANTED = """
<div class="app-body"><button style="inline-size: 4.5rem; white-space: nowrap">Save it</button>
<span class="badge" style="display: block; block-size: 1.5rem; inline-size: 8rem; overflow: hidden">Not yet done</span>
<a class="button" style="position: absolute; inset: 60px auto auto 0">Open</a>
<a class="button" style="position: absolute; inset: 60px auto auto 60px">Close</a></div>
"""


@pytest.fixture
def acme(world: World) -> Values:
    return thing(world, "Bea", "acme")


@pytest.fixture
def page(browser: Browser, server: LiveServer) -> Page:
    """A manager's."""
    return opened(browser, server)


def opened(browser: Browser, server: LiveServer, **options: object) -> Page:
    context = browser.new_context(reduced_motion="reduce", **options)
    name, _, value = server.cookie("Mai").partition("=")
    context.add_cookies([{"name": name, "value": value, "url": server.origin}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def settings_pages(app: Flask, values: Values) -> Iterator[str]:
    """Every page of the settings, by the table of routes."""
    for rule, method, _ in doors(app):
        if method == "GET" and rule.rule.startswith("/settings") and "preview" not in rule.rule:
            yield values.address(rule)


def test_what_is_not_saved_is_seen_and_asked_about_once(page: Page, server: LiveServer, acme: Values) -> None:
    address = f"{server.origin}/settings/groups/{acme.group_id}"
    page.goto(f"{address}?lang=en")
    bar, field = page.locator("save-bar"), page.locator("#name_vi")
    expect(bar).to_be_hidden()
    field.fill("Nhóm giao hàng")
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("Unsaved changes")
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.click("[data-deed=help]")  # a dialog, no leaving
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert asked == []
    page.once("dialog", stay)
    page.click(".nav-item[href='/settings/skills']")
    expect(field).to_have_value("Nhóm giao hàng")
    assert asked == ["confirm"]
    page.click("save-bar [data-do=discard]")
    expect(field).to_have_value("")
    expect(bar).to_be_hidden()
    field.fill("Nhóm giao hàng")
    page.click("save-bar [data-do=save]")
    page.wait_for_url(f"**/settings/groups?saved={acme.group_id}")
    assert asked == ["confirm"], "saving asks nothing"
    page.goto(address)
    expect(page.locator("#name_vi")).to_have_value("Nhóm giao hàng")

    page.locator("#name_vi").fill("Nhóm khác")
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.click(".nav-item[href='/settings/skills']")
    page.wait_for_url("**/settings/skills")
    assert asked == ["confirm", "confirm"], "who said yes is not asked again by the browser"


def test_what_came_back_with_errors_is_not_saved_either(page: Page, server: LiveServer, acme: Values) -> None:
    page.goto(f"{server.origin}/settings/skills/new?lang=vi")
    page.click("main form.card button[type=submit]")
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("save-bar")).to_contain_text("Thay đổi chưa lưu")
    page.fill("#name_vi", "Sửa chữa")
    page.click("save-bar [data-do=save]")
    page.wait_for_url("**/settings/skills?saved=*")
    expect(page.locator("main")).to_contain_text("Sửa chữa")


def test_a_narrow_page_begins_at_its_own_section(browser: Browser, server: LiveServer, acme: Values) -> None:
    page = opened(browser, server, viewport={"width": 360, "height": 800})
    for section in ("canned", "templates", "agents"):
        page.goto(f"{server.origin}/settings/{section}?lang=vi")
        box = page.locator(".nav-item[aria-current]").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_ux_8_16_longer_words_fit(app: Flask, browser: Browser, server: LiveServer, acme: Values) -> None:
    """The pseudo-locale: longer words with stacked marks, wide and narrow; nothing is cut off or covered."""
    found = []
    page = opened(browser, server)
    for path in settings_pages(app, acme):
        if path.endswith(".csv"):
            continue  # a file, not a page
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(f"{server.origin}{path}")
        if not answer or answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        page.evaluate(PSEUDO)
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 900})
            out = (
                []
                if page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                else ["moves sideways"]
            )
            found += [
                f"{path} at {width}: {what}" for what in [*page.evaluate(CUT), *page.evaluate(OVERLAP), *out]
            ]
    assert found == []


def test_ux_8_16_what_does_not_fit_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(PLANTED)
    assert [*page.evaluate(CUT), *page.evaluate(OVERLAP)] == []
    page.evaluate(PSEUDO)
    found = [*page.evaluate(CUT), *page.evaluate(OVERLAP)]
    assert [what.partition(":")[0] for what in found] == ["cut", "cut", "over one another"]


def test_ux_8_18_a_page_says_its_language(app: Flask, world: World, acme: Values) -> None:
    client = world.sign_in("Mai")
    client.looks = False
    for path in settings_pages(app, acme):
        for code in ("en", "vi"):
            answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={code}")
            if answer.status_code == 200 and answer.mimetype == "text/html":
                assert re.search(rf'<html lang="{code}"', answer.text), path
