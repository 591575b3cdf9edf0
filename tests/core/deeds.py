"""One deed in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpdesk.core.db import db
from helpdesk.tickets.category import Category
from tests.support.world import World

NAME = "Written by a request"


def deed(world: World, act: Callable[[], Any], slug: str = "acme") -> Any:
    """What `act` answers, done inside an organizer and committed; for `pytest.raises`, which wants one line."""
    with world.inside(slug):
        answer = act()
        db.session.flush()
        return answer


def write() -> None:
    """Something that can be counted afterwards."""
    db.session.add(Category(name_en=NAME, name_vi=NAME, position=9))
    db.session.flush()


def kept(world: World) -> int:
    """How often it is there."""
    with world.inside():
        return world.count(Category, name_en=NAME)
