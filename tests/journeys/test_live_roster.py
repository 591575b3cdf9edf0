"""AGT-002, NTF-001: the page that says who is on and how loaded says so while it is open."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from helpdesk.agents.agent import Agent
from helpdesk.tickets.lifecycle import Status
from tests.journeys.test_live_desk import PATIENCE, hearing, seated
from tests.support.live_server import LiveServer
from tests.support.seat import at_work, ticket_in
from tests.support.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


def test_AGT_002_a_manager_sees_who_comes_goes_and_carries_more(
    browser: Browser, server: LiveServer, world: World, app: Any
) -> None:
    made = ticket_in(world, Status.OPEN)
    page = hearing(seated(browser, server, "Mai").new_page(), server, "/settings/agents")
    with world.inside():
        gus = world.user("Gus")
    row = page.locator(f"[id^=agent-]:has-text('{gus.name}')")
    expect(row.locator(".load-words")).to_contain_text("0/20")
    with at_work(world, made) as (ticket, me):
        ticket.take(by=me)
    world.run_reactions()
    expect(row.locator(".load-words")).to_contain_text("1/20", timeout=PATIENCE)
    with world.inside():
        Agent.of(gus.id, lock=True).choose("busy", by=world.user("Gus"))
    world.run_reactions()
    expect(row).to_have_attribute("data-state", "busy", timeout=PATIENCE)
    assert page.url.endswith("/settings/agents")
