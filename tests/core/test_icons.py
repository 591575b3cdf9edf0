"""Icons are a part of the page: nobody waits for another file to see them, and each that is named is drawn."""

from __future__ import annotations

import re

import pytest

from helpdesk.config import ROOT
from helpdesk.core.icons import icon_shapes
from tests.support.world import World

NAMED = re.compile(r'\bicon\("([^"]+)"')


def test_every_icon_that_a_template_names_is_drawn() -> None:
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in NAMED.findall(path.read_text("utf-8"))
    }
    assert len(named) > 50
    assert all(icon_shapes(name).startswith("<") for name in named)


def test_nobody_draws_what_has_no_name() -> None:
    with pytest.raises(KeyError):
        icon_shapes("no-such-icon")


def test_a_form_and_a_request_load_no_pictures(world: World) -> None:
    """Two frames that ask for one file of pictures at once left a shop's page loading for ever."""
    guest, link = world.app.test_client(), world.link(world.ticket())
    for address in ("/embed/form-acme?lang=en", link):
        page = guest.get(address, follow_redirects=True).get_data(as_text=True)
        assert '<svg class="icon' in page
        assert "<use" not in page
