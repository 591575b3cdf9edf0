"""Who looks after the forms of the stores, and where."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from helpdesk.organizers.form_key import FormKey
from tests.support.world import World


@pytest.fixture
def mai(world: World) -> FlaskClient:
    """The manager, who reads English for once."""
    client = world.sign_in("Mai")
    client.get("/settings/merchants?lang=en")
    return client


@pytest.fixture
def ada(world: World) -> FlaskClient:
    """The administrator."""
    return world.sign_in("Ada")


@pytest.fixture
def page(world: World) -> str:
    """The settings page of ACME's form."""
    with world.inside():
        found = world.one(FormKey, key="form-acme")
        return f"/settings/merchants/{found.merchant_id}/forms/{found.id}"


@pytest.fixture
def ticket(world: World) -> int:
    """A request of Bea's."""
    return world.ticket()


@pytest.fixture
def bea(world: World, client: FlaskClient, ticket: int) -> FlaskClient:
    """The browser of the customer, who has followed the link."""
    client.get(world.link(ticket))
    return client
