"""ux 4.1, TKT-008: what a deed was answered reaches who did it, also when its form was renewed on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from helpdesk.accounts.user import User
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.journeys.test_live_desk import PATIENCE, Desk, desk, do
from tests.support.seat import ticket_in
from tests.support.world import World

__all__ = ["desk"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]

FIELD = ".property select[name=priority]"
SAME_AGAIN = """
() => {
  const target = document.querySelector("[id$='properties']");
  return window.htmx.swap({ sourceElement: document.body, target, swap: 'outerHTML', text: target.outerHTML });
}
"""
RENEWED = f"() => !document.querySelector('{FIELD}').isBefore"


def meanwhile(world: World, desk: Desk, happens: Callable[[Page], object]) -> Page:
    """Gus's page whose choice of a priority comes to the server after something renewed its form."""
    ticket_in(world, Status.IN_PROGRESS)
    page, held = desk("Gus", "/tickets/ACME-1"), list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/priority", hold)
    page.eval_on_selector(FIELD, "(field) => { field.isBefore = true; }")
    with page.expect_request("**/priority"):
        page.select_option(FIELD, "HIGH")
    happens(page)
    page.wait_for_function(RENEWED, timeout=PATIENCE)
    held[0].continue_()
    return page


def test_ux_4_1_own_deed_shows_at_once_though_its_form_was_renewed_on_the_way(
    world: World, desk: Desk
) -> None:
    page = meanwhile(world, desk, lambda page: page.evaluate(SAME_AGAIN))
    expect(page.locator(".ticket-header[data-priority=HIGH]")).to_be_attached(timeout=PATIENCE)
    expect(page.locator(FIELD)).to_have_value("HIGH")


def test_TKT_008_who_was_overtaken_on_the_way_is_asked(world: World, desk: Desk) -> None:
    def lower(ticket: Ticket, me: User) -> None:
        ticket.reprioritise(Priority.LOW, by=me)

    page = meanwhile(world, desk, lambda _: do(world, lower, "ACME-1"))
    expect(page.locator("[data-conflict]")).to_contain_text("You chose “High”", timeout=PATIENCE)
    expect(page.locator("[data-conflict]")).to_contain_text("set this to “Low”")
