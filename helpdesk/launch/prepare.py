"""Bring the database to this program's state: check, copy, migrate, seed. A process of its own under `up`.

It answers on a descriptor with one JSON object: `{"demo": true}` when the demo accounts exist, or
`{"refused": "sentence"}`. What it prints goes to its log.
"""

import json
import os
import sqlite3
import sys
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from helpdesk.config import ROOT, Config
from helpdesk.core import clock
from helpdesk.launch.preflight import CannotStart

COPIES = 5  # of the database, kept from before upgrades


def prepare(config: Config) -> bool:
    """Everything in order; whether the demo accounts exist. Raises `CannotStart`."""
    from helpdesk import create_app

    present, wanted = revisions(config)
    app = create_app(config)
    if present != wanted:
        copy_before_upgrade(config, present)
        upgrade(app)
    return seed(app, config)


def revisions(config: Config) -> tuple[set[str], set[str]]:
    """The database's revisions and this program's. Raises `CannotStart` when the database is ahead of us."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    engine = create_engine(config.database_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise CannotStart(f"The database {safe_name(config)} cannot be used: {reason}.") from None
    unknown = present - {script.revision for script in scripts.walk_revisions()}
    if unknown:
        raise CannotStart(
            f"The database {safe_name(config)} is of a newer version ({', '.join(sorted(unknown))}) than this "
            "program; update the program, or start with another HELPDESK_DATA_DIR or HELPDESK_DATABASE_URL."
        )
    return present, set(scripts.get_heads())


def copy_before_upgrade(config: Config, present: set[str]) -> Path | None:
    """Copy a SQLite database that holds something, because its migrations rebuild tables. None: no copy needed."""
    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or not present:
        return None
    folder = config.data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{clock.now():%Y%m%dT%H%M%SZ}-{'-'.join(sorted(present))}.sqlite3"
    source, target = sqlite3.connect(url.database), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    for old in sorted(folder.glob("*.sqlite3"))[:-COPIES]:
        old.unlink()
    return copy


def upgrade(app: Flask) -> None:
    """The same as `helpdesk db upgrade`."""
    import flask_migrate

    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))


def seed(app: Flask, config: Config) -> bool:
    """Shipped defaults, and the demo organizers in an empty database; whether the demo accounts exist."""
    # The rooms that the launcher knows by name, all of them here.
    from helpdesk.core.db import reading
    from helpdesk.core.seeds import seed_shipped
    from helpdesk.demo.seed import has_demo, is_empty, seed_demo

    with app.app_context():
        seed_shipped()
        with reading():
            empty = is_empty()
        if config.demo and empty:
            seed_demo()
        with reading():
            return config.demo and has_demo()


def safe_name(config: Config) -> str:
    """The database's address without its password; the plain path of a SQLite file."""
    url = make_url(config.database_url)
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()


def main(descriptor: int) -> int:
    """Prepare by the environment and answer on the descriptor; the exit status."""
    try:
        answer: dict[str, object] = {"demo": prepare(Config.from_env())}
    except CannotStart as refusal:
        answer = {"refused": str(refusal)}
    with os.fdopen(descriptor, "w") as out:
        json.dump(answer, out)
    return 1 if "refused" in answer else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
