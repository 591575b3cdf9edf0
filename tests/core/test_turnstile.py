"""The turnstile before SQLite's write lock, with real files, threads and processes."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.core.db import db, transaction
from helpdesk.core.turnstile import Turnstile
from helpdesk.organizers.organizer import Organizer

PATIENT = 10.0
HOLDER = """
import sys
from helpdesk.core.turnstile import Turnstile
assert Turnstile(sys.argv[1]).enter(0)
print("inside", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "turn")


def test_the_next_one_comes_through_when_the_first_leaves(file: str) -> None:
    first, second, is_through = Turnstile(file), Turnstile(file), Event()
    assert first.enter(0)

    def go() -> None:
        assert second.enter(PATIENT)
        is_through.set()

    waiting = Thread(target=go)
    waiting.start()
    assert not is_through.wait(0.2)
    first.leave()
    assert is_through.wait(PATIENT)
    waiting.join()
    assert not first.enter(0)
    second.leave()
    assert first.enter(0)


def test_who_waits_too_long_goes_on_without_and_holds_nobody_up(file: str) -> None:
    first, second, third = Turnstile(file), Turnstile(file), Turnstile(file)
    assert first.enter(0)
    assert not second.enter(0.05)
    second.leave()
    first.leave()
    assert third.enter(PATIENT), "what stood in the queue for the second has let go"
    third.leave()
    assert second.enter(PATIENT), "and it can come again"


def test_entering_and_leaving_twice_is_quiet(file: str) -> None:
    first, second = Turnstile(file), Turnstile(file)
    assert first.enter(0)
    assert first.enter(0)
    first.leave()
    first.leave()
    assert second.enter(0)


def test_whoever_dies_inside_leaves(file: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "inside\n"
    mine = Turnstile(file)
    assert not mine.enter(0.05)
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    assert mine.enter(PATIENT)


def test_a_closed_connection_leaves(file: str) -> None:
    first, second = Turnstile(file), Turnstile(file)
    assert first.enter(0)
    first.close()
    assert second.enter(0)


def _file_of(app: Flask) -> str:
    with app.app_context():
        return str(db.engine.url.database)


def test_a_transaction_holds_the_turn_until_it_ends(app: Flask) -> None:
    other = Turnstile(f"{_file_of(app)}-turn")
    with app.app_context():
        with transaction():
            db.session.scalars(select(Organizer)).all()
            assert not other.enter(0.05)
        # Who stood in the queue for it may still be let through first, and steps out at once.
        assert other.enter(PATIENT), "committed"
        other.leave()
        with pytest.raises(ZeroDivisionError), transaction():
            db.session.scalars(select(Organizer)).all()
            raise ZeroDivisionError
        assert other.enter(PATIENT), "taken back"


def test_a_writer_that_knows_no_turnstile_is_waited_for(app: Flask) -> None:
    stranger = sqlite3.connect(_file_of(app), isolation_level=None, check_same_thread=False)
    stranger.execute("BEGIN IMMEDIATE")
    is_done = Event()

    def write() -> None:
        with app.app_context(), transaction():
            db.session.scalars(select(Organizer)).all()
        is_done.set()

    writer = Thread(target=write)
    writer.start()
    assert not is_done.wait(0.2)
    stranger.execute("COMMIT")
    assert is_done.wait(PATIENT)
    writer.join()
