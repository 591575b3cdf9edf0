"""An open page shows nothing older in the place of something newer, whatever comes first; and no press is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.journeys.test_live_desk import do, hearing, seated
from tests.support.live_server import LiveServer, until
from tests.support.world import World

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys"), pytest.mark.usefixtures("ticket"),
]  # fmt: skip

CATCH_UP = "document.dispatchEvent(new CustomEvent('live:catch-up'))"
THREAD = "#thread li[data-kind$=_reply] .message-body"
WATCH = """() => {
  const count = () => document.querySelectorAll('#thread li[data-kind$=_reply]').length;
  window.fewest = count();
  new MutationObserver(() => { window.fewest = Math.min(window.fewest, count()); })
    .observe(document.querySelector('main'), { childList: true, subtree: true });
}"""
CHOOSE = (
    "(field, value) => { field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); }"
)
PRESS = 0.15  # seconds that a finger rests on a button


@pytest.fixture
def gus(browser: Browser, server: LiveServer) -> Page:
    """His page of it, which hears and has asked what it missed."""
    page = hearing(seated(browser, server, "Gus").new_page(), server, "/tickets/ACME-1")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return page


@pytest.fixture
def bea(browser: Browser, world: World, server: LiveServer, ticket: int) -> Page:
    """The customer's page of it, which hears."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(server.origin + world.link(ticket))
    until(lambda: page.evaluate("!document.getElementById('live').lostAt"), seconds=20)
    page.mouse.move(5, 5)  # somebody is there: the page proves the sender
    page.wait_for_timeout(1500)
    return page


class Late:
    """The first answer of an address, which is written now and comes later."""

    def __init__(self, page: Page, part: str, method: str) -> None:
        self.page, self.method, self.asked = page, method, []
        page.route(part, self._take)

    def _take(self, route: Route) -> None:
        if self.asked or route.request.method != self.method:
            route.continue_()
        else:
            self.asked.append(route)

    def write(self) -> None:
        """Once it was asked for."""
        until(lambda: self.page.evaluate("1") and bool(self.asked))
        self.written = self.asked[0].fetch()

    def come(self) -> None:
        """After what the socket brought meanwhile."""
        self.page.wait_for_timeout(800)
        self.asked[0].fulfill(response=self.written)


def shows(page: Page, status: Status) -> None:
    """And goes on to."""
    of_it = "[data-ticket='ACME-1'][data-status{}]"
    expect(page.locator(of_it.format(f"={status}")).first).to_be_attached()
    page.wait_for_timeout(1200)
    assert [one.get_attribute("data-status") for one in page.locator(of_it.format("")).all()] == [status]


def moves(world: World, status: Status) -> Callable[[], None]:
    return lambda: do(world, lambda ticket, me: ticket.move_to(status, by=me), "ACME-1")


def test_an_answer_that_was_written_before_a_frame_does_not_take_its_place(world: World, gus: Page) -> None:
    late = Late(gus, "**/changes*", "GET")
    gus.evaluate(CATCH_UP)
    late.write()
    moves(world, Status.WAITING_USER)()
    late.come()
    shows(gus, Status.WAITING_USER)


def test_what_the_customer_has_just_said_stays_when_an_older_answer_comes(world: World, bea: Page) -> None:
    do(world, lambda ticket, me: ticket.reply("We look into it.", by=me), "ACME-1")
    late = Late(bea, "**/changes*", "GET")
    bea.evaluate("document.getElementById('live').dataset.sequence = 0")  # the answer has the whole thread
    bea.evaluate(CATCH_UP)
    late.write()
    bea.fill("form[data-composer] textarea", "Thank you.")
    bea.locator("form[data-composer] button[type=submit]").click()
    expect(bea.locator(THREAD)).to_have_text(["We look into it.", "Thank you."])
    bea.evaluate(WATCH)
    late.come()
    bea.wait_for_timeout(1200)
    assert bea.evaluate("window.fewest") == 2
    expect(bea.locator(THREAD)).to_have_text(["We look into it.", "Thank you."])


def test_an_answer_to_a_deed_that_comes_after_a_newer_frame_is_made_up_for(world: World, gus: Page) -> None:
    late = Late(gus, "**/notes", "POST")
    gus.locator("input[name=composer][value=note], [value=note]").first.check(force=True)
    gus.locator("form.composer-note textarea").fill("He called.")
    gus.locator("form.composer-note .composer-send button[type=submit]").click()
    late.write()
    moves(world, Status.WAITING_USER)()
    late.come()
    shows(gus, Status.WAITING_USER)


