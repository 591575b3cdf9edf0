"""NTF-001, ux 4.1, 4.2, 4.6: the desk changes under people who point, write and look, and is not in their way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpdesk.core.db import db
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import many
from tests.support.live_server import LiveServer, until
from tests.support.seat import at_work, ticket_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

PATIENCE = 20_000
TEXT = "form.composer-reply textarea"
ROWS = "() => [...document.querySelectorAll('tr[data-ticket]')].map((row) => row.dataset.ticket)"
SELECTION = (
    "() => { const a = document.activeElement; return [a.id, a.value, a.selectionStart, a.selectionEnd]; }"
)
# What a reader can tell from a row; whatever only ticks, lights up or is at hand is left out.
SEEN = """
() => [...document.querySelectorAll('tr[data-ticket]')].map((row) => [row.dataset.ticket, row.dataset.version,
  ...['.queue-link', '.queue-status', '.queue-priority', '.queue-assignee', '.queue-sla time'].map(
    (part) => row.querySelector(part)?.getAttribute('data-due') ?? row.querySelector(part)?.textContent.trim())])
"""

# The socket is open, and the list has asked what it missed.
SETTLED = """
() => !document.getElementById('live').lostAt && [...document.querySelectorAll('live-queue')].every(
  (list) => list.turn && !list.timer && !list.owed && !list.rung.size)
"""
Desk = Callable[[str, str], Page]


def seated(browser: Browser, server: LiveServer, name: str) -> BrowserContext:
    """Somebody's browser, signed in."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    key, _, value = server.cookie(name).partition("=")
    context.add_cookies([{"name": key, "value": value, "url": server.origin}])
    return context


@pytest.fixture
def desk(browser: Browser, server: LiveServer) -> Desk:
    """`desk("Gus", "/queue")` is a page of a browser of his own, which hears already."""

    def open_(name: str, path: str) -> Page:
        return hearing(seated(browser, server, name).new_page(), server, path)

    return open_


def hearing(page: Page, server: LiveServer, path: str) -> Page:
    """Open a page and wait until its socket is, and its list has asked what it missed."""
    page.goto(server.origin + path)
    until(lambda: page.evaluate(SETTLED), seconds=60)  # Chromium at times sends nothing for 20 s
    page.evaluate("window.planted = true")
    return page


def do(world: World, deed: Callable[[Ticket, Any], Any], *numbers: str, name: str = "Linh") -> None:
    """The same deed on some tickets, and everybody is told."""
    with world.inside():
        ids = list(db.session.scalars(db.select(Ticket.id).where(Ticket.number.in_(numbers))))
    for ticket_id in ids:
        with at_work(world, ticket_id, name) as (ticket, me):
            deed(ticket, me)
    world.run_reactions()


def test_half_typed_words_outlive_a_hundred_changes(world: World, desk: Desk) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    page = desk("Gus", "/tickets/ACME-1")
    page.fill(TEXT, "Dear Bea, we have found your parc")
    page.locator(TEXT).evaluate("(field) => field.setSelectionRange(5, 8)")
    before = page.evaluate(SELECTION)
    for n in range(20):
        do(world, lambda ticket, me, n=n: ticket.note(f"Note {n}.", by=me), "ACME-1")
        do(world, lambda ticket, me: ticket.hear("And?", by=ticket.customer), "ACME-1")
        for priority in (Priority.HIGH, Priority.LOW):
            do(world, lambda ticket, me, to=priority: ticket.reprioritise(to, by=me), "ACME-1")
        do(world, lambda ticket, me, n=n: ticket.retag([f"tag-{n}"], by=me), "ACME-1")
        assert page.evaluate(SELECTION) == before, n
    expect(page.locator("li[data-message]").last).to_be_attached()
    expect(page.locator("li[data-kind=internal_note]", has_text="Note 19.")).to_be_attached(timeout=PATIENCE)
    expect(page.locator("[data-ticket='ACME-1'][data-priority=LOW]").first).to_be_attached(timeout=PATIENCE)
    assert page.evaluate(SELECTION) == before
    page.keyboard.type("???")
    expect(page.locator(TEXT)).to_have_value("Dear ???, we have found your parc")
    assert page.evaluate("window.planted") is True


def test_the_row_under_the_pointer_stays_while_twenty_others_would_pass_it(world: World, desk: Desk) -> None:
    many(world, 25)
    world.run_reactions()
    page = desk("Gus", "/queue/all?sort=due")
    before = page.evaluate(ROWS)
    row, others = before[2], [number for number in before if number != before[2]][-20:]
    page.hover(f"tr[data-ticket='{row}']")
    box = page.locator(f"tr[data-ticket='{row}']").bounding_box()
    pill = page.locator("#show-updates")
    for number in others:
        do(world, lambda ticket, me: ticket.reprioritise(Priority.HIGH, by=me), number)
        if number == others[0]:
            expect(pill).to_have_text("1 new update · Show", timeout=PATIENCE)
    expect(pill).to_have_text("20 new updates · Show", timeout=PATIENCE)
    assert page.evaluate(ROWS) == before
    assert page.locator(f"tr[data-ticket='{row}']").bounding_box() == box
    expect(page.locator("tr[data-held=moves]")).to_have_count(20)
    expect(page.locator(f"tr[data-ticket='{others[0]}'] .queue-priority")).to_contain_text("High")
    pill.click()
    expect(pill).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("tr[data-held]")).to_have_count(0)
    same_as_fresh(page)


