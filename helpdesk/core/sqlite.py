"""SQLite as we use it: in WAL mode, with transactions that we begin ourselves, and writers that take turns."""

import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from helpdesk.core.turnstile import Turnstile

LOCK_SECONDS = 15


@event.listens_for(Engine, "connect")
def _set_up(connection: Any, record: ConnectionPoolEntry) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # we say BEGIN ourselves, see `begin_to_write`
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=20", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _, _, file = connection.execute("PRAGMA database_list").fetchone()
        if file:
            record.info["turnstile"] = Turnstile(f"{file}-turn")


@event.listens_for(Engine, "checkin")
def _let_the_next_write(connection: Any, record: ConnectionPoolEntry) -> None:
    if turnstile := record.info.get("turnstile"):
        turnstile.leave()


@event.listens_for(Engine, "close")
def _close_turnstile(connection: Any, record: ConnectionPoolEntry) -> None:
    if turnstile := record.info.pop("turnstile", None):
        turnstile.close()


def begin_to_write(connection: Connection) -> None:
    """Take SQLite's one write lock, in turn; OperationalError after fifteen seconds.

    Writers that know nothing of the turnstile (a backup, a shell) are waited for here. Short waits of our own,
    repeated, because SQLite asks only ten times a second once it has waited for a while.
    """
    until = monotonic() + LOCK_SECONDS
    if turnstile := connection.info.get("turnstile"):
        turnstile.enter(LOCK_SECONDS / 2)
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError:
            if monotonic() > until:
                raise
