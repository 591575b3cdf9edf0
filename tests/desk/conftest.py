"""Somebody who works for one merchant only, and the database that a test wants."""

from __future__ import annotations

import pytest

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.support import world as cast
from tests.support.databases import any_world  # noqa: F401
from tests.support.world import World


@pytest.fixture
def pat(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Pat, an agent of BETA alone; the name to sign in with."""
    with world.inside():
        user = User.create(name="Pat", email="pat@acme.example", password=cast.PASSWORD, role="agent")
        user.works_for(world.one(Merchant, prefix="BETA"))
        db.session.add(Agent(user_id=user.id, languages=["en"]))
    monkeypatch.setitem(cast.PEOPLE, "Pat", ("acme", "agent", "en", ["en"]))
    return "Pat"
