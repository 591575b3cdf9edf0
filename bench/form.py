"""How many requests per second the form takes from eight customers at once: the whole product, on both databases."""

import time
from collections.abc import Callable
from threading import Thread

from bench.figures import Customer, running, spread
from bench.places import KINDS, served

CUSTOMERS, POSTS = 8, 150  # each
WEB_PROCESSES = "2"


def main() -> None:
    """Print posts per second and how long each took: of pages that are open, and with each page loaded before."""
    for kind in KINDS:
        with served(kind), running(HELPDESK_WEB_PROCESSES=WEB_PROCESSES) as product:
            _measure(kind, [Customer(product.address, f"bench{n}") for n in range(CUSTOMERS)])


def _measure(kind: str, customers: list[Customer]) -> None:
    tokens = {each.name: [each.token() for _ in range(POSTS)] for each in customers}
    _all_at_once(f"form posts, {kind}", customers, lambda each, n: each.send(n, tokens[each.name][n]))
    _all_at_once(f"form loaded and posted, {kind}", customers, lambda each, n: each.send(POSTS + n))


def _all_at_once(name: str, customers: list[Customer], send: Callable[[Customer, int], float]) -> None:
    took: list[float] = []

    def keep_sending(customer: Customer) -> None:
        for number in range(POSTS):
            took.append(send(customer, number))

    threads = [Thread(target=keep_sending, args=(each,)) for each in customers]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    assert len(took) == CUSTOMERS * POSTS
    spread(f"{name}, {WEB_PROCESSES} web processes", took, f"{len(took) / elapsed:.0f}/s")


if __name__ == "__main__":
    main()
