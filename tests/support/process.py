"""The whole product as it runs on one machine, started in a temporary place, for journeys."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from helpdesk.launch import preflight

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60


class HelpdeskProcess:
    """`helpdesk up` on a free port. `env` adds to the environment.

    `place` holds the data directory (unless `env` names another), what the terminal shows, and the clock.
    """

    def __init__(self, place: Path, env: dict[str, str]) -> None:
        self.data_dir = Path(env.setdefault("HELPDESK_DATA_DIR", str(place / "var")))
        self.clock_file = place / "clock"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")}
        own = {"PORT": env.get("PORT") or str(free_port()), "HELPDESK_CLOCK_FILE": str(self.clock_file)}
        self.port = int(own["PORT"])
        self.output = place / f"terminal-{self.port}"
        command = (
            "import sys; from helpdesk.cli import main; sys.argv[:] = ['helpdesk', 'up']; sys.exit(main())"
        )
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", command],
                cwd=ROOT,
                env={**inherited, **own, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        """Where the product answers: scheme, host, port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state(self) -> dict[str, Any]:
        """What `up` says about itself: pid, shop, redis_url, smtp_url, processes by name."""
        return json.loads((self.data_dir / "running.json").read_text())

    @property
    def shop(self) -> str:
        """The merchant's own site in demo mode: scheme, host, other port."""
        return str(self.state["shop"])

    @property
    def mail_dir(self) -> Path:
        """Where the local mailbox keeps its files: `Mailbox(process.mail_dir)` reads them."""
        return self.data_dir / "mail"

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it says that it is ready; fails with its output otherwise."""
        until = time.monotonic() + seconds
        while "is ready" not in self.text():
            assert self._process.poll() is None, f"it ended instead of starting:\n{self.text()}"
            assert time.monotonic() < until, f"not ready after {seconds} s:\n{self.text()}\n{self.logs()}"
            time.sleep(0.05)

    def wait_until_ended(self, seconds: float = 10) -> int:
        """The exit status."""
        return self._process.wait(timeout=seconds)

    def travel(self, seconds: float) -> None:
        """Move the clock of all its processes on by so much, in addition to what went before."""
        moved = float(self.clock_file.read_text()) if self.clock_file.exists() else 0.0
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(moved + seconds))
        fresh.rename(self.clock_file)

    def kill(self, name: str) -> None:
        """SIGKILL to one of its processes, by name: redis, mailbox, web, worker-1, …"""
        os.kill(self.state["processes"][name], signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """A signal to the supervisor alone, as a terminal or an init system sends it."""
        self._process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; the exit status. Harmless when it has ended already."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its children end with it
            return self._process.wait()

    def text(self) -> str:
        """What the terminal shows."""
        return self.output.read_text(errors="replace")

    def logs(self) -> str:
        """The end of every process's log."""
        paths = sorted((self.data_dir / "logs").glob("*.log"))
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in paths)


def free_port() -> int:
    """A port that nobody listens on now."""
    with preflight.listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])
