"""Who works for a simulated week: this process, or the product's own workers and schedulers, their clock moved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from helpdesk.config import ROOT
from helpdesk.core import clock, jobs
from helpdesk.core.db import db, reading
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import inside
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.jobs import climb_ladders
from helpdesk.sla.clock import Clock
from helpdesk.sla.jobs import mark_due_clocks
from tests.support.jobs import run_jobs
from tests.support.world import World

PATIENCE = 240  # real seconds for everything to come to rest


class Machine:
    """Whoever works while the desk does its deeds: here, in this process."""

    def __init__(self, world: World) -> None:
        self.world, self.organizer = world, world.organizers["acme"]

    def settle(self, now: datetime) -> None:
        """Let all that is due at an instant be done."""
        with clock.frozen(now):
            for _ in range(20):
                if self.is_quiet(now):
                    return
                for work in (mark_due_clocks, climb_ladders):
                    jobs._repeat_inside(self.world.app, work, self.organizer)
                run_jobs(self.world.app)
        raise AssertionError("it does not come to rest")

    def is_quiet(self, now: datetime) -> bool:
        """Nothing to seal, nothing to react to, no clock to look at, nothing to climb."""
        todo = (
            select(Event.id).where(Event.sequence.is_(None)),
            select(Reaction.id).where(Reaction.next_at.is_not(None)),
            select(Clock.id).where(Clock.next_look_at < now),
            select(Escalation.id).where(Escalation.climbs_at <= now),
        )
        with self.world.app.app_context(), inside(self.organizer), reading():
            return all(db.session.scalar(each.limit(1)) is None for each in todo)

    def done(self, now: datetime) -> None:
        """The deeds of an instant are in the database."""

    def be_away(self) -> None:
        """Nobody works."""

    def come_back(self) -> None:
        """Everybody is there again."""

    def end(self) -> None:
        """For good."""


class Processes(Machine):
    """Three workers and two schedulers, whose clock is moved."""

    def __init__(self, world: World, place: Path) -> None:
        super().__init__(world)
        self.clock_file, self.logs = place / "clock", place / "processes.log"
        config = world.app.config["HELPDESK"]
        own = {
            "HELPDESK_DATA_DIR": str(place / "var"), "HELPDESK_DATABASE_URL": config.database_url,
            "HELPDESK_REDIS_URL": config.redis_url, "HELPDESK_SMTP_URL": "smtp://127.0.0.1:9",
            "HELPDESK_SECRET_KEY": config.secret_key, "HELPDESK_CLOCK_FILE": str(self.clock_file),
        }  # fmt: skip
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")} | own
        self.processes: list[subprocess.Popen[bytes]] = []
        self.moved_to: datetime | None = None

    def _move(self, now: datetime) -> None:
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(str((now - clock.now()).total_seconds()))
        fresh.rename(self.clock_file)
        self.moved_to = now

    def settle(self, now: datetime) -> None:
        if self.moved_to:
            self._wait(self.moved_to)  # what the last deeds gave rise to, before the clock jumps
        self._move(now)
        if not self.processes:
            self.come_back()
        self._wait(now)

    def _wait(self, now: datetime) -> None:
        until = time.monotonic() + PATIENCE
        while self.processes and not self.is_quiet(now):
            assert time.monotonic() < until, f"{now}: no rest\n{self.logs.read_text()[-4000:]}"
            assert all(each.poll() is None for each in self.processes), self.logs.read_text()[-4000:]
            time.sleep(0.02)

    def done(self, now: datetime) -> None:
        self._move(now)

    def come_back(self) -> None:
        command = [sys.executable, str(ROOT / "worker.py")]
        with self.logs.open("ab") as output:
            for more in ([], [], [], ["schedule"], ["schedule"]):
                self.processes.append(
                    subprocess.Popen([*command, *more], env=self.env, cwd=ROOT, stdout=output, stderr=output)
                )

    def be_away(self) -> None:
        for each in self.processes:
            each.send_signal(signal.SIGKILL)
            each.wait()
        self.processes.clear()

    end = be_away
