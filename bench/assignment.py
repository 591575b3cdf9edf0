"""Time from the form's answer to the ticket being assigned, at twenty tickets per second."""

import os
import time
from datetime import datetime
from threading import Thread

from sqlalchemy import Engine, Row, create_engine, text

from bench.figures import Customer, running, spread
from bench.places import KINDS, served
from tests.support.process import HelpdeskProcess

RATE = 20
SECONDS = 15
SENDERS = 4
WARMING = 20  # tickets before


def main() -> None:
    """Print the spread on both databases; tickets are looked up there once they are all assigned."""
    for kind in KINDS:
        with served(kind), running() as product:
            _raise_caps(product)
            _warm_up(product)
            senders = [Customer(product.address, f"rate{n}") for n in range(SENDERS)]
            began = time.perf_counter() + 0.5
            threads = [Thread(target=_send_in_time, args=(each, n, began)) for n, each in enumerate(senders)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            lags, waiting = _lags(product, WARMING)
        more = f"{len(lags)} tickets, {waiting} not assigned"
        spread(f"created to assigned at {RATE} tickets/s, {kind}", lags, more)


def _raise_caps(product: HelpdeskProcess) -> None:
    with _database(product).begin() as connection:
        connection.execute(text("UPDATE agents SET cap = 100000"))


def _warm_up(product: HelpdeskProcess) -> None:
    """The web answers some seconds before the first worker has begun: wait until they are all at work."""
    first = Customer(product.address, "first")
    for number in range(WARMING):
        first.send(number)
    first.close()
    _, waiting = _lags(product, 0)
    assert not waiting


def _send_in_time(customer: Customer, lane: int, began: float) -> None:
    """One of the lanes: its share of the rate, evenly."""
    for number in range(RATE * SECONDS // SENDERS):
        at = began + (number * SENDERS + lane) / RATE
        token = customer.token()
        time.sleep(max(0.0, at - time.perf_counter()))
        customer.send(number, token)


def _lags(product: HelpdeskProcess, passed_over: int) -> tuple[list[float], int]:
    """Seconds between the creating transaction's instant and the assignment's, by the product's own clock.

    Of all tickets but the first ones, and how many of all have no agent after a minute.
    """
    until = time.monotonic() + 60
    while True:
        with _database(product).connect() as connection:
            rows = connection.execute(text("SELECT created_at, assigned_at FROM tickets ORDER BY id")).all()
        waiting = sum(1 for row in rows if row.assigned_at is None)
        if not waiting or time.monotonic() > until:
            return [_seconds(row) for row in rows[passed_over:] if row.assigned_at is not None], waiting
        time.sleep(0.5)


def _seconds(row: Row) -> float:
    created, assigned = (v if isinstance(v, datetime) else datetime.fromisoformat(str(v)) for v in row)
    return (assigned - created).total_seconds()


def _database(product: HelpdeskProcess) -> Engine:
    return create_engine(
        os.environ.get("HELPDESK_DATABASE_URL") or f"sqlite:///{product.data_dir}/helpdesk.sqlite3"
    )


if __name__ == "__main__":
    main()
