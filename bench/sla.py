"""The monitor: an idle tick over a million running clocks, and ten thousand that are due at once, on both databases."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, create_engine, insert, select, text

from bench.figures import running, spread
from bench.places import KINDS, place
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import across_organizers, inside
from helpdesk.demo.load import seed_load
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.clock import Clock
from helpdesk.sla.tracker import Tracker

RUNNING, TICKETS = 1_000_000, 1_000
DUE, LOADED = 10_000, 80_000
TICKS = 200
PATIENCE = 300


def main() -> None:
    """Print both, for SQLite and for PostgreSQL."""
    for kind in KINDS:
        with place("sla", kind) as (app, _):
            idle(app, kind)
    for kind in KINDS:
        with place("burst", kind) as (app, env):
            with app.app_context():
                seed_load(LOADED)
                db.session.remove()
                db.engine.dispose()
            burst(env["HELPDESK_DATABASE_URL"], kind)


def idle(app: Flask, kind: str) -> None:
    """The cost of a look at which nothing is due, with few clocks and with a million."""
    with app.app_context():
        seed_load(TICKETS)
        with transaction(), across_organizers():
            organizer = db.session.scalars(select(Organizer.id)).one()
        _ticks(organizer, f"idle tick, {2 * TICKETS:,} clocks at most, {kind}")
        _run_clocks(organizer)
        _ticks(organizer, f"idle tick, {RUNNING:,} running clocks, {kind}")


def _run_clocks(organizer: int) -> None:
    """Rounds of next-response clocks that are due within the next year, none of them now."""
    with inside(organizer), transaction():
        trackers = db.session.execute(select(Tracker.id, Tracker.ticket_id)).all()
    now = clock.now()
    for start in range(0, RUNNING, 20_000):
        rows = [_row(organizer, trackers[n % len(trackers)], n, now) for n in range(start, start + 20_000)]
        with across_organizers(), transaction():
            db.session.execute(insert(Clock), rows)
    with transaction():
        db.session.execute(text("ANALYZE"))


def _row(organizer: int, tracker: Any, number: int, now: datetime) -> dict[str, Any]:
    due = now + timedelta(hours=1, seconds=30 * number)
    return {
        "organizer_id": organizer, "tracker_id": tracker.id, "ticket_id": tracker.ticket_id, "kind": "next",
        "round": 1000 + number, "target_seconds": 3600, "used_seconds": 0, "started_at": now, "running_since": now,
        "due_at": due, "warn_at": due, "critical_at": due, "next_look_at": due,
    }  # fmt: skip


def _ticks(organizer: int, name: str) -> None:
    with inside(organizer), transaction():
        while Clock.mark_due():
            db.session.flush()
    took = []
    for _ in range(TICKS):
        began = time.perf_counter()
        with inside(organizer), transaction():
            more = Clock.mark_due()
        took.append(time.perf_counter() - began)
        assert not more
    spread(name, took)


def burst(url: str, kind: str) -> None:
    """From the instant at which all are due to the last mark, and to the last escalation; two workers."""
    with running(HELPDESK_DATABASE_URL=url, HELPDESK_SLA_TICK_SECONDS="1"):
        marked, escalated = _wait(url, kind)
    print(f"{DUE:,} clocks due at once, {kind:<34} marked {marked:6.1f} s   escalated {escalated:6.1f} s")


def _wait(url: str, kind: str) -> tuple[float, float]:
    engine = create_engine(url)
    with engine.begin() as connection:
        due = _make_due(connection)
    marked = escalated = None
    while escalated is None:
        time.sleep(0.25)
        late = (datetime.now(UTC) - due).total_seconds()
        assert late < PATIENCE, f"{kind}: not done after {PATIENCE} s"
        with engine.connect() as connection:
            if marked is None and _count(connection, "sla_clocks WHERE breach_noticed_at > :at", due) >= DUE:
                marked = late
            raised = _count(connection, "escalations WHERE trigger = 'breach' AND raised_at > :at", due)
            escalated = late if marked and raised >= DUE else None
    engine.dispose()
    return marked or 0.0, escalated


def _make_due(connection: Connection) -> datetime:
    """Give so many living tickets a promise that is due in a few seconds, warned of already; nothing else is due."""
    due = datetime.now(UTC) + timedelta(seconds=8)
    connection.execute(text("UPDATE sla_clocks SET next_look_at = NULL"))
    made = connection.execute(
        text("""
            INSERT INTO sla_clocks (organizer_id, tracker_id, ticket_id, kind, round, is_off, target_seconds,
                used_seconds, started_at, running_since, due_at, warn_at, critical_at, next_look_at, warned_at,
                critical_marked_at)
            SELECT s.organizer_id, s.id, t.id, 'next', 1000, t.id < 0, 3600, 0, t.created_at, t.created_at,
                :at, :at, :at, :at, :at, :at
            FROM tickets t JOIN sla_trackers s ON s.ticket_id = t.id WHERE t.is_alive ORDER BY t.id LIMIT :n
        """),
        {"at": _stored(connection, due), "n": DUE},
    )
    assert made.rowcount == DUE, made.rowcount
    return due


def _stored(connection: Connection, at: datetime) -> str | datetime:
    return str(at.replace(tzinfo=None)) if connection.dialect.name == "sqlite" else at


def _count(connection: Connection, where: str, due: datetime) -> int:
    return connection.scalar(text(f"SELECT count(*) FROM {where}"), {"at": _stored(connection, due)}) or 0


if __name__ == "__main__":
    main()
