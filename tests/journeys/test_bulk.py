"""Many tickets at once in a browser (UX A5, M8), and the lists of the composer (UX A3)."""

from __future__ import annotations

from contextvars import Context

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.tenancy import inside
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed
from tests.desk.queue_pages import many
from tests.journeys.test_live_desk import PATIENCE, hearing, seated
from tests.support.jobs import run_jobs
from tests.support.live_server import LiveServer
from tests.support.seat import at_work
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

BAR, SAID = "bulk-bar", "#bulk-said"
COMPOSING = """(key) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }))"""


def page_of(browser: Browser, server: LiveServer, name: str, path: str) -> Page:
    return hearing(seated(browser, server, name).new_page(), server, path)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def a_worker_does(world: World, run_id: int) -> None:
    """What a worker does with a run; the reactions of its tickets are others' business."""

    def work() -> None:
        with world.app.app_context(), inside(world.organizers["acme"]):
            while BulkRun.work(run_id):
                pass

    Context().run(work)


def priorities(world: World) -> list[str]:
    with world.inside():
        return list(db.session.scalars(select(Ticket.priority).order_by(Ticket.id)))


def test_bulk_by_keys_alone_survives_changes_and_is_undone(
    browser: Browser, server: LiveServer, world: World
) -> None:
    many(world, 6)
    page = page_of(browser, server, "Gus", "/queue/all")
    press(page, "j", "x", "j", "j", "Shift+X")
    expect(page.locator(BAR)).to_have_attribute("aria-label", "3 tickets selected")
    chosen = page.evaluate("[...document.querySelectorAll('[data-pick]:checked')].map((box) => box.value)")
    with world.inside():
        ticket_id = db.session.scalars(select(Ticket.id).where(Ticket.number == chosen[1])).one()
    with at_work(world, ticket_id, "Linh") as (ticket, linh):  # somebody changes one of them meanwhile
        ticket.reprioritise(Priority.CRITICAL, by=linh)
    run_jobs(world.app)
    row = page.locator(f"tr[data-ticket={chosen[1]}]")
    expect(row.locator("[data-priority=CRITICAL]")).to_be_visible(timeout=PATIENCE)
    expect(row.locator("[data-pick]")).to_be_checked()
    expect(page.locator(BAR)).to_have_attribute("aria-label", "3 tickets selected")
    press(page, "p")
    expect(page.locator("#bulk-priority")).to_be_focused()
    page.locator("#bulk-priority").select_option("LOW")
    press(page, "Tab", "Enter")
    expect(page.locator(SAID)).to_contain_text("3 done", timeout=PATIENCE)
    expect(page.locator(BAR)).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "queue-link"
    expect(page.locator("tr [data-priority=LOW]")).to_have_count(3, timeout=PATIENCE)
    page.get_by_role("button", name="Undo").focus()
    press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Bulk change")
    assert sorted(set(priorities(world))) == ["CRITICAL", "MEDIUM"]


@pytest.mark.parametrize("width", [1280, 360])
def test_ux_A5_what_became_of_it_is_in_sight_however_far_down_somebody_chose(
    browser: Browser, server: LiveServer, world: World, width: int
) -> None:
    many(world, 30)
    world.run_reactions()
    page = page_of(browser, server, "Gus", "/queue/all")
    page.set_viewport_size({"width": width, "height": 700})
    page.locator("[data-pick]").nth(20).check()
    menu = page.locator("[data-bulk=snooze]")
    menu.locator("summary").click()
    panel, field = (menu.locator(part).bounding_box() for part in (".bulk-panel", "#bulk-at"))
    assert panel
    assert field
    assert field["x"] + field["width"] <= panel["x"] + panel["width"] - 8, "a field stays within its panel"
    page.locator("[data-bulk=priority] summary").click()
    page.select_option("#bulk-priority", "HIGH")
    page.locator("[data-bulk=priority] button").click()
    undo = page.locator(f"{SAID} .link-button")
    expect(undo).to_be_in_viewport(timeout=PATIENCE)
    undo.click(trial=True, timeout=5000)  # nothing lies over it


def test_all_results_are_a_job_that_tells_how_far_it_is(
    browser: Browser, server: LiveServer, world: World
) -> None:
    many(world, 103)
    page = page_of(browser, server, "Gus", "/queue/all")
    page.locator("[data-pick-all]").check()
    page.get_by_label("Choose all 103 results").check()
    page.locator("[data-bulk=priority] summary").click()
    page.locator("#bulk-priority").select_option("HIGH")
    page.locator("[data-bulk=priority] [type=submit]").click()
    expect(page.locator("h1")).to_have_text("Change 103 tickets?", timeout=PATIENCE)
    page.get_by_role("button", name="Change 103 tickets").click()
    expect(page.locator("progress")).to_be_visible(timeout=PATIENCE)
    a_worker_does(world, 1)
    expect(page.locator(".bulk-state")).to_contain_text("103 done", timeout=PATIENCE)
    expect(page.locator("#bell")).to_have_attribute("data-count", "0", timeout=PATIENCE)  # it was looked at
    with world.inside():
        assert db.session.scalars(select(BulkRun)).one().seen_at
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("progress")).to_be_visible(timeout=PATIENCE)
    a_worker_does(world, 2)
    expect(page.locator(".bulk-state")).to_contain_text("103 done", timeout=PATIENCE)
    assert set(priorities(world)) == {"MEDIUM"}


