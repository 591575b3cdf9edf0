"""Percentiles, a running product, and the customer's form as a program fills it in."""

import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.support.process import HelpdeskProcess

FREE = {"HELPDESK_RATE_LIMITS": "off", "HELPDESK_FILL_SECONDS": "0"}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of the sorted values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(name: str, seconds: Sequence[float], more: str = "") -> None:
    """Print one line: p50, p95, p99 in milliseconds."""
    p50, p95, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.95, 0.99))
    print(f"{name:<58} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms   p99 {p99:8.1f} ms   {more}".rstrip())


@contextmanager
def running(**env: str) -> Iterator[HelpdeskProcess]:
    """The whole product in a temporary place; HELPDESK_DATABASE_URL of the environment is passed on."""
    own = {k: v for k, v in os.environ.items() if k == "HELPDESK_DATABASE_URL"}
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as place:
        process = HelpdeskProcess(Path(place), FREE | own | env)
        try:
            process.wait_until_ready()
            yield process
        finally:
            process.stop()


@dataclass
class Customer:
    """Fills in the demo form over one kept connection."""

    address: str
    name: str
    sent: list[tuple[str, float]] = field(
        default_factory=list
    )  # ticket number, seconds since 1970 of the answer

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        return answer.status, text, answer.headers.get("Location", "")

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def token(self) -> str:
        """A fresh form."""
        _, page, _ = self._ask("GET", "/embed/demo-acme?lang=en")
        found = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)
        assert found, "the form has no token"
        return found[1]

    def send(self, number: int, token: str | None = None) -> float:
        """Send one request; the seconds from pressing the button to the answer."""
        fields = {
            "form_token": token or self.token(), "name": self.name, "email": f"{self.name}-{number}@example.com",
            "subject": f"Question {number}", "description": "Where is my parcel?", "category": "",
            "priority": "MEDIUM", "order": "", "phone": "", "website": "",
        }  # fmt: skip
        began = time.perf_counter()
        status, text, location = self._ask("POST", "/embed/demo-acme?lang=en", urlencode(fields))
        took = time.perf_counter() - began
        assert status == 303, f"{status}: {text[:300]}"
        self.sent.append((location, time.time()))
        return took
