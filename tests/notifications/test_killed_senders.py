"""F6 to F10, F15, F17, F39, F40, Q-3: senders that are killed at every point; after healing nothing is lost or doubled.

Real workers in processes of their own, SIGKILL, a real Redis and mail server, both databases; mails that leave at once
among batches, and a deed that was taken back.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.config import ROOT
from helpdesk.core import circuit, clock, jobs
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.notifications.outgoing import GROUP
from helpdesk.notifications.subscribers import tell
from helpdesk.tickets.ticket import Opening, Ticket
from tests.notifications.mixed_post import LONG, NEW, Mix, a_mix, check, heal
from tests.notifications.mortal_sender import POINTS
from tests.notifications.post import BEA, WINDOW
from tests.notifications.sink import HANG_UP, Sink
from tests.support.databases import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("senders")]


@pytest.fixture(params=KINDS)
def post(
    request: pytest.FixtureRequest,
    copied_cast: Callable[[str], str],
    make_app_on: Callable[..., Flask],
    sink: Sink,
    redis_url: str,
) -> Mix:
    """The cast with the shipped window, for workers in other processes."""
    url = copied_cast(request.param)
    return Mix(
        make_app_on(url, smtp_url=sink.url, redis_url=redis_url, base_url="https://help.example"),
        sink,
        window_seconds=WINDOW,
    )


def start(post: Mix, place: Path, point: str, hit: int = 1) -> subprocess.Popen[bytes]:
    """A worker at the present time of this test."""
    config, moved = post.app.config["HELPDESK"], place / "clock"
    moved.write_text(str(clock.now().timestamp() - time.time()))
    own = {
        "HELPDESK_DATA_DIR": str(place / "var"), "HELPDESK_DATABASE_URL": config.database_url,
        "HELPDESK_REDIS_URL": config.redis_url, "HELPDESK_SMTP_URL": post.sink.url,
        "HELPDESK_SECRET_KEY": config.secret_key, "HELPDESK_CLOCK_FILE": str(moved),
        "HELPDESK_BASE_URL": config.base_url,
    }  # fmt: skip
    env = {k: v for k, v in os.environ.items() if not k.startswith("HELPDESK_")} | own
    command = [sys.executable, "-m", "tests.notifications.mortal_sender", point, str(hit)]
    return subprocess.Popen(command, env=env, cwd=ROOT)


@pytest.fixture
def mixed(post: Mix) -> Mix:
    """The mix."""
    a_mix(post)
    return post


def write(post: Mix, name: str) -> None:
    """A customer's first request. Bea, who has written so often, is told of no more of hers."""
    with post.inside():
        merchant = post.customer("Bea").merchant
        who = Customer.find_or_create(
            merchant, email=f"{name.lower()}@mail.example", name=name, language="en"
        )
        Ticket.create(merchant, who, Opening("Is it there?", "I have ordered it."), by=who)


@pytest.mark.parametrize("hit", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_F6_to_F10_a_sender_that_is_killed_loses_and_doubles_nothing(
    mixed: Mix, tmp_path: Path, point: str, hit: int
) -> None:
    news = deque(["Dan"])  # in the middle of a run: there is another one, however quick the machine is
    mixed.sink.before_answer = lambda: write(mixed, news.popleft()) if news else None
    assert start(mixed, tmp_path, point, hit).wait(120) == -signal.SIGKILL
    mixed.sink.before_answer = lambda: None
    heal(mixed)
    check(mixed)
    doubted = [row for row in mixed.deliveries() if row.is_uncertain]
    assert bool(doubted) == (point in ("after_begin", "after_250")), (
        "what cannot have been sent is in no doubt"
    )


def test_F8_a_sender_that_is_killed_before_the_answer(mixed: Mix, tmp_path: Path) -> None:
    sender = start(mixed, tmp_path, "never")
    mixed.sink.before_answer = sender.kill
    assert sender.wait(120) == -signal.SIGKILL
    mixed.sink.before_answer = lambda: None
    heal(mixed)
    check(mixed)
    assert [row for row in mixed.deliveries() if row.is_uncertain]


def test_F15_redis_is_flushed_under_way(mixed: Mix, tmp_path: Path) -> None:
    url = mixed.app.config["HELPDESK"].redis_url
    with redis.Redis.from_url(url) as server:
        mixed.sink.before_answer = lambda: server.flushall() and None
        start(mixed, tmp_path, "never").wait(120)
    mixed.sink.before_answer = lambda: None
    heal(mixed)
    check(mixed, most_doubted=0)


def test_F39_F40_jobs_come_many_times_and_in_any_order(mixed: Mix, tmp_path: Path) -> None:
    mixed.run_reactions()
    organizer = mixed.organizers["acme"]
    with mixed.app.app_context():
        calls = [
            ("perform", "helpdesk.notifications.jobs.send_mails", organizer, [0]),
            ("relay", organizer),
        ] * 10
        random.Random(6).shuffle(calls)
        for function, *args in calls:
            jobs.wake(function, *args)
    workers = [start(mixed, tmp_path, "never") for _ in range(3)]
    assert [each.wait(120) for each in workers] == [0] * 3
    with mixed.inside():
        tell(db.session.scalars(select(Event).where(Event.name == "ticket.created")).all())
    heal(mixed)
    check(mixed, most_doubted=0)


def test_F20_F24_a_server_that_answers_anything(mixed: Mix) -> None:
    chance = random.Random(7)
    mixed.sink.at_rcpt.extend(chance.choices(["250 OK", "421 closing", "450 later", "452 full"], k=40))
    mixed.sink.at_data.extend(chance.choices(["250 OK", HANG_UP, "451 later", "421 closing"], k=30))
    for _ in range(60):
        with mixed.app.app_context():
            circuit.forgive("smtp")  # it counts real seconds
        mixed.send()
        clock.travel(LONG)
    assert not mixed.sink.at_data, "it was as bad as that"
    check(mixed, most_doubted=40, most_copies=9)


def test_Q_3_killed_again_and_again_beside_healthy_ones(mixed: Mix, tmp_path: Path) -> None:
    chance = random.Random(8)
    for point in [*POINTS] * 2:
        mixed.ticket()
        mortal = start(mixed, tmp_path, point, chance.randrange(1, 4))
        healthy = threading.Thread(target=mixed.send)
        healthy.start()
        healthy.join()
        assert mortal.wait(120) in (0, -signal.SIGKILL)
        clock.travel(LONG)
    heal(mixed)
    check(mixed, most_doubted=10 * GROUP)
    assert len(mixed.sink.to(BEA)) > NEW, "those that were killed had something to do"
