"""A page's own form that came back with errors still ends on that page's own thanks, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from helpdesk.organizers.form_key import FormKey
from tests.journeys.test_embedding import Shop, fill, opened, shop, tickets
from tests.support.world import World

__all__ = ["shop"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("scripts", [True, False])
def test_TKT_002_it_ends_on_the_pages_own_thanks_after_an_error(
    scripts: bool, browser: Browser, world: World, shop: Shop
) -> None:
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        found.takes_plain, found.allowed_origins = True, [shop.origin]
    thanks = shop.page("<p id=own>You will hear from us.</p>")
    fields = "".join(f'<input name="{name}">' for name in ("subject", "description", "name", "email"))
    to = f'<input type="hidden" name="next" value="{thanks}">'
    action = f"{shop.form_at}/embed/form-acme?lang=en"
    body = f'<form method="post" action="{action}">{fields}{to}<button>Go</button></form>'
    context = browser.new_context(java_script_enabled=scripts, locale="en")
    page = opened(context, shop.page(body))
    fill(page.main_frame, "Plain")
    page.fill("[name=email]", "bea@")
    page.click("button")
    expect(page.locator("#errors")).to_be_visible()
    page.fill("[name=email]", "bea@mail.example")
    page.click("#request-form button[type=submit]")
    page.wait_for_url(thanks)
    expect(page.locator("#own")).to_be_visible()
    assert tickets(world) == 1
    page.goto(f"{shop.form_at}/embed/form-acme?lang=en")
    expect(page.locator("[name=subject]")).to_have_value(""), "what was sent is not kept as a draft"
    context.close()
