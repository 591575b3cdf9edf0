"""S6: after any story, the pages that were open all the time show what fresh ones show.

A few seeds here; `make stories` tells two hundred.
"""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from helpdesk.core import hub
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import many
from tests.journeys.test_live_desk import hearing, seated
from tests.support.live_server import LiveServer
from tests.support.sameness import differences, shown
from tests.support.seat import ticket_in
from tests.support.stories import Story
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SEEDS = range(*map(int, os.environ.get("HELPDESK_STORIES", "0:6").split(":")))
STEPS, TRIES = 10, 12


def same(page: Page, fresh: Page, path: str, origin: str) -> list[str]:
    """How they differ, once there was time to mend it."""
    left: list[str] = []
    for _ in range(TRIES):
        page.evaluate("document.getElementById('show-updates')?.click()")
        fresh.goto(origin + path)
        fresh.wait_for_timeout(400)
        left = differences(shown(page), shown(fresh))
        if not left:
            break
        page.wait_for_timeout(700)
    return left


def tell(
    seed: int, context: BrowserContext, world: World, server: LiveServer, paths: list[str], shown_id: int
) -> str:
    """One story; what is wrong in the end."""
    pages = [hearing(context.new_page(), server, path) for path in paths]
    story = Story(seed, world, server, pages, shown_id)
    story.tell(STEPS)
    fresh, wrong = context.new_page(), []
    for page, path in zip(pages, paths, strict=True):
        wrong += same(page, fresh, path, server.origin)
        if page.evaluate("window.planted") is not True:
            wrong.append(f"{path} was loaded again")
    for page in (*pages, fresh):
        page.close()
    return "\n".join([*story.history, *wrong]) if wrong else ""


def test_S6_open_pages_equal_fresh_ones_after_any_story(
    browser: Browser, server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 2)
    context, wrong = seated(browser, server, "Gus"), {}
    for seed in SEEDS:
        many(world, 2)
        ticket_id = ticket_in(world, Status.IN_PROGRESS, subject=f"Story {seed}")
        with world.inside():
            number = Ticket.for_deed(ticket_id).number
        world.run_reactions()
        view = ["/queue/all?sort=due", "/queue", "/queue/mine", "/queue/unassigned"][seed % 4]
        found = tell(seed, context, world, server, [view, f"/tickets/{number}"], ticket_id)
        if found:
            wrong[seed] = found
            print(found, flush=True)  # a long run is read while it goes on
    assert not wrong, "\n\n".join(wrong.values())
