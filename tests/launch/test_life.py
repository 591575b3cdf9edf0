"""One life of the product on one machine: start, crash of a part, end; nothing is left behind."""

import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.launch.preflight import BACKGROUND_NICENESS
from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("whole-product")]
Start = Callable[..., HelpdeskProcess]
NAMES = {"redis", "mailbox", "web", "worker-1", "worker-2", "scheduler"}
END_SECONDS = 5.0


def members(groups: set[int]) -> list[str]:
    """The processes that belong to these process groups now, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        if int(fields[2]) in groups:
            found.append(text)
    return found


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Fails when it does not come true in time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def ended_cleanly(process: HelpdeskProcess, number: signal.Signals) -> None:
    """The signal ends everything in time, with nothing left."""
    state = process.state
    groups = set(state["processes"].values()) | {state["pid"]}
    assert len(members(groups)) >= len(NAMES) + 2  # the web server is two processes
    begun = time.monotonic()
    process.signal(number)
    assert process.wait_until_ended() == 0
    assert time.monotonic() - begun < END_SECONDS
    wait_until(lambda: members(groups) == [])  # the machine's first process takes what is left of orphans
    assert not (process.data_dir / "running.json").exists()


def pages_go_before_background_work(pids: dict[str, int]) -> None:
    """The workers step back of themselves, as a process and, where Linux groups by sessions, as a group."""
    workers = [pids["worker-1"], pids["worker-2"]]
    wait_until(lambda: all(os.getpriority(os.PRIO_PROCESS, pid) == BACKGROUND_NICENESS for pid in workers))
    assert os.getpriority(os.PRIO_PROCESS, pids["web"]) == 0
    groups = [Path(f"/proc/{pid}/autogroup") for pid in workers]
    for group in groups:
        if group.exists():
            wait_until(lambda group=group: group.read_text().endswith(f"nice {BACKGROUND_NICENESS}\n"))


def test_two_starts_and_two_ends(helpdesk_process: Start) -> None:
    first = helpdesk_process(HELPDESK_RATE_LIMITS="off")
    assert set(first.state["processes"]) == NAMES
    assert (first.data_dir / "running.json").stat().st_mode & 0o777 == 0o600
    text = first.text()
    assert first.address in text
    assert f"{first.shop}/dev/shop" in text
    assert "rate limits are OFF" in text
    for person in ("admin", "mai", "gus", "linh"):
        assert f"{person}@acme.example" in text
    signed_order = "x" * 6000  # as long as the token of the longest order that is taken
    with urllib.request.urlopen(f"{first.address}/embed/demo-acme?token={signed_order}") as answer:
        assert answer.status == 200
    pages_go_before_background_work(first.state["processes"])
    key = (first.data_dir / "secret_key").read_text()
    ended_cleanly(first, signal.SIGTERM)

    second = helpdesk_process()
    assert (second.data_dir / "secret_key").read_text() == key
    ended_cleanly(second, signal.SIGINT)


def test_what_dies_comes_back_and_nothing_outlives_a_killed_supervisor(
    helpdesk_process: Start, tmp_path: Path
) -> None:
    # A path too long for a socket, by the way.
    process = helpdesk_process(HELPDESK_DATA_DIR=str(tmp_path / ("long" * 30)))
    before = process.state
    killed = ("redis", "mailbox", "worker-1")
    for name in killed:
        process.kill(name)

    def all_new() -> bool:
        now = process.state["processes"]
        return all(now[name] not in (None, before["processes"][name]) for name in killed)

    wait_until(all_new, 20)
    assert process.state["smtp_url"] == before["smtp_url"]
    assert "worker-1 ended with status -9" in process.text()
    socket = Path(process.state["redis_url"].removeprefix("unix://"))
    assert socket.is_socket()
    with urllib.request.urlopen(f"{process.address}/readyz", timeout=10) as answer:
        assert answer.status == 200

    groups = set(process.state["processes"].values())
    process.signal(signal.SIGKILL)
    process.wait_until_ended()
    wait_until(lambda: members(groups) == [], 20)
    shutil.rmtree(socket.parent)  # nobody was left to do it


def test_servers_that_are_configured_are_not_started_and_without_the_demo_nobody_is_shown(
    helpdesk_process: Start, redis_url: str, mailbox: Mailbox
) -> None:
    process = helpdesk_process(HELPDESK_DEMO="0", HELPDESK_REDIS_URL=redis_url, HELPDESK_SMTP_URL=mailbox.url)
    assert set(process.state["processes"]) == NAMES - {"redis", "mailbox"}
    assert process.state["redis_url"] == redis_url
    assert process.state["shop"] is None
    assert "acme" not in process.text()
