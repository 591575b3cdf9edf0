"""How long `helpdesk audit verify` takes over a million sealed events, on SQLite and on PostgreSQL."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert

from bench.places import place
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.events import GENESIS, Chain, Event, seal_of
from helpdesk.core.tenancy import inside
from helpdesk.core.upkeep import analyse, catch_up_sequences
from helpdesk.organizers.organizer import Organizer

EVENTS, BATCH = 1_000_000, 10_000
NAMES = (
    "ticket.created",
    "ticket.assigned",
    "ticket.replied",
    "ticket.transitioned",
    "ticket.resolved",
    "sla.met",
)


def main() -> None:
    """Print the seconds of the command, from its start to its end."""
    for kind in ("sqlite", "postgresql"):
        with place("audit", kind) as (app, env):
            with app.app_context():
                _fill(app, EVENTS)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "helpdesk", "audit", "verify"],
                env=env, capture_output=True, text=True, check=False,
            )  # fmt: skip
            took = time.perf_counter() - began
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu, most = (
                used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
                used.ru_maxrss // 1024,
            )
            assert done.returncode == 0, done.stdout + done.stderr
            print(
                f"audit verify, {EVENTS:,} events, {kind:<11} {took:6.1f} s, {cpu:.1f} s of its own work, {most} MB"
            )


def _fill(app: Flask, events: int) -> None:
    """An organizer with so many sealed events."""
    with transaction():
        organizer = Organizer(name="Audit", slug="audit", is_active=True)
        db.session.add(organizer)
        db.session.flush()
        organizer_id = organizer.id
    chain = _chain(organizer_id, events)
    for _ in range(0, events, BATCH):
        rows = [row for _, row in zip(range(BATCH), chain, strict=False)]
        with inside(organizer_id), transaction():
            db.session.execute(insert(Event.__table__), rows)
    with inside(organizer_id), transaction():
        db.session.add(Chain(sequence=events, hash=rows[-1]["hash"]))
    with transaction():
        catch_up_sequences()
        analyse()


def _chain(organizer_id: int, events: int) -> Iterator[dict[str, Any]]:
    """Rows as the relay would have sealed them."""
    now, previous = clock.now(), GENESIS
    for sequence in range(1, events + 1):
        row = {
            "id": sequence, "organizer_id": organizer_id, "ticket_id": sequence // 10 + 1,
            "name": NAMES[sequence % len(NAMES)],
            "actor": {"kind": "user", "id": sequence % 40, "name": "Nguyễn Thị Phượng Uyên"},
            "data": {"from": "OPEN", "to": "ASSIGNED", "before": None, "assignee": {"id": 7, "name": "Gus"}},
            "created_at": now + timedelta(milliseconds=sequence),
        }  # fmt: skip
        previous = seal_of(previous, sequence, *row.values())
        yield row | {"sequence": sequence, "hash": previous, "relayed_at": now}


if __name__ == "__main__":
    main()