def test_a_macro_is_seen_before_it_is_done(browser: Browser, server: LiveServer, world: World) -> None:
    world.ticket()
    with world.inside():
        steps = [TicketDeed("assign", "me").said, TicketDeed("priority", "HIGH").said]
        words = {"name_en": "Take it on", "name_vi": "Nhận xử lý", "deeds": steps}
        Macro.create(words, by=world.user("Ada"), owner_id=None, group_id=None)
    page = page_of(browser, server, "Gus", "/tickets/ACME-1")
    press(page, "Control+k")
    page.keyboard.type("take it on")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("Macro: Take it on")
    press(page, "Enter")
    page.get_by_role("button", name="See what it would do").click()
    expect(page.locator(".macro-preview li")).to_have_count(2, timeout=PATIENCE)
    assert priorities(world) == ["MEDIUM"]
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".ticket-header[data-priority=HIGH]")).to_be_visible(timeout=PATIENCE)
    page.locator("form[action$=undo]").get_by_role("button", name="Undo").click()
    expect(page.locator(".ticket-header[data-priority=MEDIUM]")).to_be_visible(timeout=PATIENCE)


def test_a_note_addresses_a_colleague_from_a_list(browser: Browser, server: LiveServer, world: World) -> None:
    world.ticket()
    with world.inside():
        world.user("Linh").name = "Đặng Linh"
    page = page_of(browser, server, "Gus", "/tickets/ACME-1")
    press(page, "n")
    field, options = page.locator("form.composer-note textarea"), page.locator("mention-picker [role=option]")
    page.keyboard.type("Look @dang")
    expect(options).to_contain_text(["Đặng Linh"], timeout=PATIENCE)
    page.evaluate(COMPOSING, "Enter")  # the key belongs to an input method
    expect(options).to_have_count(1)
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    press(page, "Enter")
    expect(field).to_have_value("Look @Đặng Linh ")
    expect(page.locator("mention-picker [role=listbox]")).to_be_hidden()
    page.keyboard.type("gus@acme")  # an address is no mention
    expect(page.locator("mention-picker [role=listbox]")).to_be_hidden()


def test_a_canned_reply_with_a_gap_is_not_sent(browser: Browser, server: LiveServer, world: World) -> None:
    world.ticket()
    with world.inside():
        words = {
            "name_en": "Order",
            "body_en": "Order {{order_id}} is late.",
            "body_vi": "Đơn {{order_id}} trễ.",
        }
        CannedReply.create(words, by=world.user("Ada"), owner_id=None, group_id=None)
    page = page_of(browser, server, "Gus", "/tickets/ACME-1")
    press(page, "r", "/")
    option = page.locator("canned-picker [role=option]")
    expect(option.locator(".canned-preview")).to_have_count(2, timeout=PATIENCE)  # both languages
    expect(option.locator("mark.unfilled").first).to_have_text("{{order_id}}")
    press(page, "Enter")
    field = page.locator("form.composer-reply textarea")
    expect(field).to_have_value("Đơn {{order_id}} trễ.")
    press(page, "Control+Enter")
    expect(page.locator("[data-guard]")).to_contain_text("Not filled in yet: {{order_id}}")
    page.keyboard.type("17")  # the gap is selected
    expect(field).to_have_value("Đơn 17 trễ.")
    press(page, "Control+Enter")
    expect(page.locator("li[data-kind=agent_reply]")).to_have_count(1, timeout=PATIENCE)


def test_after_sending_comes_the_next_ticket_for_who_likes_that(
    browser: Browser, server: LiveServer, world: World
) -> None:
    many(world, 2)
    with world.inside():
        world.user("Gus").after_send = "next"
    page = page_of(browser, server, "Gus", "/queue/all")
    press(page, "j", "Enter")
    field = page.locator("form.composer-reply textarea")
    expect(field).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("load")  # keys count from then on
    first = page.url
    press(page, "r")
    expect(field).to_be_focused()
    page.keyboard.type("We look into it.")
    press(page, "Control+Enter")
    page.wait_for_url(lambda url: "/tickets/" in url and url != first, timeout=PATIENCE)
