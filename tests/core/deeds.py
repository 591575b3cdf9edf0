"""One deed in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpdesk.core.db import db
from tests.support.world import World


def deed(world: World, act: Callable[[], Any], slug: str = "acme") -> Any:
    """What `act` answers, done inside an organizer and committed; for `pytest.raises`, which wants one line."""
    with world.inside(slug):
        answer = act()
        db.session.flush()
        return answer
