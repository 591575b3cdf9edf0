"""ux 8: 2, 4, 10, 42: the main job with keys alone, what is said aloud, and what is printed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.tickets.lifecycle import Priority, Status
from tests.desk.queue_pages import many
from tests.journeys.test_live_desk import PATIENCE, TEXT, do, hearing, seated
from tests.support.live_server import LiveServer
from tests.support.seat import ticket_in
from tests.support.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

# Where the focus is, and whether a person would see that. A field that is drawn by its label is looked at there.
FOCUS = """
() => {
  const at = document.activeElement;
  if (!at || at === document.body) return ['nowhere', false];
  const files = at.closest('.files')?.querySelector('.files-button');
  const drawn = [at, at.nextElementSibling, at.closest('label'), files].filter(Boolean);
  const around = [at.closest('.composer'), at.querySelector('article')].filter(Boolean);
  const shows = ({ outlineStyle, outlineWidth }, least) => outlineStyle !== 'none' && parseFloat(outlineWidth) >= least;
  const ring = drawn.some((one) => shows(getComputedStyle(one), 2)) || shows(getComputedStyle(at, '::after'), 2)
    || around.some((one) => shows(getComputedStyle(one), 1));
  const { top, bottom, left, right } = (at.offsetWidth > 2 ? at : drawn.at(-1)).getBoundingClientRect();
  const inView = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  return [`${at.localName} ${at.name ?? ''} ${at.getAttribute('href') ?? ''} ${at.className}`, ring && inView];
}
"""
LISTEN = """
() => {
  window.said = [];
  const told = (one) => {
    const words = one.hidden ? '' : one.textContent.trim();
    if (words) window.said.push([performance.now(), words]);
  };
  document.querySelectorAll('[role=status], [role=alert], [aria-live]').forEach((one) => {
    new MutationObserver(() => told(one)).observe(one, { childList: true, subtree: true, characterData: true });
  });
}
"""
CLIPPED = """
() => [...document.querySelectorAll('.message-body')].filter(
  (one) => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflow !== 'visible').length
"""
POINTED = "window.pointed = 0; addEventListener('pointerdown', () => { window.pointed += 1; }, true)"


def seen(page: Page) -> None:
    """Somebody who looks finds out where he is."""
    where, visible = page.evaluate(FOCUS)
    assert where != "nowhere"
    assert visible, f"the focus cannot be seen on {where}"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        seen(page)


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Tab until there; each stop is seen."""
    for _ in range(most):
        press(page, "Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached")


def signs_in(page: Page, server: LiveServer) -> None:
    """By typing."""
    page.goto(f"{server.origin}/login")
    if not page.evaluate("document.activeElement.name === 'email'"):
        tab_to(page, "[name=email]")
    page.keyboard.type("gus@acme.example")
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue")


def takes_a_reply_back(page: Page) -> None:
    """Sent, held, and in the composer again."""
    press(page, "r")
    page.keyboard.type("It is on its way.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("li[data-held]")).to_have_count(1, timeout=PATIENCE)
    seen(page)
    for _ in range(40):
        press(page, "Shift+Tab")
        if page.evaluate("Boolean(document.activeElement.closest('form[action$=undo]'))"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(TEXT)).to_have_value("It is on its way.", timeout=PATIENCE)
    expect(page.locator(TEXT)).to_be_focused()


def resolves(page: Page) -> None:
    page.keyboard.press("Escape")  # leaves the field on purpose, for nowhere
    page.keyboard.press("e")
    page.keyboard.type("Sent again.")
    seen(page)
    tab_to(page, "[data-deed=resolve] button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-status=RESOLVED]").first).to_be_attached(timeout=PATIENCE)
    page.wait_for_timeout(300)
    seen(page)


def test_ux_2_the_main_job_with_keys_alone(browser: Browser, server: LiveServer, world: World) -> None:
    many(world, 2)
    ticket_in(world, Status.IN_PROGRESS)
    with world.inside():
        world.user("Gus").undo_seconds = 30
    world.run_reactions()
    page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
    signs_in(page, server)
    hearing(page, server, "/queue/all")
    tab_to(page, ".queue-row .queue-link")
    press(page, "j")
    second = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{second}")
    hearing(page, server, second)
    page.evaluate(POINTED)
    takes_a_reply_back(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator("li[data-held]")).to_have_count(1, timeout=PATIENCE)
    resolves(page)
    assert page.evaluate("window.pointed") == 0


