"""The monitor: an idle tick over a million running clocks, and ten thousand that are due at once, on both databases."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, create_engine, insert, select, text

from bench.figures import running, spread
from bench.places import KINDS, place, served
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.tenancy import across_organizers, inside
from helpdesk.demo.load import seed_load
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.clock import Clock
from helpdesk.sla.tracker import Tracker
from tests.support.process import HelpdeskProcess

RUNNING, TICKETS = 1_000_000, 1_000
DUE, LOADED = 10_000, 30_000
TICKS = 200
PATIENCE = 300


def main() -> None:
    """Print both, for SQLite and for PostgreSQL."""
    for kind in KINDS:
        with place("sla", kind) as (app, _):
            idle(app, kind)
    for kind in KINDS:
        with served(kind), running(HELPDESK_SLA_TICK_SECONDS="1") as product:
            burst(product, kind)


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


def burst(product: HelpdeskProcess, kind: str) -> None:
    """From the instant at which all are due to the last mark, and to the last escalation; two workers."""
    url = os.environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{product.data_dir}/helpdesk.sqlite3"
    own = {"HELPDESK_DATABASE_URL": url, "HELPDESK_DATA_DIR": str(product.data_dir)}
    command = [Path(sys.executable).with_name("helpdesk"), "seed", "load", "--tickets", str(LOADED)]
    subprocess.run(command, env=os.environ | own, check=True, capture_output=True)
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
    print(f"{DUE:,} clocks due at once, {kind:<34} marked {marked:6.1f} s   escalated {escalated:6.1f} s")


def _make_due(connection: Connection) -> datetime:
    """Let the resolution of so many living tickets be due in a few seconds, warned of already, and nothing else."""
    due = datetime.now(UTC) + timedelta(seconds=8)
    found = text("""
        SELECT c.id FROM sla_clocks c JOIN tickets t ON t.id = c.ticket_id
        WHERE c.kind = 'resolution' AND c.breached_at IS NULL AND c.met_at IS NULL AND t.is_alive
        ORDER BY c.id LIMIT :n
    """)
    ids = connection.scalars(found, {"n": DUE}).all()
    assert len(ids) == DUE, len(ids)
    connection.execute(text("UPDATE sla_clocks SET next_look_at = NULL"))
    at = due.replace(tzinfo=None) if connection.dialect.name == "sqlite" else due
    for start in range(0, DUE, 500):
        listed = ",".join(str(each) for each in ids[start : start + 500])
        connection.execute(
            text(f"""
                UPDATE sla_clocks SET due_at = :at, next_look_at = :at, warned_at = :at, critical_marked_at = :at,
                warn_at = :at, critical_at = :at, running_since = started_at WHERE id IN ({listed})
            """),
            {"at": str(at) if connection.dialect.name == "sqlite" else at},
        )
    return due


def _count(connection: Connection, where: str, due: datetime) -> int:
    at = str(due.replace(tzinfo=None)) if connection.dialect.name == "sqlite" else due
    return connection.scalar(text(f"SELECT count(*) FROM {where}"), {"at": at}) or 0


if __name__ == "__main__":
    main()
