"""Tickets from eight clients at once over HTTP, by the form, on both databases: how many, how fast, how many errors."""

import os
import time
from collections import Counter
from threading import Thread

from sqlalchemy import create_engine, text

from bench.figures import Customer, running, spread
from bench.places import KINDS, served

CLIENTS, SECONDS = 8, 15.0


def main() -> None:
    """Print requests per second and errors; every accepted ticket must be there once, with its own number."""
    for kind in KINDS:
        with served(kind), running() as product:
            clients = [Customer(product.address, f"create{n}") for n in range(CLIENTS)]
            took: list[float] = []
            errors: Counter[str] = Counter()
            began = time.perf_counter()
            threads = [Thread(target=_keep_sending, args=(each, took, errors, began)) for each in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            elapsed = time.perf_counter() - began
            default = f"sqlite:///{product.data_dir}/helpdesk.sqlite3"
            engine = create_engine(os.environ.get("HELPDESK_DATABASE_URL") or default)
            with engine.connect() as connection:
                there = connection.scalar(text("SELECT count(DISTINCT number) FROM tickets"))
                found = connection.scalar(text("SELECT count(*) FROM search_documents"))
            engine.dispose()
        spread(f"create, {CLIENTS} clients at once, {kind}", took, f"{len(took) / elapsed:.0f} tickets/s")
        print(
            f"  {len(took)} sent, {there} there, {found} searchable, {sum(errors.values())} errors {dict(errors)}"
        )


def _keep_sending(client: Customer, took: list[float], errors: "Counter[str]", began: float) -> None:
    number = 0
    while time.perf_counter() - began < SECONDS:
        number += 1
        try:
            took.append(client.send(number))
        except (AssertionError, OSError) as error:
            errors[str(error)[:60]] += 1
            client.close()


if __name__ == "__main__":
    main()
