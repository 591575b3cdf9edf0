"""SLA-012: badges in a real browser say what is true by the server's clock, whatever the device's own says.

A few tickets come to a threshold within seconds. Each moment what the pages show is held against what is true on the
server: it may be what was true a second ago, never anything else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from helpdesk.core import clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.lifecycle import Status
from tests.sla.desk_time import own_policy, targets
from tests.support.live_server import LiveServer
from tests.support.seat import at_work
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

HOUR, HOUR_MS = 3600, 3_600_000
TARGET = 4 * HOUR  # warning an hour before, critical 24 minutes before
FIRST = (TARGET - 2) * 4 // 3  # its warning comes two seconds before the resolution is due
COMES_AT = {  # ticket → so many seconds before the due instant something changes
    "ACME-1": 2 * HOUR + 300, "ACME-2": HOUR, "ACME-3": 1440, "ACME-4": 0,
}  # fmt: skip
EXPECTED = {
    "ACME-1": [(("2h 5m left", "calm"), ("2h 4m left", "calm"))],
    "ACME-2": [(("1h left", "calm"), ("59m left", "warn"))],
    "ACME-3": [(("24m left", "warn"), ("23m left", "hot"))],
    "ACME-4": [(("less than 1 minute left", "hot"), ("Overdue by less than 1 minute", "bad"))],
}
# A device whose clock is wrong, and can be set while a page is open.
OTHER_CLOCK = """
(() => {
  const Real = Date;
  let off = %d;
  window.setClock = (by) => { off += by; };
  window.Date = class extends Real {
    constructor(...parts) { if (parts.length) super(...parts); else super(Real.now() + off); }
    static now() { return Real.now() + off; }
  };
  window.spoken = [];
  document.addEventListener('DOMContentLoaded', () => {
    const status = document.getElementById('status');
    new MutationObserver(() => window.spoken.push(status.textContent)).observe(status, { childList: true });
  });
})();
"""
BADGES = """
() => Object.fromEntries([...document.querySelectorAll('[data-ticket] time.sla')].map((badge) => [
  badge.closest('[data-ticket]').dataset.ticket,
  [badge.querySelector('.sla-text').textContent.trim(), badge.dataset.tone ?? badge.dataset.state],
]))
"""


def signed_in(browser: Browser, server: LiveServer) -> BrowserContext:
    """Gus's browser."""
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Ho_Chi_Minh")
    name, _, value = server.cookie("Gus").partition("=")
    context.add_cookies([{"name": name, "value": value, "url": server.origin}])
    return context


def opened(desk: BrowserContext, server: LiveServer, path: str, clock_off: int) -> Page:
    """A page on a device whose clock is so many milliseconds off."""
    page = desk.new_page()
    page.add_init_script(OTHER_CLOCK % clock_off)
    page.goto(server.origin + path)
    return page


def written_at(world: World, at: datetime, then: Any = None) -> None:
    """A ticket that was created at an instant, and what was done with it a minute later."""
    with clock.frozen(at):
        made = world.ticket()
        clock.travel(60)
        if then:
            with at_work(world, made) as (ticket, me):
                ticket.take(by=me)
                then(ticket, me)


