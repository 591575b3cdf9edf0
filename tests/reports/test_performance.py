"""AGT-008: what counts for whom, exactly once, as hand-made lives of tickets say it."""

from __future__ import annotations

from datetime import date

import pytest

from helpdesk.core import clock
from tests.reports import lives
from tests.reports.lives import MONDAY, days_of, total_of


@pytest.fixture
def world(any_world):
    """The cast on both databases, on a Monday, with nobody online."""
    lives.nobody_online(any_world)
    with clock.frozen(MONDAY):
        yield any_world


def test_AGT_008_a_whole_life_is_counted_on_its_days(world):
    ticket_id = world.ticket()
    lives.assign(world, ticket_id, "Gus")
    lives.tick(world, 600)
    lives.reply(world, ticket_id)
    lives.tick(world, 1200)
    lives.resolve(world, ticket_id)
    lives.tick(world, 60)
    lives.rate(world, ticket_id, 4)
    lives.tick(world, 0)
    assert days_of(world, "Gus") == {
        date(2026, 11, 23): {
            "handled": 1, "responses": 1, "response_seconds": 600, "response_wall_seconds": 600,
            "resolutions": 1, "resolution_seconds": 1800, "resolution_wall_seconds": 1800,
            "kept": 2, "ratings": 1, "rating_sum": 4,
        }
    }  # fmt: skip
    assert total_of(world, "Mai") == {}
