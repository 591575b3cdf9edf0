"""How long a change takes to reach the desk's open pages, and whether that stays so under steady work.

From the answer to an agent's deed, which is given right after the commit, to the fragment of its row in each of 1,000
sockets; then 50 events a second for a minute in front of 200 sockets, written by processes beside, on both databases.
Smaller, to try it: HELPDESK_FAN_SOCKETS, HELPDESK_FAN_RATE, HELPDESK_FAN_SECONDS.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from html import unescape
from http.cookiejar import CookieJar
from itertools import chain
from operator import itemgetter
from pathlib import Path
from threading import Condition
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from bench.figures import Customer, running, spread
from bench.places import KINDS, served
from bench.readers import Readers
from tests.support.process import HelpdeskProcess

SOCKETS = int(os.environ.get("HELPDESK_FAN_SOCKETS", "1000"))
RATE = int(os.environ.get("HELPDESK_FAN_RATE", "50"))
SECONDS = int(os.environ.get("HELPDESK_FAN_SECONDS", "60"))
DEEDS, PATIENCE = 20, 30
STEADY = max(1, SOCKETS // 5)
QUARTERS = 4
WRITERS = 2  # one alone waits for its own commits longer than for its turn
BEGAN = itemgetter(1)


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
        desk, numbers = prepared(product)
        once(desk, numbers)
    for kind in KINDS:
        with served(kind), running(HELPDESK_SOCKETS=str(STEADY + 16)) as product:
            steady(kind, *prepared(product))


def prepared(product: HelpdeskProcess) -> tuple[Desk, list[str]]:
    """A desk with tickets, at rest."""
    customer = Customer(product.address, "fan")
    for number in range(max(10, RATE * 2)):
        customer.send(number)
    time.sleep(5)  # what the requests began is done
    desk = Desk(product)
    return desk, sorted(set(re.findall(r'data-ticket="([A-Z]+-\d+)"', desk.page)))


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


def steady(kind: str, desk: Desk, numbers: list[str]) -> None:
    """Many events a second, each waited for in every page; delay and memory of the web process by quarters."""
    readers = desk.open(STEADY)
    writers = [written_beside(desk.product, len(numbers), place) for place in range(WRITERS)]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.close()
    sizes = [memory(desk.product)]
    for _ in range(QUARTERS):
        time.sleep(SECONDS / QUARTERS)
        sizes.append(memory(desk.product))
    did = sorted(
        chain.from_iterable(json.load(writer.stdout) for writer in writers if writer.stdout), key=BEGAN
    )
    assert [writer.wait() for writer in writers] == [0] * WRITERS
    time.sleep(PATIENCE)
    readers.close()
    told(kind, did, desk.came)
    print(f"memory of the web process, at the start and after each quarter: {', '.join(map(str, sizes))} KB")


def written_beside(product: HelpdeskProcess, most: int, place: int) -> "subprocess.Popen[str]":
    """One of the processes that write."""
    asked = (RATE / WRITERS, SECONDS, most, place, WRITERS)
    return subprocess.Popen(
        [sys.executable, "-m", "bench.deeds", *map(str, asked)],
        env=as_beside(product), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def told(kind: str, did: list[tuple[str, float, float]], came: dict[str, list[float]]) -> None:
    """How long after its commit each event was in how many pages. A row that came later may say two events at once."""
    next_of: dict[str, float] = {}
    took: list[tuple[list[float], int]] = []
    for number, began, ended in reversed(did):
        until = next_of.get(number, float("inf"))
        after = sorted(at for at in came[number] if began <= at < until)[:STEADY]
        took.insert(0, ([max(0.0, at - ended) for at in after], STEADY - len(after)))
        next_of[number] = began
    rate = len(did) / (did[-1][2] - did[0][1])
    for name, part in (
        ("the first quarter", took[: len(took) // 4]),
        ("the last quarter", took[-len(took) // 4 :]),
    ):
        each = [one for seconds, _missed in part for one in seconds]
        missed = sum(missed for _seconds, missed in part)
        spread(
            f"{rate:.0f} events a second, {STEADY} sockets, {kind}, {name}",
            each,
            f"{missed} frames came later",
        )


def as_beside(product: HelpdeskProcess) -> dict[str, str]:
    """The environment of a process that works on the same data as the product."""
    own = {"HELPDESK_DATA_DIR": str(product.data_dir), "HELPDESK_REDIS_URL": product.state["redis_url"]}
    return dict(os.environ) | own | {"HELPDESK_SMTP_URL": product.state["smtp_url"], "HELPDESK_DEMO": "1"}


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