def length(seconds: float) -> str:
    """In at most two units, rounded down."""
    minutes = int(seconds // 60)
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m")]
    two = parts[:2] if minutes >= 1440 else parts[1:]
    return " ".join(f"{n}{unit}" for n, unit in two if n) or "less than 1 minute"


def truth(due: datetime, at: datetime) -> tuple[str, str]:
    """What a running badge must say at an instant, and how."""
    left = (due - at).total_seconds()
    if left <= 0:
        return f"Overdue by {length(-left)}", "bad"
    tone = "hot" if left <= 1440 else "warn" if left <= HOUR else "calm"
    return f"{length(left)} left", tone


def instants(earliest: datetime, latest: datetime) -> Iterator[datetime]:
    """Some instants close together."""
    at = earliest
    while at < latest:
        yield at
        at += timedelta(milliseconds=50)
    yield latest


def watch(page: Page, dues: dict[str, datetime]) -> dict[str, tuple[str, str]]:
    """What the badges of a page say now; each must be true now, or have been true a second ago."""
    before = clock.now()
    said = {number: tuple(words) for number, words in page.evaluate(BADGES).items()}
    span = list(instants(before - timedelta(seconds=1), clock.now()))
    for number, due in dues.items():
        if number in said:
            assert said[number] in {truth(due, at) for at in span}, (number, said[number], truth(due, before))
    return said


def sleep_through(pages: list[Page], until: datetime, dues: dict[str, datetime]) -> None:
    """The machine sleeps: nothing runs in the pages, their steady clock stands. Soon after they know the time again."""
    away = (until - clock.now()).total_seconds()
    clock.travel(away)
    for page in pages:
        page.evaluate("by => setClock(by)", away * 1000)
    woken = clock.now()
    for page, number in zip(pages, ("ACME-1", "ACME-4"), strict=True):
        while tuple(page.evaluate(BADGES)[number]) != truth(dues[number], clock.now()):
            assert clock.now() - woken < timedelta(seconds=3)
            time.sleep(0.05)


def threatened(world: World, base: datetime) -> dict[str, datetime]:
    """Tickets that come to a threshold one second after the other; when they are due."""
    with world.inside():
        own_policy(targets=targets(first=FIRST, next=None, resolution=TARGET))
    for place, before in enumerate(COMES_AT.values()):
        written_at(world, base + timedelta(seconds=1 + place + before - TARGET))
    with world.inside():
        trackers = [world.one(Tracker, ticket_id=place + 1) for place in range(len(COMES_AT))]
        return {number: each.clocks[-1].due_at for number, each in zip(COMES_AT, trackers, strict=True)}


def look_on(
    queue: Page, ticket: Page, dues: dict[str, datetime], base: datetime
) -> list[dict[str, tuple[str, str]]]:
    """What the queue says from moment to moment, while somebody sets the clocks of his devices."""
    seen, is_set = [], False
    while clock.now() < base + timedelta(seconds=6):
        seen.append(watch(queue, dues))
        watch(ticket, dues)
        if not is_set and clock.now() > base + timedelta(seconds=1.5):
            is_set = True
            queue.evaluate(f"setClock(-2 * {HOUR_MS})")
            ticket.evaluate(f"setClock(5 * {HOUR_MS})")
        time.sleep(0.1)
    return seen


def changes_of(seen: list[dict[str, tuple[str, str]]]) -> dict[str, list[Any]]:
    """Ticket → what its badge said before and after each change."""
    steps = {number: pairwise([said[number] for said in seen]) for number in COMES_AT}
    return {number: [step for step in each if step[0] != step[1]] for number, each in steps.items()}


def test_SLA_012_badges_keep_the_server_s_time(browser: Browser, server: LiveServer, world: World) -> None:
    base = clock.now() + timedelta(minutes=10)
    dues = threatened(world, base)
    written_at(world, base, lambda t, me: t.reply("Which one?", by=me, then=Status.WAITING_USER))
    desk = signed_in(browser, server)
    queue = opened(desk, server, "/queue/all", HOUR_MS)
    ticket = opened(desk, server, "/tickets/ACME-4", -HOUR_MS)
    still = opened(desk, server, "/tickets/ACME-5", 0)
    queue.wait_for_timeout(800)  # its socket is open, and it has asked what it missed
    sleep_through([queue, ticket], base - timedelta(seconds=4), dues)
    while clock.now() < base:  # the socket, which heard nothing for so long, comes again
        watch(queue, dues)
        time.sleep(0.1)

    asked: list[str] = []
    queue.on("request", lambda request: asked.append(request.url))
    assert changes_of(look_on(queue, ticket, dues, base)) == EXPECTED
    assert [url for url in asked if not url.endswith("/healthz")] == []
    assert len(asked) <= 1  # the doubt that somebody made by setting the clock
    words = [badge.inner_text() for badge in still.locator(".clocks .sla-text").all()]
    assert words == ["Met", "Paused"]
    assert ticket.evaluate("spoken") == [
        "First response: 1h 19m left",
        "Resolution: Overdue by less than 1 minute",
    ]
