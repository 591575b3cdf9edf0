"""The product's own workers and schedulers beside a test, whose clock goes with the test's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, select

from helpdesk.config import ROOT
from helpdesk.core import clock
from helpdesk.core.db import db, reading
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import inside
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from tests.notifications.post import Post

PATIENCE = 240  # real seconds until nothing is left to do; a busy machine needs more than a calm one


class Staff:
    """Processes of one post office. They share its database, its Redis and its mail server."""

    def __init__(self, post: Post, place: Path) -> None:
        self.post, self.clock_file, self.log = post, place / "clock", place / "staff.log"
        config = post.app.config["HELPDESK"]
        own = {
            "HELPDESK_DATA_DIR": str(place / "var"), "HELPDESK_DATABASE_URL": config.database_url,
            "HELPDESK_REDIS_URL": config.redis_url, "HELPDESK_SMTP_URL": post.sink.url,
            "HELPDESK_SECRET_KEY": config.secret_key, "HELPDESK_CLOCK_FILE": str(self.clock_file),
            "HELPDESK_BASE_URL": config.base_url,
        }  # fmt: skip
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")} | own
        self.workers: list[subprocess.Popen[bytes]] = []
        self.schedulers: list[subprocess.Popen[bytes]] = []

    def come(self, workers: int = 2, schedulers: int = 1) -> None:
        """More of them begin to work."""
        self.travel(0)
        self.workers += [self._start() for _ in range(workers)]
        self.schedulers += [self._start("schedule") for _ in range(schedulers)]

    def travel(self, seconds: float) -> None:
        """Move everybody's clock on."""
        clock.travel(seconds)
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str(clock.now().timestamp() - time.time()))
        fresh.rename(self.clock_file)

    def rest(self) -> None:
        """Return once nothing is due and nobody has anything in his hands. Nobody may have died."""
        self._wait(lambda now: [
            select(Event.id).where(Event.sequence.is_(None)), _due(Reaction, now), _due(Delivery, now),
            _due(Batch, now), *_in_hand(),
        ])  # fmt: skip

    def lay_down(self) -> None:
        """Return once nobody has a mail in his hands, whatever may be due: only then the clock may leap."""
        self._wait(lambda now: _in_hand())

    def kill(self, one: subprocess.Popen[bytes]) -> None:
        """SIGKILL; he is none of us any more."""
        one.kill()
        assert one.wait() == -signal.SIGKILL, "he had ended before"
        for ours in (self.workers, self.schedulers):
            if one in ours:
                ours.remove(one)

    def go(self) -> None:
        """All of them end."""
        for one in [*self.workers, *self.schedulers]:
            one.kill()
            one.wait()

    def _start(self, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "worker.py"), *more]
        with self.log.open("ab") as output:
            return subprocess.Popen(command, env=self._env, cwd=ROOT, stdout=output, stderr=output)

    def _wait(self, still: Any) -> None:
        until = time.monotonic() + PATIENCE
        while left := self._found(still(clock.now())):
            assert time.monotonic() < until, f"{left} are left\n{self.log.read_text()[-6000:]}"
            dead = [one.args for one in [*self.workers, *self.schedulers] if one.poll() is not None]
            assert not dead, f"{dead}\n{self.log.read_text()[-6000:]}"
            time.sleep(0.1)

    def _found(self, asked: list[Any]) -> list[str]:
        found = []
        for organizer_id in self.post.organizers.values():
            with self.post.app.app_context(), inside(organizer_id), reading():
                found += [
                    str(each.get_final_froms()[0])
                    for each in asked
                    if db.session.scalar(each.limit(1)) is not None
                ]
        return found


def _due(kind: Any, now: datetime) -> Any:
    waits: ColumnElement[bool] = kind.next_at <= now
    return select(kind.id).where(waits)


def _in_hand() -> list[Any]:
    taken: list[Any] = [select(kind.id).where(kind.state == "leased") for kind in (Delivery, Batch)]
    return [*taken, select(Reaction.id).where(Reaction.attempts > 0, Reaction.next_at.is_not(None))]
