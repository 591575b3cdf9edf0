"""Server time and queries of the queue and ticket page, at 1,000 and at 100,000 tickets, and their ratio."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bench.figures import percentile, spread
from helpdesk import create_app
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.config import Config
from helpdesk.core.db import db, transaction
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import inside
from helpdesk.demo.load import MANAGER, seed_load
from helpdesk.tickets.ticket import Ticket

SIZES = (1_000, 100_000)
TIMES = 60
WARM = 5


def main() -> None:
    """Seed each size and measure; a data directory named in HELPDESK_BENCH_DIR keeps what was seeded."""
    medians: dict[str, list[float]] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as temporary:
            kept = os.environ.get("HELPDESK_BENCH_DIR")
            place = Path(kept or temporary) / f"pages-{size}"
            for name, seconds in _measure(place, size).items():
                medians.setdefault(name, []).append(percentile(seconds, 0.5))
    for name, (small, large) in medians.items():
        print(f"{name:<58} {SIZES[1]:,} against {SIZES[0]:,} tickets: {large / small:.2f} times")


def _measure(place: Path, size: int) -> dict[str, list[float]]:
    place.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{place / 'helpdesk.sqlite3'}"
    env = {"HELPDESK_DATA_DIR": str(place), "HELPDESK_DATABASE_URL": database, "HELPDESK_SECRET_KEY": "bench"}
    app = create_app(replace(Config.from_env(env), rate_limits=False))
    if not (place / "seeded").exists():
        with app.app_context():
            upgrade()
            seed_shipped()
            began = time.perf_counter()
            seed_load(size)
            print(f"seeded {size:,} tickets in {time.perf_counter() - began:.0f} s")
        (place / "seeded").touch()
    client, number = _signed_in(app)
    pages = {
        "queue page (to do)": "/queue",
        "queue page (all)": "/queue/all",
        "ticket page": f"/tickets/{number}",
    }
    return {name: _time(app, client, path, f"{name}, {size:,} tickets") for name, path in pages.items()}


def _signed_in(app: Flask) -> tuple[FlaskClient, str]:
    """A manager's browser, and the number of a ticket with a thread."""
    with app.app_context():
        manager = User.find(MANAGER)
        assert manager
        organizer_id, user_id = manager.organizer_id, manager.id
    with app.app_context(), inside(organizer_id), transaction():
        token = UserSession.begin(db.session.get_one(User, user_id), "bench")
        number = db.session.scalars(select(Ticket.number).order_by(Ticket.id).limit(1)).one()
    client = app.test_client()
    with client.session_transaction() as session:
        session["token"] = token
    return client, number


def _time(app: Flask, client: FlaskClient, path: str, name: str) -> list[float]:
    queries, took = counted(lambda: client.get(path)), []
    for _ in range(WARM + TIMES):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
    spread(name, took[WARM:], f"{queries} queries, {len(answer.data) / 1024:.0f} KB")
    return took[WARM:]


def counted(ask: Callable[[], object]) -> int:
    """How many statements a request sends, BEGIN left out."""
    seen: list[str] = []

    def count(connection: object, cursor: object, statement: str, *more: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        ask()
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return sum(1 for statement in seen if not statement.startswith("BEGIN"))


if __name__ == "__main__":
    main()
