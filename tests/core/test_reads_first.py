"""A deed that looks around for long takes SQLite's write lock only when it says so (Q-1)."""

from __future__ import annotations

import contextlib
import sqlite3

from sqlalchemy import select

from helpdesk.core.db import db, reads_first, write_from_here
from helpdesk.tickets.category import Category
from tests.core.deeds import kept, write


def test_Q_1_a_deed_that_reads_first_holds_nobody_up_meanwhile(app, world, door, acme, client):
    file, held = str(db_file(app)), []

    def is_held() -> bool:
        other = sqlite3.connect(file, timeout=0, isolation_level=None)
        with contextlib.closing(other):
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False

    @reads_first
    def look_and_write():
        db.session.scalars(select(Category)).all()
        held.append(is_held())
        write_from_here()
        write()
        held.append(is_held())
        return ""

    door("/slow", look_and_write, "POST", inside=acme)
    assert client.post("/slow").status_code == 200
    assert held == [False, True]
    assert kept(world) == 1


def test_Q_1_a_deed_that_reads_first_cannot_write_before_it_says_so(door, acme, client, world):
    door("/early", reads_first(lambda: (write(), "")[1]), "POST", inside=acme)
    assert client.post("/early").status_code == 500
    assert kept(world) == 0


def db_file(app):
    with app.app_context():
        return db.engine.url.database
