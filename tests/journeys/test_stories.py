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
from tests.journeys.test_connection import connected
from tests.journeys.test_live_desk import hearing, seated
from tests.support.live_server import LiveServer
from tests.support.sameness import differences, shown
from tests.support.seat import ticket_in
from tests.support.stories import Story
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SEEDS = range(*map(int, os.environ.get("HELPDESK_STORIES", "0:6").split(":")))
STEPS, TRIES, TOGETHER, LINES = 10, 12, 4, 60
VIEWS = ["/queue/all?sort=due", "/queue", "/queue/mine", "/queue/unassigned"]


def same(page: Page, fresh: Page, path: str, origin: str) -> list[str]:
    """How they differ, once it is connected again and there was time to mend it.

    Who was cut off again and again knocks less often. Until he is back his page says that it is not up to date.
    """
    connected(page)
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


class Watch:
    """Two pages that stay open through several stories, and one that is loaded afresh to compare them with."""

    def __init__(self, turn: int, context: BrowserContext, world: World, server: LiveServer) -> None:
        self.world, self.server, self.done = world, server, 0
        many(world, 2)
        self.ticket_id = ticket_in(world, Status.IN_PROGRESS, subject=f"Story {turn}")
        with world.inside():
            number = Ticket.for_deed(self.ticket_id).number
        world.run_reactions()
        self.paths = [VIEWS[turn % len(VIEWS)], f"/tickets/{number}?all=1"]
        self.pages = [hearing(context.new_page(), server, path) for path in self.paths]
        self.fresh = context.new_page()

    def tell(self, seed: int) -> str:
        """One story; what is wrong in the end."""
        story, wrong = Story(seed, self.world, self.server, self.pages, self.ticket_id), []
        story.tell(STEPS)
        self.done = story.done
        for page, path in zip(self.pages, self.paths, strict=True):
            wrong += same(page, self.fresh, path, self.server.origin)
            if len(shown(self.fresh)) < LINES:
                wrong.append(f"{path} shows nothing that could differ")
            if page.evaluate("window.planted") is not True:
                wrong.append(f"{path} was loaded again")
        return "\n".join([*story.history, *wrong]) if wrong else ""

    def close(self) -> None:
        for page in (*self.pages, self.fresh):
            page.close()


def test_S6_open_pages_equal_fresh_ones_after_any_story(
    browser: Browser, server: LiveServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 2)
    context, watch, wrong, done = seated(browser, server, "Gus"), None, {}, 0
    for turn, seed in enumerate(SEEDS):
        if watch is None:
            watch = Watch(turn // TOGETHER, context, world, server)
        found = watch.tell(seed)
        done += watch.done
        if found:
            wrong[seed] = found
        print(found or f"seed {seed}: the same", flush=True)  # a long run is read while it goes on
        if found or turn % TOGETHER == TOGETHER - 1:
            watch.close()
            watch = None
    assert not wrong, "\n\n".join(wrong.values())
    assert done > len(SEEDS), "nearly everything was refused"
