"""The cast, with a mail server that tests can talk to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.notifications.post import WINDOW, Post
from tests.notifications.sink import Sink
from tests.support.databases import any_world, postgres_cast_url  # noqa: F401


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server with nothing in it."""
    with Sink() as server:
        yield server


@pytest.fixture
def post(make_app: Callable[..., Flask], sink: Sink) -> Post:
    """The cast of this test, and its mails."""
    return Post(make_app(smtp_url=sink.url, base_url="https://help.example"), sink)


@pytest.fixture
def slow_post(make_app: Callable[..., Flask], sink: Sink) -> Post:
    """The same with the shipped window, in which mails wait for others to go along with."""
    return Post(make_app(smtp_url=sink.url, base_url="https://help.example"), sink, window_seconds=WINDOW)
