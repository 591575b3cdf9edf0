"""How long a change takes to reach the desk's open pages, and whether that stays so under steady work.

From the answer to an agent's deed, which is given right after the commit, to the fragment of its row in each of 1,000
sockets; then 50 deeds a second for a minute in front of 200 sockets. Smaller, to try it: HELPDESK_FAN_SOCKETS,
HELPDESK_FAN_RATE, HELPDESK_FAN_SECONDS.
"""

import os
import re
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Condition
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from bench.figures import Customer, percentile, running, spread
from bench.readers import Readers
from tests.support.process import HelpdeskProcess

SOCKETS = int(os.environ.get("HELPDESK_FAN_SOCKETS", "1000"))
RATE = int(os.environ.get("HELPDESK_FAN_RATE", "50"))
SECONDS = int(os.environ.get("HELPDESK_FAN_SECONDS", "60"))
DEEDS, HANDS, PATIENCE = 20, 4, 30
STEADY = max(1, SOCKETS // 5)


class Desk:
    """An agent who writes notes, and when each of the open pages showed the row of his ticket."""

    def __init__(self, product: HelpdeskProcess) -> None:
        self.product = product
        self.browser, self.cookies = signed_in(product.address)
        page = self.page = self.browser.open(f"{product.address}/queue/all").read().decode()
        live = re.search(r'hx-ws:connect="([^"]+)"', page)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert live, page
        assert token, page
        self.token = token[1]
        self.url = urljoin(product.address, unescape(live[1])).replace(
            "http", "ws", 1
        )  # a whole address stays so
        self.came: dict[str, list[float]] = defaultdict(list)
        self.news = Condition()

    def heard(self, number: str, at: float) -> None:
        """A fragment came."""
        with self.news:
            self.came[number].append(at)
            self.news.notify_all()

    def open(self, count: int) -> Readers:
        """So many pages of the queue."""
        cookie = "; ".join(f"{one.name}={one.value}" for one in self.cookies)
        return Readers(self.url, cookie, self.product.address, count, self.heard)

    def note(self, number: str) -> float:
        """The deed; the instant of its answer."""
        with self.news:
            self.came[number].clear()
        body = urlencode({"csrf_token": self.token, "kind": "note", "body": "Looked at."}).encode()
        headers = {"HX-Request": "true", "X-CSRFToken": self.token}
        with self.browser.open(
            Request(f"{self.product.address}/tickets/{number}/notes", body, headers)
        ) as answer:
            assert answer.status == 200
        return time.perf_counter()

    def wait(self, number: str, sent: float, count: int) -> list[float]:
        """How long after the deed each page had the row."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.came[number]) >= count, PATIENCE), (
                f"{number}: too few heard"
            )
            return [max(0.0, at - sent) for at in self.came[number][:count]]


def main() -> None:
    """Print both."""
    with running(HELPDESK_SOCKETS=str(SOCKETS + 16)) as product:
        customer = Customer(product.address, "fan")
        for number in range(max(10, RATE * 2)):
            customer.send(number)
        time.sleep(5)  # what the requests began is done
        desk = Desk(product)
        numbers = sorted(set(re.findall(r'data-ticket="([A-Z]+-\d+)"', desk.page)))
        once(desk, numbers)
        steady(desk, numbers)


def once(desk: Desk, numbers: list[str]) -> None:
    """One deed at a time."""
    readers, each, last = desk.open(SOCKETS), [], []
    time.sleep(2)
    for turn in range(DEEDS):
        number = numbers[turn % len(numbers)]
        took = desk.wait(number, desk.note(number), SOCKETS)
        each += took
        last.append(max(took))
        time.sleep(0.3)
    readers.close()
    spread(f"commit to fragment, each of {SOCKETS} sockets", each)
    spread(f"commit to fragment, the last of {SOCKETS} sockets", last)


def steady(desk: Desk, numbers: list[str]) -> None:
    """Many deeds a second, each waited for in one page and counted in all; memory before and after."""
    readers, taken, before = desk.open(STEADY), [], memory(desk.product)
    began = time.perf_counter()

    def one(turn: int) -> tuple[float, float]:
        number = numbers[turn % len(numbers)]
        time.sleep(max(0.0, began + turn / RATE - time.perf_counter()))
        sent = desk.note(number)
        return sent - began, max(desk.wait(number, sent, 1))

    with ThreadPoolExecutor(HANDS * 4) as hands:
        taken = list(hands.map(one, range(RATE * SECONDS)))
    ended = max(at for at, _ in taken)
    for name, part in (("first", (0.0, 0.25)), ("last", (0.75, 1.01))):
        chosen = [took for at, took in taken if part[0] <= at / ended < part[1]]
        spread(f"{len(taken) / ended:.0f} deeds a second, {STEADY} sockets, the {name} quarter", chosen)
    print(f"memory of the web process: {before} KB before, {memory(desk.product)} KB after {ended:.0f} s")
    print(f"p95 in all {percentile([took for _, took in taken], 0.95) * 1000:.1f} ms")
    readers.close()


def memory(product: HelpdeskProcess) -> int:
    """Resident KB of the web server and its workers."""
    master = int(product.state["processes"]["web"])
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    status = [Path(f"/proc/{pid}/status").read_text() for pid in (master, *children)]
    return sum(int(found[1]) for text in status if (found := re.search(r"VmRSS:\s+(\d+)", text)))


def signed_in(address: str) -> tuple[OpenerDirector, CookieJar]:
    """A browser of an agent, and its cookies."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/login").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "email": "gus@acme.example", "password": "demo-helpdesk"}
    browser.open(Request(f"{address}/login", urlencode(fields).encode()))
    return browser, jar


if __name__ == "__main__":
    main()
