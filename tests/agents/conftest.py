"""These tests also ask for the cast on both databases, and for a manager at her desk."""

import pytest

from tests.support.databases import any_world, postgres_cast_url  # noqa: F401
from tests.support.seat import Seat
from tests.support.world import World


@pytest.fixture
def mai(world: World) -> Seat:
    """A manager who reads English."""
    seat = Seat(world, "Mai")
    seat.client.set_cookie("lang", "en")
    return seat


@pytest.fixture
def page(world: World) -> str:
    """The address of Gus's page."""
    with world.inside():
        return f"/settings/agents/{world.user('Gus').id}"
