"""These tests also ask for the cast on both databases, and those of the pages for figures to look at."""

from __future__ import annotations

import pytest

from helpdesk.core import clock
from tests.reports.figure_pages import WEEK_AGO, add
from tests.reports.lives import MONDAY
from tests.support.databases import any_world, postgres_cast_url  # noqa: F401


@pytest.fixture
def monday():
    """Time stands on a Monday."""
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def figures(world, monday):
    """Gus and Linh did something today, Gus at two merchants and a week ago, too."""
    add(
        world,
        "Gus",
        handled=3,
        responses=2,
        response_seconds=2 * 3600,
        response_wall_seconds=4 * 3600,
        kept=3,
        broken=1,
    )
    add(
        world, "Gus", prefix="BETA", handled=1, responses=1, response_seconds=1800, response_wall_seconds=1800
    )
    add(world, "Gus", WEEK_AGO, handled=10, responses=4, response_seconds=4 * 7200, ratings=2, rating_sum=9)
    add(
        world,
        "Linh",
        handled=1,
        resolutions=1,
        resolution_seconds=90,
        resolution_wall_seconds=90,
        ratings=1,
        rating_sum=3,
    )
    return world
