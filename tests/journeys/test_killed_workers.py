"""AGT-007, AGT-010, Q-3: workers that are killed in the middle, again and again, leave nothing unassigned."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.agents.agent import Agent
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.config import ROOT
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import KINDS
from tests.support.machines import Processes
from tests.support.world import World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]

WORKERS, SECONDS = 3, 30
LARGE = "HELPDESK_CROWD_TICKETS" in os.environ  # `make crowd`: fifty on both databases
KILLS = {"postgresql": 50, "sqlite": 50 if LARGE else 10}
BETWEEN = 3  # new tickets from one killing to the next


class Mortals(Processes):
    """Workers in sessions of their own, so that all that one has started ends with him, and a scheduler."""

    def come_back(self) -> None:
        for more in ([],) * WORKERS + (["schedule"],):
            self.processes.append(self._start(more))

    def _start(self, more: list[str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "worker.py"), *more]
        with self.logs.open("ab") as output:
            return subprocess.Popen(
                command, env=self.env, cwd=ROOT, stdout=output, stderr=output, start_new_session=True
            )

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to a worker and all its descendants; another one takes its place."""
        place = chance.randrange(WORKERS)
        os.killpg(self.processes[place].pid, signal.SIGKILL)
        assert self.processes[place].wait() == -signal.SIGKILL, "it had ended before"
        self.processes[place] = self._start([])


@pytest.fixture(params=KINDS)
def app(
    request: pytest.FixtureRequest, copied_cast: Callable[[str], str], make_app_on: Callable[..., Flask]
) -> Flask:
    """The cast, with a Redis for its workers."""
    return make_app_on(copied_cast(request.param), redis_url=request.getfixturevalue("redis_url"))


@pytest.fixture
def mortals(app: Flask, tmp_path: Path) -> Iterator[Mortals]:
    """At work, as soon as one of them has assigned a ticket."""
    found = Mortals(World(app), tmp_path)
    found.come_back()
    yield found
    found.end()


def waiting(world: World) -> int:
    with world.inside():
        return db.session.scalar(select(func.count()).where(Ticket.status == Status.OPEN)) or 0


def wait_for_all(mortals: Mortals, seconds: float) -> None:
    until = time.monotonic() + seconds
    while waiting(mortals.world):
        assert time.monotonic() < until, mortals.logs.read_text()[-4000:]
        time.sleep(0.2)


def test_Q_3_fifty_killed_workers_leave_nothing_unassigned(mortals: Mortals) -> None:
    world, chance = mortals.world, random.Random(5)
    with world.inside():
        kills = KILLS[db.engine.dialect.name]
        for name, cap in (("Gus", 100), ("Linh", 10_000)):
            Agent.of(world.user(name).id).cap = cap
    world.ticket()
    wait_for_all(mortals, 60)  # the workers have started
    interrupted = 0
    for _ in range(kills):
        for _ in range(BETWEEN):
            world.ticket()
        time.sleep(chance.uniform(0.05, 0.6))
        interrupted += waiting(world) > 0
        mortals.kill_one(chance)
    wait_for_all(mortals, SECONDS)
    assert interrupted >= kills // 5, "they were killed when there was nothing to do"
    with world.inside():
        assigned = Counter(db.session.scalars(select(Event.ticket_id).where(Event.name == "ticket.assigned")))
        assert assigned == dict.fromkeys(db.session.scalars(select(Ticket.id)), 1)
        assert LoadCheck.run() == 0
        assert Agent.of(world.user("Gus").id).load <= 100