def same_as_fresh(page: Page) -> None:
    """The page that was open all the time shows what a fresh one shows."""
    fresh = page.context.new_page()
    fresh.goto(page.url)
    wanted = fresh.evaluate(SEEN)
    fresh.close()
    until(lambda: page.evaluate(SEEN) == wanted, seconds=20)


def test_what_leaves_and_what_comes_waits_for_who_looks_and_for_nobody_else(world: World, desk: Desk) -> None:
    many(world, 4)
    world.run_reactions()
    page, busy = (desk(name, "/queue/all?status=ASSIGNED&sort=due") for name in ("Gus", "Mai"))
    before = busy.evaluate(ROWS)
    busy.focus(f"tr[data-ticket='{before[1]}'] a")
    do(world, lambda ticket, me: ticket.move_to(Status.WAITING_USER, by=me), before[1], before[2])
    many(world, 1)
    world.run_reactions()
    expect(page.locator(f"tr[data-ticket='{before[1]}']")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("tr[data-ticket]")).to_have_count(3, timeout=PATIENCE)
    same_as_fresh(page)
    expect(busy.locator("#show-updates")).to_have_text("Có 3 cập nhật mới · Hiển thị", timeout=PATIENCE)
    expect(busy.locator("#nav-waiting")).to_have_text("2")
    assert busy.evaluate(ROWS) == before
    expect(busy.locator("tr[data-held=leaves]")).to_have_count(2)
    expect(busy.locator("#status")).to_have_text("Có 3 cập nhật mới · Hiển thị", timeout=PATIENCE)
    busy.locator("#show-updates").evaluate("(button) => button.click()")
    expect(busy.locator(f"tr[data-ticket='{before[3]}'] a")).to_be_focused(timeout=PATIENCE)
    same_as_fresh(busy)


def person(page: Page, name: str) -> Any:
    return page.locator(f".presence-line .presence-person[data-name='{name}']:visible")


def names(world: World) -> tuple[str, str]:
    with world.inside():
        return world.user("Gus").name, world.user("Linh").name


def test_two_people_at_one_ticket_see_each_other(world: World, server: LiveServer, desk: Desk) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    (gus, linh), queue = names(world), desk("Mai", "/queue/all")
    his, hers = desk("Gus", "/tickets/ACME-1"), desk("Linh", "/tickets/ACME-1")
    expect(person(hers, gus)).to_have_attribute("data-state", "viewing", timeout=PATIENCE)
    expect(person(his, linh)).to_have_attribute("data-state", "viewing", timeout=PATIENCE)
    expect(queue.locator(".presence-row .presence-person:visible")).to_have_count(2, timeout=PATIENCE)
    his.locator(TEXT).press_sequentially("Hello")
    expect(person(hers, gus)).to_have_attribute("data-state", "writing", timeout=PATIENCE)
    expect(hers.locator("#status")).to_have_text(f"{gus} đang viết", timeout=PATIENCE)
    hers.locator(TEXT).press_sequentially("Hi")
    expect(hers.locator("form.composer-reply [data-writers]")).to_have_text(
        f"{gus} đang viết", timeout=PATIENCE
    )
    his.fill(TEXT, "")
    expect(person(hers, gus)).to_have_attribute("data-state", "viewing", timeout=PATIENCE)
    second = hearing(his.context.new_page(), server, "/tickets/ACME-1")
    expect(person(second, linh)).to_have_count(1, timeout=PATIENCE)
    assert person(second, gus).count() == person(his, gus).count() == 0, "his other tab is nobody else"
    second.close()
    his.goto(f"{server.origin}/queue")
    expect(person(hers, gus)).to_have_count(0, timeout=PATIENCE)


def test_a_killed_tab_is_forgotten_within_a_minute(world: World, desk: Desk) -> None:
    ticket_in(world, Status.IN_PROGRESS)
    gus, _ = names(world)
    his, hers = desk("Gus", "/tickets/ACME-1"), desk("Linh", "/tickets/ACME-1")
    expect(person(hers, gus)).to_have_count(1, timeout=PATIENCE)
    his.context.set_offline(True)  # no good-bye arrives, as when a browser is killed
    his.close()
    expect(person(hers, gus)).to_have_count(1)
    expect(person(hers, gus)).to_have_count(0, timeout=62_000)
