"""ux 4.5, MSG-006, MSG-007: a desk without a network says what it knows, keeps what is sent, and sends it once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from helpdesk.core.db import db
from helpdesk.tickets.message import Message
from tests.journeys.test_live_desk import PATIENCE, TEXT, do, hearing
from tests.support.live_server import LiveServer
from tests.support.world import World

pytestmark = [
    pytest.mark.usefixtures("ticket"), pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys"),
]  # fmt: skip

WORDS = "Dear Bea, we have found your parcel."
REPLIES = "**/tickets/ACME-1/replies"
LINE = "form.composer-reply queued-send"
WAITS = "Will be sent when there is a network"


@pytest.fixture
def page(gus: BrowserContext, server: LiveServer) -> Page:
    """The ticket, open before him."""
    return hearing(gus.new_page(), server, "/tickets/ACME-1")


def sent(world: World) -> list[str]:
    """The replies that there are."""
    with world.inside():
        mine = db.select(Message.body).where(Message.kind == "agent_reply").order_by(Message.id)
        return [body for body in db.session.scalars(mine) if body.startswith("Dear")]


def send_in_vain(page: Page) -> None:
    """Without a network."""
    page.context.set_offline(True)
    page.fill(TEXT, WORDS)
    page.press(TEXT, "Control+Enter")
    expect(page.locator(LINE)).to_contain_text(WAITS, timeout=PATIENCE)


def test_ux_4_5_a_reply_that_is_sent_without_a_network_leaves_once_there_is_one(
    world: World, page: Page
) -> None:
    send_in_vain(page)
    expect(page.locator("#notices .notice")).to_have_count(0)
    expect(page.locator(TEXT)).to_have_value(WORDS)
    expect(page.locator(TEXT)).to_be_editable()
    assert sent(world) == []
    page.context.set_offline(False)
    expect(page.locator(".message-body", has_text=WORDS)).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(TEXT)).to_have_value("")
    expect(page.locator(f"{LINE} > span")).to_be_empty()
    assert sent(world) == [WORDS]
    page.wait_for_timeout(1000)
    assert page.url.endswith("/tickets/ACME-1"), "what leaves by itself leads nobody away"


def test_MSG_007_a_reply_whose_answer_was_lost_is_written_once(world: World, page: Page) -> None:
    tries = []

    def loses_answers(route: Route) -> None:
        tries.append(route.fetch().status)
        route.abort()

    page.route(REPLIES, loses_answers, times=1)
    page.fill(TEXT, WORDS)
    page.press(TEXT, "Control+Enter")
    expect(page.locator(LINE)).to_contain_text(WAITS, timeout=PATIENCE)
    assert (tries, sent(world)) == ([200], [WORDS])
    expect(page.locator(TEXT)).to_have_value(
        "", timeout=PATIENCE
    )  # by itself, without a word from the browser
    assert sent(world) == [WORDS]
    expect(page.locator(".message-body", has_text=WORDS)).to_have_count(1)


def test_MSG_006_what_others_wrote_meanwhile_holds_it(world: World, page: Page) -> None:
    send_in_vain(page)
    do(world, lambda ticket, me: ticket.hear("It has just arrived!", by=ticket.customer), "ACME-1")
    page.context.set_offline(False)
    expect(page.locator(".composer-newer")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(TEXT)).to_have_value(WORDS)
    expect(page.locator(f"{LINE} > span")).to_be_empty()
    page.wait_for_timeout(6000)  # longer than it waited
    assert sent(world) == []
    button = page.locator("form.composer-reply .composer-send .button-primary")
    expect(button).to_have_text("Send anyway")
    page.press(TEXT, "Control+Enter")
    expect(page.locator(TEXT)).to_have_value("", timeout=PATIENCE)
    assert sent(world) == [WORDS]
    expect(button).to_have_text("Send")
    expect(page.locator(".composer-newer")).to_have_count(0)


def test_ux_4_5_a_waiting_reply_can_be_taken_back(world: World, page: Page) -> None:
    send_in_vain(page)
    page.locator(LINE).get_by_role("button", name="Cancel").click()
    expect(page.locator(f"{LINE} > span")).to_be_empty()
    page.context.set_offline(False)
    expect(page.locator("[data-draft-line]").first).to_contain_text("Draft saved at", timeout=PATIENCE)
    page.wait_for_timeout(5000)
    assert sent(world) == []
    expect(page.locator(TEXT)).to_have_value(WORDS)


def test_ux_4_5_who_writes_on_sends_it_himself_and_as_another_message(world: World, page: Page) -> None:
    page.route(REPLIES, lambda route: (route.fetch(), route.abort()), times=1)
    page.fill(TEXT, WORDS)
    page.press(TEXT, "Control+Enter")
    expect(page.locator(LINE)).to_contain_text(WAITS, timeout=PATIENCE)
    page.locator(TEXT).press_sequentially(" It is here.")
    expect(page.locator(LINE)).to_contain_text("Not sent: you have changed it.")
    page.wait_for_timeout(5000)
    expect(page.locator(TEXT)).to_have_value(f"{WORDS} It is here.")
    page.press(TEXT, "Control+Enter")
    expect(page.locator(TEXT)).to_have_value("", timeout=PATIENCE)
    assert sent(world) == [WORDS, f"{WORDS} It is here."], "the server had the first; nothing typed is lost"


def test_ux_4_5_a_page_that_is_closed_leaves_a_draft(world: World, server: LiveServer, page: Page) -> None:
    send_in_vain(page)
    page.wait_for_timeout(500)
    page.close()
    page.context.set_offline(False)
    again = hearing(page.context.new_page(), server, "/tickets/ACME-1")
    expect(again.locator(TEXT)).to_have_value(WORDS)
    expect(again.locator("[data-draft-line]").first).to_contain_text("Draft saved at", timeout=PATIENCE)
    again.wait_for_timeout(3000)
    assert sent(world) == []


def test_ux_4_5_a_list_without_a_connection_says_of_when_it_is(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    queue = hearing(gus.new_page(), server, "/queue/all")
    words = queue.locator("#connection data-age")
    expect(words).to_be_hidden()
    gus.set_offline(True)
    expect(words).to_be_visible(timeout=PATIENCE)
    assert re.fullmatch(r"Data as of \d\d:\d\d", words.inner_text())
    lost = queue.evaluate(
        "new Date(document.querySelector('data-age time').dateTime) - window.helpdesk.now()"
    )
    assert -60_000 < lost <= -4000, "of when the connection was lost, and not of now"
    expect(queue.locator("tr[data-ticket]")).to_have_count(1)
    queue.evaluate(
        "document.dispatchEvent(new CustomEvent('live:catch-up'))"
    )  # what the page asks, it asks in vain
    queue.wait_for_timeout(1500)
    expect(queue.locator("#notices .notice")).to_have_count(0)
    gus.set_offline(False)
    expect(words).to_be_hidden(timeout=60_000)


def test_an_error_notice_goes_when_the_connection_is_back(page: Page) -> None:
    notice, choice = page.locator("#notices .notice-bad"), page.locator(".property select[name=priority]")
    page.context.set_offline(True)
    choice.select_option("HIGH")
    expect(notice).to_contain_text("This was not sent: there is no connection.", timeout=PATIENCE)
    page.context.set_offline(False)
    expect(notice).to_have_count(0, timeout=PATIENCE)


def test_an_error_notice_goes_when_the_same_is_done(
    world: World, server: LiveServer, gus: BrowserContext
) -> None:
    do(world, lambda ticket, me: [ticket.note(f"Note {n}.", by=me) for n in range(60)], "ACME-1")
    page = hearing(gus.new_page(), server, "/tickets/ACME-1")
    page.route("**/messages?before=*", lambda route: route.abort(), times=1)
    earlier = page.locator(".thread-gap a")
    earlier.click()
    notice = page.locator("#notices .notice-bad")
    expect(notice).to_have_count(1, timeout=PATIENCE)
    earlier.click()
    expect(notice).to_have_count(0, timeout=PATIENCE)
