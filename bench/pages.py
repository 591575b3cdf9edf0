"""Server time and queries of the queue and the ticket page as tickets grow: every view × every filter × both ends.

The short measure compares 1,000 tickets with 100,000 on SQLite. HELPDESK_BENCH_SIZES names others, such as
`1000,100000,1000000`, and then PostgreSQL is measured, list by list, and the slowest of each size more closely.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from bench.figures import percentile, spread
from bench.places import place as database
from helpdesk import create_app
from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.config import Config
from helpdesk.core.db import db, transaction
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import inside
from helpdesk.demo.load import MANAGER, seed_load
from helpdesk.desk.queries import END, VIEWS
from helpdesk.launch.preflight import keep_what_is_loaded
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket

SIZES = (1_000, 100_000)
TIMES = 60
WARM = 5
TIMES_OF_EACH = 5  # of the hundreds of lists
TIMES_OF_SLOWEST = 30
SLOWEST = 40  # lists that are measured more closely
SHOWN = 10


def main() -> None:
    """Seed each size and measure; a data directory named in HELPDESK_BENCH_DIR keeps what was seeded."""
    if sizes := os.environ.get("HELPDESK_BENCH_SIZES"):
        every_list([int(size) for size in sizes.split(",")])
        return
    medians: dict[str, list[float]] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as temporary:
            kept = os.environ.get("HELPDESK_BENCH_DIR")
            place = Path(kept or temporary) / f"pages-{size}"
            for name, seconds in _measure(place, size).items():
                medians.setdefault(name, []).append(percentile(seconds, 0.5))
    for name, (small, large) in medians.items():
        print(f"{name:<58} {SIZES[1]:,} against {SIZES[0]:,} tickets: {large / small:.2f} times")


@dataclass
class Lap:
    """How long one list took each time, with how many queries, and the tickets it showed."""

    seconds: list[float]
    queries: int
    rows: int

    @property
    def median(self) -> float:
        return percentile(self.seconds, 0.5)


def every_list(sizes: list[int]) -> None:
    """Each list of the queue at each size, one size right after the other, for the machine is not always as fast; how
    much slower the largest is than the smallest.
    """
    with ExitStack() as places:
        apps = {size: places.enter_context(database(f"lists-{size}", "postgresql"))[0] for size in sizes}
        clients, paths = {}, []
        for size, app in apps.items():
            with app.app_context():
                seed_load(size)
            clients[size] = _signed_in(app)[0]
            paths = _lists(app)
        keep_what_is_loaded()
        laps = {path: _laps(clients, path, TIMES_OF_EACH) for path in paths}
        slowest = sorted(paths, key=lambda path: laps[path][sizes[-1]].median, reverse=True)[:SLOWEST]
        closely = {path: _laps(clients, path, TIMES_OF_SLOWEST) for path in slowest}
        for app in apps.values():
            with app.app_context():
                db.engine.dispose()
    for size in sizes:
        _tell(size, laps, closely)
    _compare(sizes[0], sizes[-1], laps)


def _laps(clients: dict[int, FlaskClient], path: str, times: int) -> dict[int, Lap]:
    return {size: _lap(client, path, times) for size, client in clients.items()}


def _tell(size: int, laps: dict[str, dict[int, Lap]], closely: dict[str, dict[int, Lap]]) -> None:
    most = max(lap[size].queries for lap in laps.values())
    each = [second for lap in laps.values() for second in lap[size].seconds]
    spread(
        f"{len(laps)} lists at {size:,} tickets, PostgreSQL", each, f"at most {most} queries; the slowest:"
    )
    for path in sorted(closely, key=lambda path: closely[path][size].median, reverse=True)[:SHOWN]:
        lap = closely[path][size]
        spread(path, lap.seconds, f"{lap.queries} queries")


def _compare(small: int, large: int, laps: dict[str, dict[int, Lap]]) -> None:
    """Only of lists that show as many rows at both sizes: a page with three tickets is quicker than one with fifty."""
    ratios = sorted(
        (lap[large].median / lap[small].median, path)
        for path, lap in laps.items()
        if lap[small].rows == lap[large].rows
    )
    at = [ratios[int(len(ratios) * share)][0] for share in (0.5, 0.95)]
    print(
        f"{len(ratios)} lists with equally many rows, {large:,} against {small:,} tickets: "
        f"half below {at[0]:.2f} times, 95 of 100 below {at[1]:.2f}; at the worst:"
    )
    for ratio, path in reversed(ratios[-SHOWN:]):
        print(f"{path:<70} {ratio:.2f} times")


def _lap(client: FlaskClient, path: str, times: int) -> Lap:
    queries, took, rows = counted(lambda: client.get(path)), [], 0
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
        rows = answer.data.count(b"data-ticket=")
    return Lap(took, queries, rows)


def _lists(app: Flask) -> list[str]:
    """Addresses: every view, narrowed by every filter, from both ends."""
    with app.app_context():
        manager = User.find(MANAGER)
        assert manager
        organizer_id = manager.organizer_id
    with app.app_context(), inside(organizer_id), transaction():
        filters = list(_filters())
    queries = ["&".join(filter(None, (each, end))) for each in filters for end in ("", f"before={END}")]
    places = ["/queue" if view == "todo" else f"/queue/{view}" for view in VIEWS]
    return [f"{place}?{query}" if query else place for place in places for query in queries]


def _filters() -> Iterator[str]:
    """One of each kind: what many tickets have and what few have."""
    first = {model: db.session.scalar(select(func.min(model.id))) for model in (Category, Merchant, User)}
    customer = db.session.scalar(select(Customer.email).order_by(Customer.id).limit(1))
    yield from ("", "status=OPEN", "status=OPEN,ASSIGNED", "status=RESOLVED,CLOSED", "priority=CRITICAL")
    yield from (
        "assignee=me",
        "assignee=none",
        f"assignee={(first[User] or 0) + 3}",
        "group=mine",
        "group=none",
    )
    yield from (f"category={first[Category]}", "category=none", "tag=late", f"customer={customer}")
    yield from (f"merchant={first[Merchant]}", "source=form", "source=agent")
    yield from ("deadline=overdue", "deadline=soon", "deadline=later", "deadline=none")
    yield from (
        "since=2026-06-01&until=2026-06-30",
        "sort=newest",
        "sort=oldest",
        "priority=HIGH&sort=newest",
    )


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
