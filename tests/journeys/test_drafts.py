"""MSG-006, ux 4.5, 4.9: what is written without a connection is kept once there is one, and one goes on at its end."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from helpdesk.tickets.draft import Draft
from tests.journeys.test_live_desk import PATIENCE, TEXT, hearing, seated
from tests.support.live_server import LiveServer, until
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

LINE = "form.composer-reply [data-draft-line]"
SAVES = "**/tickets/ACME-1/drafts"
WORDS = "Dear Bea, we have found your parcel"
CARET = "(field) => [field.selectionStart, field.selectionEnd]"


@pytest.fixture
def page(browser: Browser, server: LiveServer, ticket: int) -> Page:
    """It, open before him."""
    return hearing(seated(browser, server, "Gus").new_page(), server, "/tickets/ACME-1")


def kept(world: World, ticket: int) -> list[str]:
    with world.inside():
        return [draft.body for draft in Draft.kept(ticket, world.user("Gus")).values()]


def saves(page: Page) -> list[str]:
    """The saves that are begun from now on."""
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if "/drafts" in request.url else None)
    return begun


def test_ux_4_5_words_typed_without_a_connection_are_saved_once_it_is_back(
    world: World, ticket: int, page: Page
) -> None:
    page.context.set_offline(True)
    page.fill(TEXT, WORDS)
    expect(page.locator(LINE)).to_have_text("Not saved – no connection", timeout=PATIENCE)
    assert kept(world, ticket) == []
    begun = saves(page)
    page.context.set_offline(False)
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=PATIENCE)
    assert kept(world, ticket) == [WORDS]
    until(lambda: page.evaluate("!document.getElementById('live').lostAt"), seconds=60)
    page.wait_for_timeout(2500)  # longer than a save waits
    assert len(begun) == 1, "it is there already"


def test_ux_4_9_a_save_that_failed_is_tried_again_with_the_newest_words(
    world: World, ticket: int, page: Page
) -> None:
    answers = [503, 500]

    def fails_at_first(route: Route) -> None:
        if answers:
            route.fulfill(status=answers.pop(), body="")
        else:
            route.continue_()

    page.route(SAVES, fails_at_first)
    page.fill(TEXT, "Dear")
    expect(page.locator(LINE)).to_have_text("Not saved", timeout=PATIENCE)
    page.locator(TEXT).evaluate("(field, words) => { field.value = words; }", WORDS)  # nobody hears of it
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=PATIENCE)
    assert (answers, kept(world, ticket)) == ([], [WORDS])


def test_ux_4_9_a_save_that_is_refused_is_not_tried_again(world: World, ticket: int, page: Page) -> None:
    page.route(SAVES, lambda route: route.fulfill(status=422, body=""))
    page.fill(TEXT, WORDS)
    expect(page.locator(LINE)).to_have_text("Not saved", timeout=PATIENCE)
    begun = saves(page)
    page.wait_for_timeout(5000)  # longer than the first pause
    assert begun == []


def test_ux_4_3_the_key_to_reply_leads_to_the_end_of_a_draft(page: Page) -> None:
    field = page.locator(TEXT)
    field.fill(WORDS)
    expect(page.locator(LINE)).to_contain_text("Draft saved at", timeout=PATIENCE)
    page.reload()
    expect(field).to_have_value(WORDS)
    page.keyboard.press("r")
    expect(field).to_be_focused()
    assert field.evaluate(CARET) == [len(WORDS)] * 2
    field.evaluate("(field) => field.setSelectionRange(4, 4)")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(field).to_be_focused()
    assert field.evaluate(CARET) == [4, 4], "where he had put it himself"
