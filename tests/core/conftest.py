"""Doors and subscribers of a test's own, gone with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import pytest
from flask import Flask

from helpdesk.core import events, jobs
from helpdesk.core.access import Rule, allow, anyone
from helpdesk.core.tenancy import enter
from helpdesk.organizers.merchant import Merchant
from tests.support.live_server import LiveServer, serving
from tests.support.world import World

Door = Callable[..., None]


@pytest.fixture
def door(app: Flask) -> Door:
    """`door("/x", view, "POST", inside=1)`: a route of this test, open to anybody, inside an organizer."""
    app.config["WTF_CSRF_ENABLED"] = False

    def add(path: str, view: Callable[..., Any], *methods: str, inside: int | None = None) -> None:
        rule = Rule("test", lambda: enter(inside)) if inside else anyone
        app.add_url_rule(
            path, path, allow(rule)(wraps(view)(lambda **values: view(**values))), methods=methods or ("GET",)
        )

    return add


@pytest.fixture
def acme(world: World) -> int:
    """The organizer that most tests are about."""
    return world.organizers["acme"]


@pytest.fixture
def on() -> Iterator[Callable[..., Any]]:
    """`@on("test.happened")` of this test: heard no more afterwards."""
    named, heard = dict(events._ears), {name: list(all) for name, all in events._subscribers.items()}
    yield events.on
    events._ears.clear()
    events._ears.update(named)
    events._subscribers.clear()
    events._subscribers.update(heard)


@pytest.fixture
def periodic() -> Iterator[dict[str, jobs.Periodic]]:
    """The list of periodic work, empty for this test."""
    before = dict(jobs._periodic)
    jobs._periodic.clear()
    yield jobs._periodic
    jobs._periodic.clear()
    jobs._periodic.update(before)


@pytest.fixture
def deferred() -> Iterator[None]:
    """Deferred work of this test is forgotten with it."""
    before = dict(jobs._deferred)
    yield
    jobs._deferred.clear()
    jobs._deferred.update(before)


@pytest.fixture
def server(app: Flask, world: World) -> Iterator[LiveServer]:
    """The application behind a real server."""
    with serving(app, world) as running:
        yield running


@pytest.fixture
def queue(world: World) -> str:
    """The topic of the queue of ACME."""
    with world.inside():
        return f"queue.{world.one(Merchant, prefix='ACME').id}"