def test_ux_10_a_burst_is_said_in_few_words(browser: Browser, server: LiveServer, world: World) -> None:
    many(world, 3)
    ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    context = seated(browser, server, "Gus")
    page, queue = (hearing(context.new_page(), server, path) for path in ("/tickets/ACME-4", "/queue/all"))
    queue.focus(".queue-row .queue-link")  # so that updates are held, and said
    for one in (page, queue):
        one.evaluate(LISTEN)
    for n in range(25):
        do(world, lambda ticket, me, n=n: ticket.note(f"Note {n}.", by=me), "ACME-4")
        do(world, lambda ticket, me: ticket.hear("And?", by=ticket.customer), "ACME-4")
        for priority in (Priority.HIGH, Priority.LOW):
            do(world, lambda ticket, me, to=priority: ticket.reprioritise(to, by=me), "ACME-4")
    expect(page.locator("li[data-kind=internal_note]", has_text="Note 24.")).to_be_attached(timeout=PATIENCE)
    page.wait_for_timeout(1000)
    heard = {"ticket": page.evaluate("window.said"), "queue": queue.evaluate("window.said")}
    for name, said in heard.items():
        assert said, f"{name}: he who only listens is told"
        apart = [later[0] - one[0] for one, later in pairwise(said)]
        assert all(wait > 9_900 for wait in apart), f"{name}: {said}"


def test_ux_10_badges_that_tick_say_nothing(browser: Browser, server: LiveServer, world: World) -> None:
    many(world, 3)
    world.run_reactions()
    with world.inside():  # some seconds before their last minute
        for one in db.session.scalars(select(Clock).where(Clock.due_at.is_not(None))):
            one.due_at = clock.now() + timedelta(seconds=72)
    page = seated(browser, server, "Gus").new_page()
    hearing(page, server, "/queue/all")
    page.evaluate(LISTEN)
    badges = page.locator(".sla-text")
    expect(badges).to_have_count(3)
    for number, text in enumerate(badges.all_text_contents()):
        expect(badges.nth(number)).not_to_have_text(text, timeout=PATIENCE)
    assert page.evaluate("window.said") == []
    page.evaluate("document.getElementById('status').textContent = 'Heard.'")
    page.wait_for_function("window.said.length === 1")  # what is said would have been heard


@pytest.mark.parametrize(
    ("printed", "notes"), [("", False), ("?print=thread", False), ("?print=notes", True)]
)
def test_ux_42_what_is_printed(
    printed: str, notes: bool, browser: Browser, server: LiveServer, world: World, app: Flask
) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    do(world, lambda ticket, me: ticket.note("For us alone.", by=me), "ACME-1")
    do(world, lambda ticket, me: ticket.reply("For everybody.", by=me), "ACME-1")
    page: Any = seated(browser, server, "Gus").new_page()
    page.add_init_script("window.print = () => {}")
    page.goto(f"{server.origin}/tickets/ACME-1{printed}")
    assert page.locator("button:visible").count() > 3
    page.emulate_media(media="print", color_scheme="dark")
    text = page.locator("body").inner_text()
    assert ("For us alone." in text) is notes
    for wanted in ("ACME-1", "For everybody.", "GMT"):
        assert wanted in text
    assert page.locator("button:visible, textarea:visible, select:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )
    assert page.locator(".message-body").count() > 1
    assert page.evaluate(CLIPPED) == 0
    assert len(page.pdf()) > 5_000


def test_ux_2_a_colleague_once_chosen_is_not_offered_again(
    browser: Browser, server: LiveServer, world: World
) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    with world.inside():
        world.user("Linh").name = "Linh Trần"
    page = hearing(seated(browser, server, "Gus").new_page(), server, "/tickets/ACME-1")
    page.keyboard.press("n")
    field, names = page.locator("form.composer-note textarea"), page.locator("mention-picker [role=listbox]")
    expect(field).to_be_focused()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/mentions?" in request.url else None)
    page.keyboard.type("See @lin")
    expect(names).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#status")).to_have_text("1 person")
    page.keyboard.press("Enter")
    expect(field).to_have_value("See @Linh Trần ")
    before = len(asked)
    page.keyboard.type("please")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+End")
    page.keyboard.type(" and @gus")  # asked after all that was typed before
    expect(names).to_be_visible(timeout=PATIENCE)
    assert [url.rpartition("=")[2] for url in asked[before:]] == ["gus"]
    for key, at in (("ArrowLeft", 29), ("Home", 0)):
        page.keyboard.press("End")
        page.keyboard.press("Backspace")
        page.keyboard.type("s")
        expect(names).to_be_visible(timeout=PATIENCE)
        page.keyboard.press(key)
        expect(names).to_be_hidden()
        assert field.evaluate("(field) => field.selectionStart") == at, "the key moved the caret"
    page.keyboard.press("Enter")
    expect(field).to_have_value("\nSee @Linh Trần please and @gus")  # a line, no choice