def test_frames_that_two_workers_send_in_the_wrong_order(
    world: World, gus: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []
    with monkeypatch.context() as slow:
        slow.setattr(live, "_publish", told.append)
        moves(world, Status.WAITING_USER)()
        do(world, lambda ticket, me: ticket.reply("On its way.", by=me), "ACME-1")
        moves(world, Status.WAITING_INTERNAL)()
    assert len(told) > 4
    with world.inside():
        for message in reversed(told):
            live._publish(message)
    shows(gus, Status.WAITING_INTERNAL)
    expect(gus.locator(THREAD)).to_have_text(["On its way."])


def test_the_button_stays_under_the_finger(bea: Page, gus: Page) -> None:
    """The line that says that a draft is kept comes when the field is left: that is, while the button is pressed."""
    for page, form in ((bea, "form[data-composer]"), (gus, "form.composer-reply")):
        button = page.locator(f"{form} .composer-send button[type=submit]")
        button.scroll_into_view_if_needed()
        page.locator(f"{form} textarea").fill("Thank you.")
        box = button.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
        page.mouse.down()
        page.wait_for_timeout(1000 * PRESS)
        moved = button.bounding_box()
        assert moved
        assert abs(moved["y"] - box["y"]) < 2
        page.mouse.up()
        expect(page.locator(THREAD).first).to_have_text("Thank you.")


def test_a_ticket_that_is_closed_takes_away_the_place_to_write(world: World, gus: Page) -> None:
    composer, why = gus.locator(".composer"), gus.get_by_text("This ticket is closed.")
    do(world, lambda ticket, me: ticket.resolve(by=me, note_en="Done.", note_vi="Xong."), "ACME-1")
    expect(composer).to_be_visible()
    expect(why).to_be_hidden()
    do(world, lambda ticket, me: ticket.confirm(by=ticket.customer), "ACME-1")
    expect(composer).to_be_hidden()
    expect(why).to_be_visible()


def test_what_somebody_was_writing_when_the_ticket_was_closed_stays(world: World, gus: Page) -> None:
    composer, text = gus.locator(".composer"), gus.locator("form.composer-reply textarea")
    text.fill("We have found")
    do(world, lambda ticket, me: ticket.close(by=me, reason="duplicate"), "ACME-1", name="Mai")
    shows(gus, Status.CLOSED)
    expect(composer).to_be_visible()  # nothing that was written goes away
    expect(text).to_have_value("We have found")


def test_the_customers_page_says_what_it_takes_once_the_request_is_closed(world: World, bea: Page) -> None:
    composer = bea.locator("[data-takes]")
    expect(composer).to_have_attribute("data-takes", "replies")
    do(world, lambda ticket, me: ticket.resolve(by=me, note_en="Done.", note_vi="Xong."), "ACME-1")
    do(world, lambda ticket, me: ticket.confirm(by=ticket.customer), "ACME-1")
    expect(composer).to_have_attribute("data-takes", "requests")
    expect(composer.get_by_label("Yêu cầu mới của bạn")).to_be_visible()
    assert composer.locator("input[name=submission]").input_value(), "sent twice, it would be two requests"


def test_a_message_that_was_taken_away_before_the_page_heard_of_it_leaves_nothing(
    world: World, gus: Page, server: LiveServer
) -> None:
    """As a fresh page has nothing of it: it came and went while what the worker said was lost."""
    with server.deaf():
        do(world, lambda ticket, me: ticket.note("A slip.", by=me), "ACME-1")
        do(world, lambda ticket, me: _last_note(ticket).remove(ticket, by=me), "ACME-1", name="Mai")
    gus.evaluate(CATCH_UP)
    expect(gus.locator("#thread li[data-kind=system]").last).to_contain_text("Mai")
    assert gus.locator("[data-withdrawn]").count() == 0
    assert "A slip." not in gus.content()


def _last_note(ticket: Ticket) -> Message:
    return db.session.scalars(
        select(Message).where(Message.ticket_id == ticket.id, Message.kind == "internal_note")
    ).one()
