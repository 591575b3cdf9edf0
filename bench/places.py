"""Databases to measure on: SQLite in a directory, PostgreSQL from the tests' binaries with its durability on."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from helpdesk import create_app
from helpdesk.config import ROOT, Config
from helpdesk.core.db import db
from helpdesk.core.seeds import seed_shipped
from tests.support.postgres import EmbeddedPostgres

DURABLE = ("shared_buffers=256MB", "max_wal_size=4GB")  # the rest as PostgreSQL ships it
KINDS = ("sqlite", "postgresql")


@contextmanager
def place(name: str, kind: str) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An application on a migrated database, and the environment in which commands find it.

    A data directory named in HELPDESK_BENCH_DIR keeps what was made on SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as temporary:
        kept = os.environ.get("HELPDESK_BENCH_DIR")
        directory = Path(kept if kept and kind == "sqlite" else temporary) / name
        directory.mkdir(parents=True, exist_ok=True)
        if kind == "sqlite":
            yield _open(directory, f"sqlite:///{directory / 'helpdesk.sqlite3'}")
            return
        server = EmbeddedPostgres(settings=DURABLE)
        try:
            yield _open(directory, server.create_database())
        finally:
            server.stop()


@contextmanager
def served(kind: str) -> Iterator[None]:
    """For the whole product: SQLite in its own place, or PostgreSQL, found by HELPDESK_DATABASE_URL."""
    if kind == "sqlite":
        yield
        return
    server = EmbeddedPostgres(settings=DURABLE)
    os.environ["HELPDESK_DATABASE_URL"] = server.create_database()
    try:
        yield
    finally:
        del os.environ["HELPDESK_DATABASE_URL"]
        server.stop()


def _open(directory: Path, url: str) -> tuple[Flask, dict[str, str]]:
    own = {"HELPDESK_DATA_DIR": str(directory), "HELPDESK_DATABASE_URL": url, "HELPDESK_SECRET_KEY": "bench"}
    app = create_app(replace(Config.from_env(own), rate_limits=False))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        seed_shipped()
        db.session.remove()
    return app, dict(os.environ) | own
