"""The request is the transaction. So is the job. Nobody else commits (Q-3)."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import abort, make_response
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from helpdesk.core.adding import add_once
from helpdesk.core.db import after_commit, db, reading, run_after_commit, transaction
from helpdesk.core.errors import Refusal
from helpdesk.core.pages import invalid
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from tests.core.deeds import deed, kept, write
from tests.support.databases import both_databases, on_postgresql

# The request --------------------------------------------------------------------------------------------------


@both_databases
@pytest.mark.parametrize("status", [200, 201, 204, 303])
def test_Q_3_a_request_that_succeeds_is_kept(status, door, acme, client, world):
    door("/write", lambda: (write(), ("", status))[1], "POST", inside=acme)
    assert client.post("/write").status_code == status
    assert kept(world) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 503])
def test_Q_3_a_request_that_is_refused_leaves_nothing(status, door, acme, client, world):
    door("/write", lambda: (write(), ("", status))[1], "POST", inside=acme)
    assert client.post("/write").status_code == status
    assert kept(world) == 0


@both_databases
@pytest.mark.parametrize(
    "fault, status",
    [
        (lambda: abort(404), 404),
        (lambda: 1 / 0, 500),
        (lambda: _raise(Refusal("no")), 409),
        (lambda: _raise(StaleDataError()), 409),
        (lambda: _raise(IntegrityError("", {}, ValueError())), 409),
        (lambda: _raise(OperationalError("", {}, ValueError())), 503),
    ],
)  # fmt: skip
def test_Q_3_a_request_that_fails_leaves_nothing(fault, status, door, acme, client, world):
    door("/write", lambda: (write(), fault())[1], "POST", inside=acme)
    answer = client.post("/write")
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert kept(world) == 0


def _raise(error: Exception):
    raise error


def test_Q_3_an_invalid_form_leaves_nothing(door, acme, client, world):
    said = {"code": 1, "title": "x", "message": "x", "sign_in_url": ""}
    door("/write", lambda: (write(), invalid("errors/_fragment.html", **said))[1], "POST", inside=acme)
    assert client.post("/write").status_code == 422
    assert kept(world) == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_Q_3_a_request_that_only_asks_cannot_write(method, door, acme, client, world):
    door("/write", lambda: (write(), make_response(""))[1], "GET", "HEAD", "OPTIONS", inside=acme)
    assert client.open("/write", method=method).status_code == 500
    assert kept(world) == 0


def test_Q_3_a_request_after_a_get_may_write(door, acme, client, world):
    door("/read", lambda: "", inside=acme)
    door("/write", lambda: (write(), "")[1], "POST", inside=acme)
    client.get("/read")
    assert client.post("/write").status_code == 200
    assert kept(world) == 1


def test_Q_3_what_waits_for_the_commit_does_not_happen_without_it(door, acme, client):
    done = []

    def deed(status):
        after_commit(lambda: done.append(status))
        assert not done
        return "", int(status)

    door("/deed/<status>", deed, "POST", inside=acme)
    client.post("/deed/500")
    assert done == []
    client.post("/deed/200")
    assert done == ["200"]
    client.post("/deed/409")
    assert done == ["200"]


def test_Q_3_what_waits_for_the_commit_sees_what_was_committed(app, world, acme):
    seen = []
    with app.app_context(), world.inside():
        write()
        after_commit(lambda: seen.append(kept(world)))
    assert seen == [1]


# The transaction outside requests -----------------------------------------------------------------------------


def test_Q_3_a_job_that_fails_leaves_nothing(app, world):
    done = []
    with pytest.raises(ZeroDivisionError):
        deed(world, lambda: (write(), after_commit(lambda: done.append(1)), 1 / 0))
    with app.app_context():
        run_after_commit()
    assert kept(world) == 0
    assert done == []


def test_reading_outside_a_request_cannot_write(app, world):
    with app.app_context(), pytest.raises(RuntimeError, match="never write"), reading():
        write()


def test_a_transaction_inside_reading_is_not_reading(app, world):
    with app.app_context(), reading():
        pass
    with world.inside():
        write()
    assert kept(world) == 1


@both_databases
def test_a_row_is_added_once(world):
    with world.inside():
        merchant = world.one(Merchant, prefix="ACME")
        assert add_once(FormKey(key="twice", merchant_id=merchant.id, secret="s" * 32, allowed_origins=[]))
        assert not add_once(
            FormKey(key="twice", merchant_id=merchant.id, secret="s" * 32, allowed_origins=[])
        )
        write()
    with world.inside():
        assert world.count(FormKey, key="twice") == 1
    assert kept(world) == 1


@both_databases
def test_a_row_that_was_there_takes_back_nothing_else(world):
    """A savepoint that is given up is not the transaction: wake-ups that were promised before it stay promised."""
    done = []
    with world.inside():
        merchant = world.one(Merchant, prefix="ACME")
        after_commit(lambda: done.append("before"))
        assert not add_once(
            FormKey(key="form-acme", merchant_id=merchant.id, secret="s" * 32, allowed_origins=[])
        )
        after_commit(lambda: done.append("after"))
    assert done == ["before", "after"]


# Two at once --------------------------------------------------------------------------------------------------


@both_databases
def test_Q_1_writers_at_once_lose_nothing_and_are_not_refused(app, world, acme):
    """Measured with plain deferred transactions on SQLite: 361 of 400 attempts failed at once."""

    def add(_):
        for _ in range(50):
            with world.inside():
                merchant = db.session.scalars(
                    select(Merchant).where(Merchant.prefix == "ACME").with_for_update()
                ).one()
                merchant.last_serial += 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(8)))
    with world.inside():
        assert world.one(Merchant, prefix="ACME").last_serial == 400


def test_Q_1_sqlite_reads_while_somebody_writes(app, world, door, acme, client):
    if db_name(app) != "sqlite":
        pytest.skip("about SQLite")
    door("/read", lambda: str(len(db.session.scalars(select(Category)).all())), inside=acme)
    with world.inside():
        write()  # holds the write lock
        with ThreadPoolExecutor(1) as other:
            began = time.monotonic()
            answer = other.submit(lambda: client.get("/read")).result()
            assert answer.text == "2"
            assert time.monotonic() - began < 2


def test_Q_1_sqlite_is_set_up_for_many(app):
    if db_name(app) != "sqlite":
        pytest.skip("about SQLite")
    with app.app_context(), transaction():
        said = {
            name: db.session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys")
        }
    assert said["journal_mode"] == "wal"
    assert said["foreign_keys"] == 1


def test_Q_3_a_writer_waits_for_another_that_takes_its_time(app):
    if db_name(app) != "sqlite":
        pytest.skip("about SQLite")
    holds, path = threading.Event(), app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")

    def hold() -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            holds.set()
            time.sleep(2)
            other.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(5)
    with app.app_context(), transaction():
        db.session.execute(text("SELECT 1"))
    holder.join()


def db_name(app) -> str:
    with app.app_context():
        return db.engine.dialect.name


@both_databases
def test_a_reference_to_nothing_is_refused(world):
    def refer() -> None:
        db.session.add(FormKey(key="x", merchant_id=987_654, secret="s" * 32, allowed_origins=[]))

    with pytest.raises(IntegrityError):
        deed(world, refer)


# PostgreSQL ---------------------------------------------------------------------------------------------------


@on_postgresql
def test_the_order_of_many_joined_tables_is_ours_unless_the_operator_says_otherwise(make_app_on, world_url):
    def asked(url: str, name: str) -> str:
        with make_app_on(url).app_context():
            return db.session.scalar(text(f"SHOW {name}"))

    assert asked(world_url, "join_collapse_limit") == "4"
    own = (
        f"{world_url}{'&' if '?' in world_url else '?'}options=-c%20join_collapse_limit%3D6%20-c%20jit%3Doff"
    )
    assert (asked(own, "join_collapse_limit"), asked(own, "jit")) == ("6", "off")
