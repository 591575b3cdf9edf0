"""The application for tests of single rooms: a database with the cast, without Redis unless a test asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from helpdesk.config import ROOT, Config
from helpdesk.core import clock
from tests.support import world as cast
from tests.support.browser import Browser
from tests.support.compiled import share_compiled
from tests.support.servers import wants_postgres


def _config(data_dir: Path, url: str, **settings: Any) -> Config:
    plain = {"secret_key": "a key for tests only " * 2, "rate_limits": False, "fill_seconds": 0, "demo": True}
    return Config(data_dir=data_dir, database_url=url, **(plain | settings))


@pytest.fixture(scope="session")
def cast_urls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """`cast_urls("sqlite")`: a database with the shipped defaults and the cast, made by the migrations, to copy."""
    from helpdesk import create_app
    from helpdesk.core.seeds import seed_shipped

    @cache
    def build(kind: str) -> str:
        directory = tmp_path_factory.mktemp("cast")
        if kind == "postgresql":
            url = request.getfixturevalue("postgres").create_database()
        else:
            url = f"sqlite:///{directory / 'cast.sqlite3'}"
        app = create_app(_config(directory, url))
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            seed_shipped()
        cast.build(app)
        _let_go(app)
        return url

    return build


@pytest.fixture
def database_kind() -> str:
    """`sqlite` or `postgresql`, as this run says; a test that must see both parametrizes it (`both_databases`)."""
    return "postgresql" if wants_postgres() else "sqlite"


def _let_go(app: Flask) -> None:
    """Close every connection: a database that is open cannot be copied."""
    from helpdesk.core.db import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def copied_cast(
    request: pytest.FixtureRequest, cast_urls: Callable[[str], str], tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """`copied_cast("postgresql")`: this test's own copy of the database with the cast."""
    dropped: list[str] = []

    def copy(kind: str) -> str:
        if kind == "postgresql":
            dropped.append(request.getfixturevalue("postgres").create_database(template=cast_urls(kind)))
            return dropped[-1]
        shutil.copyfile(cast_urls(kind).removeprefix("sqlite:///"), tmp_path / "helpdesk.sqlite3")
        return f"sqlite:///{tmp_path / 'helpdesk.sqlite3'}"

    yield copy
    for url in dropped:
        request.getfixturevalue("postgres").drop_database(url)


@pytest.fixture
def world_url(copied_cast: Callable[[str], str], database_kind: str) -> str:
    """The database of this test, with the cast in it."""
    return copied_cast(database_kind)


@pytest.fixture
def make_app_on(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """`make_app_on(url, fill_seconds=2)`: an application of this test on a database."""
    from helpdesk import create_app

    made: list[Flask] = []

    def make(url: str, **settings: Any) -> Flask:
        made.append(create_app(_config(tmp_path, url, **settings)))
        made[-1].test_client_class = Browser
        share_compiled(made[-1])
        return made[-1]

    yield make
    for app in made:
        _let_go(app)
    clock.reset()


@pytest.fixture
def make_app(make_app_on: Callable[..., Flask], world_url: str) -> Callable[..., Flask]:
    """`make_app(fill_seconds=2)`: the application on this test's database, with other settings."""
    return partial(make_app_on, world_url)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application with the cast."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of nobody in particular."""
    return app.test_client()


@pytest.fixture
def world(app: Flask) -> cast.World:
    """The cast of this test."""
    return cast.World(app)
