"""How many requests per second the form takes, from eight customers at once, on the whole product."""

import time
from threading import Thread

from bench.figures import Customer, running, spread

CUSTOMERS = 8
SECONDS = 10.0


def main() -> None:
    """Print posts per second and how long each took."""
    with running() as product:
        customers = [Customer(product.address, f"bench{n}") for n in range(CUSTOMERS)]
        took: list[float] = []
        began = time.perf_counter()
        threads = [Thread(target=_keep_sending, args=(each, took, began)) for each in customers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - began
    spread(f"form post, {CUSTOMERS} customers at once", took, f"{len(took) / elapsed:.0f} posts/s")


def _keep_sending(customer: Customer, took: list[float], began: float) -> None:
    number = 0
    while time.perf_counter() - began < SECONDS:
        number += 1
        took.append(customer.send(number))


if __name__ == "__main__":
    main()
