"""How migrations run: on a connection of their own, with foreign keys off on SQLite.

SQLite changes a table by making it anew; with foreign keys on, dropping the old one would take the rows
that point at it along, without an error. They are checked afterwards instead.
"""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import Connection

from helpdesk.core.db import UtcDateTime

migrate = current_app.extensions["migrate"]
metadata = migrate.db.metadata


def render_item(kind: str, item: Any, autogenerate: Any) -> str | bool:
    """Migrations do not import the application, which changes; they name SQL types."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """The tables of SQLite's full-text index are no models."""
    return kind != "table" or not (name or "").startswith("search_index")


def run() -> None:
    """Upgrade or downgrade in one transaction."""
    engine = create_engine(migrate.db.engine.url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=render_item,
            include_name=include_name,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            if is_sqlite:
                check_foreign_keys(connection)


def check_foreign_keys(connection: Connection) -> None:
    """Take everything back if a row lost what it points at."""
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if lost:
        raise RuntimeError(f"the migration broke {len(lost)} references, first: {lost[0]}")


if context.is_offline_mode():
    raise SystemExit("migrations run online only")
run()
