"""The database, and the rule that the request is the transaction. So is the job. Nobody else commits.

SQLite runs in WAL mode; a transaction that may write begins IMMEDIATE, because one that begins deferred
and then writes fails at once when another has written meanwhile. Reading requests begin deferred.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from flask import Flask, Response, current_app, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    MetaData,
    TypeDecorator,
    cast,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, mapped_column, registry

from helpdesk.config import ROOT
from helpdesk.core import sqlite
from helpdesk.core.memory import remembering

_reading: ContextVar[bool] = ContextVar("reading", default=False)

# Joins of more than four tables in the order in which they are written, which is from the few rows to what belongs to
# them. To try all orders of the nine tables of a queue's row took PostgreSQL twenty times as long as reading the rows.
PLANNER = "-c join_collapse_limit=4"

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC on both databases. A naive one is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; raises ValueError for a naive instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database; aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")
Id = Annotated[int, mapped_column(BigId, primary_key=True)]


class _Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=CONVENTION),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json, list[str]: Json},
    )


db = SQLAlchemy(model_class=_Base, session_options={"expire_on_commit": False})
Model = db.Model  # the base of every mapped class
migrate = Migrate()


class TransactionalFlask(Flask):
    """Flask whose view runs in one transaction, committed before the answer leaves, errors included."""

    def dispatch_request(self) -> Response:  # type: ignore[override]
        """Run the view; commit when an unsafe request succeeded, give everything back otherwise."""
        writes = request.method not in ("GET", "HEAD", "OPTIONS")
        try:
            response = self.make_response(super().dispatch_request())
            if writes and response.status_code < 400:
                commit()
            else:
                db.session.rollback()
        except BaseException:
            db.session.rollback()  # before the error page reads anything
            raise
        finally:
            _reading.set(True)  # whatever is read from here on takes no write lock
        return response


def init_app(app: Flask, url: str) -> None:
    """Bind the database; `url` as SQLAlchemy understands it."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    pool: dict[str, Any] = {"pool_size": 20, "max_overflow": 40, "pool_timeout": 10}
    if url.startswith("postgresql"):
        own = make_url(url).query.get("options", "")  # the operator's have the last word
        pool |= {"pool_size": 8, "max_overflow": 16, "pool_pre_ping": True}
        pool["connect_args"] = {"options": f"{PLANNER} {own}"}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = pool
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    app.before_request(_begin_request)
    app.teardown_request(lambda error: _reading.set(False) and None)


def _begin_request() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    _reading.set(request.method in ("GET", "HEAD", "OPTIONS") or hasattr(view, "reads_first"))


def reads_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark the view of a deed that looks around for long: SQLite's write lock is taken only by `write_from_here`.

    Goes below every other decorator, which hand the mark on.
    """
    view.reads_first = True  # type: ignore[attr-defined]
    return view


def write_from_here() -> None:
    """End the reading part of such a view. What it has in hand stays as it was read; a deed locks what it rests on."""
    if holds_everything():
        db.session.commit()  # of nothing: a rollback would forget what was read
    _reading.set(False)


def commit() -> None:
    """End the present transaction and do what waits for it. Only requests, jobs and commands call this."""
    db.session.commit()
    run_after_commit()


def run_after_commit() -> None:
    """Wake workers, publish fragments: things that must not happen for a change that was taken back."""
    waiting = db.session.info.pop("after_commit", [])
    for act in waiting:
        act()


def after_commit(act: Callable[[], None]) -> None:
    """Run `act` once the present transaction is in the database; never if it is rolled back.

    The process may die in between, so `act` may only be a nudge for something that a sweep finds too.
    """
    db.session.info.setdefault("after_commit", []).append(act)


def refuse_in_readers() -> None:
    """Raise RuntimeError where nothing may be written."""
    if _reading.get():
        raise RuntimeError("a GET must never write")


def let_go() -> None:
    """Give back what the present transaction holds, before waiting for others: nothing may have been written in it."""
    if db.session.new or db.session.dirty:
        raise RuntimeError("there is something to be written")
    db.session.rollback()


@contextmanager
def transaction() -> Iterator[None]:
    """One transaction of a job or a command: commits at the end, rolls back on any exception."""
    _reading.set(False)
    try:
        yield
        commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.remove()


@contextmanager
def reading() -> Iterator[None]:
    """A transaction that only reads, and gives its connection back; used outside requests."""
    token = _reading.set(True)
    try:
        with remembering():
            yield
    finally:
        db.session.rollback()
        db.session.remove()
        _reading.reset(token)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that a condition holds for; `where` is SQL that both databases read alike."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def holds_everything() -> bool:
    """Whether the database has one lock for all rows, which a transaction that writes has from its first moment on."""
    return db.engine.dialect.name == "sqlite"


def wait_in_line(name: str, number: int) -> None:
    """Go on once everybody who was in this line before has ended his transaction; others wait for the end of ours.

    For what is chosen by what the one before has chosen: looking first and then finding out that somebody was faster
    costs more. PostgreSQL's advisory locks; `number` is cut to 31 bits, so that two lines may happen to be one.
    """
    if not holds_everything():
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name), number % 2**31)))


def holding(name: str, number: ColumnElement[int]) -> ColumnElement[bool]:
    """Have something to oneself until this transaction ends: true in the answer, or false if somebody else has it.

    For PostgreSQL alone, with its advisory locks, as above; SQLite has one writer anyway.
    """
    return func.pg_try_advisory_xact_lock(func.hashtext(name), cast(number % 2**31, Integer))


@contextmanager
def tried_out() -> Iterator[None]:
    """See what would become of something: all that is written inside is taken back at the end."""
    db.session.flush()
    savepoint = db.session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def done_or_undone(deed: Callable[[], bool]) -> bool:
    """Run one statement that answers whether it changed something; if not, the locks that it took are given back."""
    if holds_everything():
        return deed()
    db.session.flush()  # what waits to be written is not to be taken back with it
    savepoint = db.session.connection().begin_nested()
    works = deed()
    if works:
        savepoint.commit()
    else:
        savepoint.rollback()
    return works


@event.listens_for(Session, "after_soft_rollback")
def _forget_waiting(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:  # a savepoint that is given up takes nothing else back
        session.info.pop("after_commit", None)
        session.info.pop("relay", None)
        session.info.pop("alarms", None)


@event.listens_for(Session, "before_flush")
def _refuse_writing_and_removing(session: Session, context: object, instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        refuse_in_readers()
    if session.deleted:
        raise RuntimeError("nothing is ever removed: mark it deleted instead")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if _reading.get():
        connection.exec_driver_sql("BEGIN")
    else:
        sqlite.begin_to_write(connection)
