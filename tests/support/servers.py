"""Real servers for the tests, as pytest fixtures. All belong to one pytest process (one xdist worker).

- `redis_url`: a real server's address, empty at the start of each test
- `mailbox`: a real SMTP server: `.url`, `.messages()`, `.wait(count, to=…)`
- `postgres`: `.create_database()` answers a URL; started when it is first asked for
- `database_url`: a new empty database, SQLite or (TEST_DB=embedded, TEST_DATABASE_URL) PostgreSQL
- `helpdesk_process`: `helpdesk_process(NAME="value", …)` starts the whole product (see `process.py`)
"""

from __future__ import annotations

import email
import os
import shutil
import smtplib
import sys
import time
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import redis

from helpdesk.launch import mailbox as mailbox_program
from helpdesk.launch import preflight
from helpdesk.launch.child import Child, end
from helpdesk.launch.redis_server import RedisServer, wait_until_ready
from tests.support.postgres import EmbeddedPostgres, Postgres
from tests.support.process import HelpdeskProcess


class Mailbox:
    """Mail kept as files, by the same server that `helpdesk up` starts."""

    def __init__(self, directory: Path, url: str = "") -> None:
        self.directory = directory
        self.url = url

    def messages(self, to: str | None = None) -> list[EmailMessage]:
        """All messages in the order of arrival, or those whose envelope names `to`."""
        found = []
        for path in sorted(self.directory.glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            recipients = [r.strip() for r in str(message["X-Envelope-To"]).split(",")]
            if to is None or to in recipients:
                found.append(message)
        return found

    def wait(self, count: int = 1, to: str | None = None, seconds: float = 10) -> list[EmailMessage]:
        """The messages once there are `count`; fails after `seconds`."""
        until = time.monotonic() + seconds
        while len(found := self.messages(to)) < count:
            subjects = [str(m["Subject"]) for m in found]
            assert time.monotonic() < until, f"{len(found)} of {count} mails to {to or 'anybody'}: {subjects}"
            time.sleep(0.05)
        return found

    def clear(self) -> None:
        """Throw all away."""
        for path in self.directory.glob("*.eml"):
            path.unlink()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for the whole session; its address."""
    directory = tmp_path_factory.mktemp("redis")
    server = RedisServer(directory, directory / "redis.log")
    server.child.start()
    wait_until_ready(server, time.sleep)
    yield server.url
    end([server.child], time.monotonic() + 3)
    server.tidy()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a server that is empty now."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def mailbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    """One SMTP server for the whole session."""
    directory = tmp_path_factory.mktemp("mail")
    listener = preflight.listen("127.0.0.1", 0)
    fd, program = listener.fileno(), str(mailbox_program.__file__)
    command = [sys.executable, "-P", program, "--fd", str(fd), "--dir", str(directory)]
    child = Child("mailbox", command, directory / "mailbox.log", pass_fds=[fd])
    child.start()
    port = listener.getsockname()[1]
    with smtplib.SMTP("127.0.0.1", port, timeout=20):  # it has begun: its directory is there
        pass
    yield Mailbox(directory, f"smtp://127.0.0.1:{port}")
    listener.close()
    end([child], time.monotonic() + 3)


@pytest.fixture
def mailbox(mailbox_server: Mailbox) -> Mailbox:
    """The SMTP server, with nothing in it now."""
    mailbox_server.clear()
    return mailbox_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of TEST_DATABASE_URL, else one of our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    server = Postgres(given) if given else EmbeddedPostgres()
    yield server
    server.stop()


def wants_postgres() -> bool:
    """Whether this run is to use PostgreSQL where a test does not say."""
    return bool(os.environ.get("TEST_DATABASE_URL")) or os.environ.get("TEST_DB") == "embedded"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, empty database of the kind that this run uses."""
    if not wants_postgres():
        yield f"sqlite:///{tmp_path / 'helpdesk.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def helpdesk_process(tmp_path: Path) -> Iterator[Callable[..., HelpdeskProcess]]:
    """Starts the whole product, as often as it is called; all of it ends with the test."""
    started: list[HelpdeskProcess] = []

    def start(ready: bool = True, **env: str) -> HelpdeskProcess:
        started.append(HelpdeskProcess(tmp_path, env))
        if ready:
            started[-1].wait_until_ready()
        return started[-1]

    yield start
    for process in started:
        process.stop()


def chromium() -> str | None:
    """The path of an installed Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip journeys where there is no browser, unless the run insists on them."""
    if item.get_closest_marker("browser") and chromium() is None:
        if os.environ.get("HELPDESK_REQUIRE_BROWSER") == "1":
            pytest.fail("A browser journey cannot run: Chromium is not installed.", pytrace=False)
        pytest.skip("browser journey: Chromium is not installed (Debian: apt install chromium)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that journeys were left out."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "browser journey" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} BROWSER JOURNEYS WERE SKIPPED: Chromium is not installed (apt install chromium).",
            yellow=True,
            bold=True,
        )
