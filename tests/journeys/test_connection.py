"""ux 4.5, 4.6: what an open page says and does when its connection, its tab or its session ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpdesk.accounts.user import Membership
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock, hub
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import Status
from tests.journeys.test_live_desk import PATIENCE, TEXT, do, hearing, names, person, seated
from tests.support.live_server import LiveServer, until
from tests.support.seat import ticket_in
from tests.support.stories import CODES, HIDE
from tests.support.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

NOTES = "li[data-kind=internal_note]"
WORDS = "Dear Bea, we have found"
Timed = Callable[[str, str], Page]


@pytest.fixture(autouse=True)
def ticket(world: World, app: Any) -> int:
    """ACME-1, which Gus works on."""
    made = ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    return made


@pytest.fixture
def gus(browser: Browser, server: LiveServer) -> BrowserContext:
    """His browser."""
    return seated(browser, server, "Gus")


@pytest.fixture
def timed(browser: Browser, server: LiveServer) -> Timed:
    """A page whose clock can be moved on."""

    def open_(name: str, path: str) -> Page:
        page = seated(browser, server, name).new_page()
        page.clock.install()
        return hearing(page, server, path)

    return open_


def note(world: World, text: str) -> None:
    do(world, lambda ticket, me: ticket.note(text, by=me), "ACME-1")


def connected(page: Page) -> None:
    until(lambda: page.evaluate("!document.getElementById('live').lostAt"), seconds=25)
    expect(page.locator("#connection")).to_be_hidden()


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
        has_notes(page, *told)
        connected(page)
    expect(page.locator(TEXT)).to_have_value(WORDS)


def test_ux_27_a_server_that_is_gone_for_half_a_minute(
    world: World, server: LiveServer, timed: Timed
) -> None:
    page, queue = timed("Gus", "/tickets/ACME-1"), timed("Mai", "/queue/all")
    note(world, "Before.")
    has_notes(page, "Before.")
    page.fill(TEXT, WORDS)
    server.shut()
    for one in (page, queue):
        one.clock.run_for(6000)
        expect(one.locator("#connection")).to_be_visible()
    note(world, "Meanwhile.")
    world.ticket("Asked meanwhile")
    world.run_reactions()
    page.locator(TEXT).press_sequentially(" your parcel")
    for one in (page, queue):
        one.clock.run_for(24_000)
    expect(page.locator("[data-draft-line]").first).not_to_be_empty()
    server.reopen()
    for one in (page, queue):
        one.clock.run_for(31_000)
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
    page.clock.run_for(61_000)
    connected(page)
    has_notes(page, "In the morning.")


def test_ux_30_a_tab_that_was_hidden_for_ten_minutes(world: World, server: LiveServer, timed: Timed) -> None:
    (his_name, _), his, hers = names(world), timed("Gus", "/tickets/ACME-1"), timed("Linh", "/tickets/ACME-1")
    expect(person(hers, his_name)).to_have_count(1, timeout=PATIENCE)
    his.evaluate(HIDE, True)
    his.clock.run_for(6000)
    expect(person(hers, his_name)).to_have_count(0, timeout=PATIENCE)
    with server.deaf():  # a frozen tab takes nothing
        note(world, "Not heard.")
    his.clock.fast_forward(600_000)
    clock.travel(600)
    expect(his.locator(NOTES)).to_have_count(0)
    his.evaluate(HIDE, False)
    his.clock.run_for(2500)
    has_notes(his, "Not heard.")
    hers.clock.run_for(3000)
    expect(person(hers, his_name)).to_have_count(1, timeout=PATIENCE)


def test_ux_33_where_sockets_are_blocked_the_page_asks(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    page, queue = gus.new_page(), gus.new_page()
    for one, path in ((page, "/tickets/ACME-1"), (queue, "/queue/all")):
        one.clock.install()
        one.route_web_socket("**/ws*", lambda ws: ws.close(code=1011))
        one.goto(server.origin + path)
        one.evaluate("window.planted = true")
        one.clock.run_for(21_000)
    words = page.locator("#connection:visible")
    expect(words).to_contain_text("this page asks for news every 20 seconds", timeout=PATIENCE)
    note(world, "Asked for.")
    world.ticket("Another")
    world.run_reactions()
    for one in (page, queue):
        one.clock.run_for(21_000)
    has_notes(page, "Asked for.")
    expect(queue.locator("tr[data-ticket='ACME-2']")).to_have_count(1, timeout=PATIENCE)


def leaves_the_house(world: World) -> None:
    world.user("Gus").deactivate()


def signs_out_elsewhere(world: World) -> None:
    for row in db.session.scalars(db.select(UserSession).where(UserSession.user_id == world.user("Gus").id)):
        row.end()


@pytest.mark.parametrize("lose", [leaves_the_house, signs_out_elsewhere])
def test_ux_4_5_a_session_that_ends_is_said_at_once(
    lose: Callable[[World], None], world: World, server: LiveServer, gus: BrowserContext
) -> None:
    pages = [hearing(gus.new_page(), server, path) for path in ("/queue/all", "/tickets/ACME-1", "/keys")]
    pages[1].fill(TEXT, WORDS)
    with world.inside():
        lose(world)
    until(lambda: not server.hub.connections, seconds=5)
    for page in pages:
        expect(page.locator("#signed-out")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#connection")).to_be_hidden()
    note(world, "Not for him.")
    pages[1].wait_for_timeout(500)
    expect(pages[1].locator(NOTES)).to_have_count(0)
    expect(pages[1].locator(TEXT)).to_have_value(WORDS)


def test_Q_2_a_merchant_that_is_taken_away_is_gone_from_the_screen(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    queue, page = (hearing(gus.new_page(), server, path) for path in ("/queue/all", "/tickets/ACME-1"))
    with world.inside():
        user, shop = world.user("Gus"), world.one(Merchant, prefix="ACME")
        world.one(Membership, user_id=user.id, merchant_id=shop.id).deleted_at = shop.created_at
        user.rights_changed()
    expect(queue.locator("tr[data-ticket]")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("#thread")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("h1")).to_have_count(1)


def test_ux_31_signed_in_again_over_the_page(
    world: World, server: LiveServer, gus: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "RECHECK_SECONDS", 0.5)
    page = hearing(gus.new_page(), server, "/tickets/ACME-1")
    page.fill(TEXT, WORDS)
    with world.inside():
        signs_out_elsewhere(world)
    dialog = page.locator("sign-in-again dialog")
    expect(dialog).to_be_visible(timeout=PATIENCE)
    dialog.locator("[name=email]").fill("gus@acme.example")
    dialog.locator("[name=password]").fill("not this one")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The email or the password is wrong.", timeout=PATIENCE)
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator(TEXT)).to_be_focused()
    expect(page.locator(TEXT)).to_have_value(WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.locator("li[data-kind=agent_reply]")).to_contain_text(WORDS, timeout=PATIENCE)
    connected(page)
    note(world, "He hears again.")
    has_notes(page, "He hears again.")
