"""ux 4.5: what an open page says and does when its reader's session, or what he may see, ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from helpdesk.accounts.user import Membership
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import hub
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import Status
from tests.journeys.test_connection import NOTES, WORDS, connected, has_notes, note
from tests.journeys.test_live_desk import PATIENCE, TEXT, hearing, seated
from tests.support.live_server import LiveServer, until
from tests.support.seat import ticket_in
from tests.support.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def gus(browser: Browser, server: LiveServer, world: World, app: Any) -> BrowserContext:
    """His browser; he works on ACME-1."""
    ticket_in(world, Status.IN_PROGRESS)
    world.run_reactions()
    return seated(browser, server, "Gus")


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
    until(lambda: not server.hub.connections, seconds=20)
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
    expect(queue.locator("tr[data-ticket]")).to_have_count(1)
    expect(page.locator("#thread")).to_have_count(1)
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
    expect(dialog.locator("[data-form] *")).to_have_count(0)
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator(TEXT)).to_be_focused()
    expect(page.locator(TEXT)).to_have_value(WORDS)
    page.keyboard.press("Control+Enter")
    expect(page.locator("li[data-kind=agent_reply]")).to_contain_text(WORDS, timeout=PATIENCE)
    connected(page)
    note(world, "He hears again.")
    has_notes(page, "He hears again.")


def test_ux_4_5_a_key_that_did_nothing_for_want_of_a_session_says_so(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    page = hearing(gus.new_page(), server, "/queue/all")
    with world.inside():
        signs_out_elsewhere(world)
    expect(page.locator("sign-in-again dialog")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    page.locator("tr[data-ticket] a").first.focus()
    page.keyboard.press("m")  # assign to me
    expect(page.locator("#notices")).to_contain_text("Your session has ended", timeout=PATIENCE)


def test_ux_31_the_form_to_sign_in_again_leaves_nothing_behind(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    page = hearing(gus.new_page(), server, "/tickets/ACME-1")
    with world.inside():
        signs_out_elsewhere(world)
    dialog, again = page.locator("sign-in-again dialog"), page.locator("#signed-out [data-renew]")
    expect(dialog.locator("[name=password]")).to_be_visible(timeout=PATIENCE)
    dialog.locator("[name=password]").fill("half a passw")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[name=password]")).to_have_count(0)
    for name, shown in (("Mai", True), ("Gus", False)):  # in another tab of this browser
        key, _, value = server.cookie(name).partition("=")
        gus.add_cookies([{"name": key, "value": value, "url": server.origin}])
        again.click()
        if shown:
            expect(dialog.locator("[data-said]")).to_contain_text("Mai", timeout=PATIENCE)  # in her language
            expect(dialog.locator("[name=password]")).to_be_visible()  # he may come in as himself
            page.keyboard.press("Escape")
        expect(page.locator("#signed-out")).to_be_visible(visible=shown, timeout=PATIENCE)
        expect(dialog).to_be_hidden()
        expect(dialog.locator("[data-said]")).to_be_empty()
