"""ux 4.5, 4.6: what an open page says and does when its connection ends, or its tab is hidden."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpdesk.core import clock, hub
from tests.journeys.test_live_desk import PATIENCE, TEXT, do, hearing, names, person, seated
from tests.support.live_server import LiveServer, until
from tests.support.stories import CODES, HIDE
from tests.support.world import World

pytestmark = [
    pytest.mark.usefixtures("ticket"),
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.xdist_group("journeys"),
]

NOTES = "li[data-kind=internal_note]"
WORDS = "Dear Bea, we have found"
Timed = Callable[[str, str], Page]
AHEAD = """() => {
  const now = new Date(window.helpdesk.now());
  const said = document.querySelector('snooze-times [data-when=hours]').textContent;
  const [hours, minutes] = said.split(':').map(Number);
  return (hours * 60 + minutes - now.getHours() * 60 - now.getMinutes() + 1440) % 1440;
}"""
UNDER_WAY = """(() => {
  const { fetch } = window;
  window.underWay = 0;
  window.fetch = async (...all) => {
    window.underWay += 1;
    try { return await fetch(...all); } finally { window.underWay -= 1; }
  };
})();"""


@pytest.fixture
def timed(browser: Browser, server: LiveServer) -> Timed:
    """A page whose clock can be moved on."""

    def open_(name: str, path: str) -> Page:
        page = seated(browser, server, name).new_page()
        page.add_init_script(UNDER_WAY)
        page.clock.install()
        return hearing(page, server, path)

    return open_


def note(world: World, text: str) -> None:
    do(world, lambda ticket, me: ticket.note(text, by=me), "ACME-1")


def connected(page: Page) -> None:
    until(lambda: page.evaluate("!document.getElementById('live').lostAt"), seconds=60)
    expect(page.locator("#connection")).to_be_hidden()


def moves_on(page: Page, seconds: int) -> None:
    """Its time; what it asks for meanwhile is answered within a second of that, however busy this machine is."""
    for _ in range(seconds):
        page.clock.run_for(1000)
        until(lambda: not page.evaluate("window.underWay"), seconds=25)


def has_notes(page: Page, *texts: str) -> None:
    """Exactly these, none twice, and the page was never loaded again."""
    expect(page.locator(f"{NOTES} .message-body")).to_have_text(list(texts), timeout=PATIENCE)
    assert page.evaluate("window.planted") is True


def test_ux_28_every_end_of_a_socket_is_followed_by_another(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    page, told = hearing(gus.new_page(), server, "/tickets/ACME-1"), []
    page.fill(TEXT, WORDS)
    for code in (*CODES, 1006):
        until(lambda: len(server.hub.connections) == 1, seconds=20)
        server.break_off() if code == 1006 else server.hub.close_all(code)
        told.append(f"After {code}.")
        note(world, told[-1])  # nobody hears it
        connected(page)
        has_notes(page, *told)
    expect(page.locator(TEXT)).to_have_value(WORDS)


@pytest.mark.parametrize("late", ["**/desk/page.js*", "**/vendor/hx-ws.min.js*"])
def test_ux_26_a_script_that_comes_late_knows_that_its_socket_is_open(
    world: World, server: LiveServer, gus: BrowserContext, late: str
) -> None:
    page = gus.new_page()
    page.route(late, lambda route: (page.wait_for_timeout(1500), route.continue_()))
    hearing(page, server, "/tickets/ACME-1")
    assert len(server.hub.connections) == 1
    note(world, "Heard.")
    has_notes(page, "Heard.")


def test_ux_27_a_server_that_is_gone_for_half_a_minute(
    world: World, server: LiveServer, timed: Timed
) -> None:
    page, queue = timed("Gus", "/tickets/ACME-1"), timed("Mai", "/queue/all")
    note(world, "Before.")
    has_notes(page, "Before.")
    page.fill(TEXT, WORDS)
    server.shut()
    for one in (page, queue):
        moves_on(one, 6)
        expect(one.locator("#connection")).to_be_visible()
    note(world, "Meanwhile.")
    world.ticket("Asked meanwhile")
    world.run_reactions()
    page.locator(TEXT).press_sequentially(" your parcel")
    for one in (page, queue):
        moves_on(one, 24)
    expect(page.locator("[data-draft-line]").first).not_to_be_empty()
    server.reopen()
    for one in (page, queue):
        moves_on(one, 31)
        connected(one)
    has_notes(page, "Before.", "Meanwhile.")
    expect(page.locator(TEXT)).to_have_value(f"{WORDS} your parcel")
    expect(queue.locator("tr[data-ticket='ACME-2']")).to_have_count(1, timeout=PATIENCE)


def test_ux_29_a_night_without_a_server(world: World, server: LiveServer, timed: Timed) -> None:
    page = timed("Gus", "/tickets/ACME-1")
    server.shut()
    page.clock.run_for(120_000)
    for _ in range(12):
        page.clock.fast_forward(3_600_000)
    note(world, "In the morning.")
    server.reopen()
    moves_on(page, 61)
    connected(page)
    has_notes(page, "In the morning.")


def test_ux_30_a_tab_that_was_hidden_for_ten_minutes(
    world: World, server: LiveServer, timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 3600)  # or it counts what he missed
    (his_name, _), his, hers = names(world), timed("Gus", "/tickets/ACME-1"), timed("Linh", "/tickets/ACME-1")
    expect(person(hers, his_name)).to_have_count(1, timeout=PATIENCE)
    his.evaluate(HIDE, True)
    moves_on(his, 6)
    expect(person(hers, his_name)).to_have_count(0, timeout=PATIENCE)
    with server.deaf():  # a frozen tab takes nothing
        note(world, "Not heard.")
    until(lambda: not his.evaluate("window.underWay"), seconds=25)
    expect(his.locator(NOTES)).to_have_count(0)
    his.clock.fast_forward(600_000)
    clock.travel(600)
    his.evaluate(HIDE, False)
    moves_on(his, 3)
    has_notes(his, "Not heard.")
    moves_on(hers, 3)
    expect(person(hers, his_name)).to_have_count(1, timeout=PATIENCE)


def test_ux_A10_times_to_snooze_until_are_told_from_now_however_long_a_page_is_open(
    timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 3600)  # or it hears the time from there, too
    page = timed("Gus", "/tickets/ACME-1")
    moves_on(page, 2)  # what it asks for as it opens has come: from here on nothing is swapped
    later = 120_000 + page.evaluate("(58000 - window.helpdesk.now() % 60000 + 60000) % 60000")
    clock.travel(later / 1000)
    told = page.evaluate(f"window.helpdesk.hear(window.helpdesk.now() + {later}); ({AHEAD})()")
    assert told == 180, "the server's time is heard, and told at once"
    page.clock.run_for(4000)  # a minute ends
    assert page.evaluate(AHEAD) == 180, "told anew with each minute"


def test_ux_33_where_sockets_are_blocked_the_page_asks(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    page, queue = gus.new_page(), gus.new_page()
    for one, path in ((page, "/tickets/ACME-1"), (queue, "/queue/all")):
        one.add_init_script(UNDER_WAY)
        one.clock.install()
        one.route_web_socket("**/ws*", lambda ws: ws.close(code=1011))
        one.goto(server.origin + path)
        one.evaluate("window.planted = true")
        moves_on(one, 21)
    words = page.locator("#connection:visible")
    expect(words).to_contain_text("this page asks for news every 20 seconds", timeout=PATIENCE)
    note(world, "Asked for.")
    world.ticket("Another")
    world.run_reactions()
    for one in (page, queue):
        moves_on(one, 21)
    has_notes(page, "Asked for.")
    expect(queue.locator("tr[data-ticket='ACME-2']")).to_have_count(1, timeout=PATIENCE)


def test_ux_28_a_heartbeat_that_was_counted_before_a_frame_loses_nothing(
    server: LiveServer, gus: BrowserContext
) -> None:
    page, lines, asked = gus.new_page(), [], []
    page.add_init_script(UNDER_WAY)
    page.clock.install()
    page.route_web_socket("**/ws*", lambda line: lines.append(line))  # the test speaks in the server's place
    page.on("request", lambda request: asked.append(request.url) if "/changes" in request.url else None)
    page.goto(f"{server.origin}/tickets/ACME-1")
    connected(page)
    moves_on(page, 3)
    first = len(asked)
    assert first, "it asks as soon as it hears"

    def hears(*said: int | tuple[int], asks: int) -> None:
        for each in said:
            count = {"numbers": {"queue.1": each[0]}} if isinstance(each, tuple) else {"number": each}
            lines[-1].send(json.dumps({"topic": "queue.1", "sequence": None, **count}))
        moves_on(page, 3)
        assert len(asked) - first == asks, said

    hears((4,), 5, (4,), (5,), 6, (6,), asks=0)  # a pair of brackets is a heartbeat
    hears((7,), asks=1)  # the last one was lost
    hears(9, asks=2)  # one between was lost
    hears((8,), (9,), asks=2)
    hears((1,), (1,), (1,), asks=3)  # Redis was emptied, and counts anew
    hears(2, (2,), asks=3)
