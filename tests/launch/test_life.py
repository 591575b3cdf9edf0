"""One life of the product on one machine: start, crash of a part, end; nothing is left behind."""

import os
import signal
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.process import HelpdeskProcess
from tests.support.servers import Mailbox

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("whole-product")]
Start = Callable[..., HelpdeskProcess]
NAMES = {"redis", "mailbox", "web", "worker-1", "worker-2", "scheduler"}
END_SECONDS = 5


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everything_it_started_ends_with_it(helpdesk_process: Start, number: signal.Signals) -> None:
    process = helpdesk_process()
    state = process.state
    assert set(state["processes"]) == NAMES
    groups = set(state["processes"].values()) | {state["pid"]}
    assert len(members(groups)) >= len(NAMES) + 2  # the web server is two processes
    assert (process.data_dir / "running.json").stat().st_mode & 0o777 == 0o600

    begun = time.monotonic()
    process.signal(number)
    assert process.wait_until_ended() == 0
    assert time.monotonic() - begun < END_SECONDS
    assert members(groups) == []
    assert not (process.data_dir / "running.json").exists()


def test_nothing_outlives_a_killed_supervisor(helpdesk_process: Start) -> None:
    process = helpdesk_process()
    groups = set(process.state["processes"].values())
    process.signal(signal.SIGKILL)
    process.wait_until_ended()
    wait_until(lambda: members(groups) == [])


def test_what_dies_comes_back(helpdesk_process: Start) -> None:
    process = helpdesk_process()
    before = process.state
    for name in ("redis", "mailbox", "worker-1"):
        process.kill(name)

    def all_new() -> bool:
        now = process.state["processes"]
        return all(now[name] != before["processes"][name] for name in ("redis", "mailbox", "worker-1"))

    wait_until(all_new)
    assert process.state["smtp_url"] == before["smtp_url"]
    assert "worker-1 ended with status -9" in process.text()
    with urllib.request.urlopen(f"{process.address}/readyz", timeout=10) as answer:
        assert answer.status == 200


def test_the_terminal_shows_where_to_go_and_who_may_sign_in(helpdesk_process: Start) -> None:
    process = helpdesk_process(HELPDESK_RATE_LIMITS="off")
    text = process.text()
    assert process.address in text
    assert f"{process.shop}/dev/shop" in text
    for person in ("admin", "mai", "gus", "linh"):
        assert f"{person}@acme.example" in text
    assert "rate limits are OFF" in text


def test_without_the_demo_nobody_is_shown(helpdesk_process: Start) -> None:
    process = helpdesk_process(HELPDESK_DEMO="0")
    assert "acme" not in process.text()
    assert process.state["shop"] is None


def test_servers_that_are_configured_are_not_started(
    helpdesk_process: Start, redis_url: str, mailbox: Mailbox
) -> None:
    process = helpdesk_process(HELPDESK_REDIS_URL=redis_url, HELPDESK_SMTP_URL=mailbox.url)
    assert set(process.state["processes"]) == NAMES - {"redis", "mailbox"}
    assert process.state["redis_url"] == redis_url


def test_a_long_path_still_has_room_for_a_socket(helpdesk_process: Start, tmp_path: Path) -> None:
    process = helpdesk_process(HELPDESK_DATA_DIR=str(tmp_path / ("long" * 30)))
    socket = Path(process.state["redis_url"].removeprefix("unix://"))
    assert socket.exists()
    process.stop()
    assert not socket.parent.exists()


def test_the_second_start_is_quick_and_keeps_the_data(helpdesk_process: Start) -> None:
    first = helpdesk_process()
    first.stop()
    key = (first.data_dir / "secret_key").read_text()
    begun = time.monotonic()
    second = helpdesk_process()
    took = time.monotonic() - begun
    assert (second.data_dir / "secret_key").read_text() == key
    assert took < 5 * slowness(), second.text()


def slowness() -> float:
    """How much longer a busy machine may take than an idle one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
