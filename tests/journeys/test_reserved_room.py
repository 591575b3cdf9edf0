"""ux 8: 43: what stands after the form in a shop's page stays where it is, however late the script comes."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Route

from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.snippet import Snippet
from tests.journeys.test_embedding import HOSTILE, Shop, form_in, opened, shop
from tests.support.live_server import LiveServer
from tests.support.world import World

__all__ = ["shop"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]
AFTER = "<section id=after>" + "<p>All that a shop has to say after it.</p>" * 30 + "</section>"
LATE = 0.5  # seconds: the page has been on the screen by then


def late(route: Route) -> None:
    time.sleep(LATE)
    route.continue_()


def snippet(world: World, origin: str) -> str:
    """What the settings tell a store to copy into its page."""
    with world.app.test_request_context(), world.inside():
        form = world.one(FormKey, key="form-acme")
        return next(one.html for one in Snippet.all_of(form, origin) if one.name == "inline")


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_ux_8_43_nothing_moves_when_the_form_comes(
    width: int, browser: Browser, server: LiveServer, world: World, shop: Shop
) -> None:
    html = snippet(world, server.origin)
    for css in ("", HOSTILE.split("iframe")[0], "canvas { width: 100%; max-width: 100%; height: auto; }"):
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="en")
        context.route("**/embed.js", late)
        page = opened(context, shop.page(html + AFTER, css=css))
        form_in(page)
        page.wait_for_timeout(500)
        assert page.evaluate("window.shift") <= 0.05, css
        form, place = (page.locator(one).bounding_box() for one in ("iframe", "[data-helpdesk-form]"))
        assert form
        assert place
        assert form["height"] == place["height"], "the room is given back to the form"
        context.close()
