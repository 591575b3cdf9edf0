"""The whole application, for the inspections that look at it from inside: its routes, its tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask


@pytest.fixture
def build(tmp_path: Path) -> Callable[[str], Flask]:
    """`build(database_url)`: the application on that database, without Redis and mail, no migrations run."""
    from helpdesk import create_app  # late: the inspections that only read need no house that stands
    from helpdesk.config import Config

    return lambda url: create_app(
        Config(data_dir=tmp_path, database_url=url, secret_key="house " * 8, demo=True)
    )


@pytest.fixture
def app(build: Callable[[str], Flask], tmp_path: Path) -> Flask:
    """The application on an empty database."""
    return build(f"sqlite:///{tmp_path / 'house.sqlite3'}")
