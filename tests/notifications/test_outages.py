"""F14 to F17, F20, Q-3: Redis or the mail server are away while mails are due; three schedulers at once.

The product's own workers and schedulers, a Redis that is really killed, a mail server that really refuses, both
databases. Afterwards nothing is lost, nothing is doubled, and nothing is told that was taken back.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import redis
from flask import Flask

from helpdesk.core import circuit
from helpdesk.launch.child import end
from helpdesk.launch.redis_server import RedisServer, wait_until_ready
from tests.notifications.mixed_post import Mix, a_mix, check, take_back
from tests.notifications.post import WINDOW, quiet_ticket
from tests.notifications.sink import Sink
from tests.notifications.staff import PATIENCE, Staff
from tests.support.databases import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("senders")]

MINUTE = 60
AWAY_SECONDS = 5  # real ones; the clock leaps a minute meanwhile
SLOWLY = 0.03  # for one mail, so that a fault comes in the middle of many


@dataclass
class OwnRedis:
    """A server of this test alone, which may be done anything to."""

    server: RedisServer
    directory: Path

    def start(self) -> None:
        self.server.child.start()
        wait_until_ready(self.server, time.sleep)

    def kill(self) -> None:
        self.server.child.clear()

    def forget(self) -> None:
        shutil.rmtree(self.directory / "appendonlydir")

    def signal(self, number: signal.Signals) -> None:
        assert self.server.child.pid
        os.kill(self.server.child.pid, number)

    def flush(self) -> None:
        with redis.Redis.from_url(self.server.url) as client:
            client.flushall()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    """Started, and empty."""
    directory = tmp_path_factory.mktemp("own-redis")
    found = OwnRedis(RedisServer(directory, directory / "redis.log"), directory)
    found.start()
    yield found
    found.signal(signal.SIGCONT)
    end([found.server.child], time.monotonic() + 3)
    found.server.tidy()


@pytest.fixture(params=KINDS)
def post(
    request: pytest.FixtureRequest,
    copied_cast: Callable[[str], str],
    make_app_on: Callable[..., Flask],
    sink: Sink,
    own_redis: OwnRedis,
) -> Iterator[Mix]:
    """The cast with the shipped window, and a Redis that may fail."""
    url, settings = copied_cast(request.param), {"base_url": "https://help.example", "smtp_url": sink.url}
    app = make_app_on(url, redis_url=own_redis.server.url, **settings)
    yield Mix(app, sink, window_seconds=WINDOW)
    app.extensions["broker"].close()


@pytest.fixture
def staff(post: Mix, tmp_path: Path) -> Iterator[Staff]:
    """Nobody yet."""
    found = Staff(post, tmp_path)
    yield found
    found.go()


def send_everything(staff: Staff) -> None:
    """Until every window is over, and every wait between two tries."""
    for _ in range(2):
        staff.rest()
        staff.travel(WINDOW + 1)
    staff.rest()


def deeds(post: Mix, ticket_id: int, said: str) -> None:
    """What happens at any time: new tickets, replies of both sides, and one that was taken back."""
    for _ in range(2):
        post.ticket()
    post.hear(ticket_id, f"Heard {said}")
    post.reply(ticket_id, f"Said {said}")
    take_back(post, ticket_id)


# Redis --------------------------------------------------------------------------------------------------------


def flushed(server: OwnRedis) -> None:
    server.flush()


def restarted(server: OwnRedis) -> None:
    server.kill()


def gone(server: OwnRedis) -> None:
    server.kill()
    server.forget()


def mute(server: OwnRedis) -> None:
    server.signal(signal.SIGSTOP)


def come_back(server: OwnRedis) -> None:
    if server.server.child.pid is None:
        server.start()
    else:
        server.signal(signal.SIGCONT)


def at_the_next_mail(post: Mix, fault: Callable[[], None]) -> threading.Event:
    """Let it happen while the mail server has it and has not answered; set once it did."""
    happened, wanted = threading.Event(), len(post.sink.mails) + 1

    def look() -> None:
        time.sleep(SLOWLY)
        if len(post.sink.mails) >= wanted and not happened.is_set():
            fault()
            happened.set()

    post.sink.before_answer = look
    return happened


@pytest.mark.parametrize("faults", [(flushed, restarted), (gone, mute)])
def test_F15_F16_F17_a_minute_without_redis_costs_and_doubles_no_mail(
    post: Mix, staff: Staff, own_redis: OwnRedis, faults: tuple[Callable[[OwnRedis], None], ...]
) -> None:
    ticket_id = a_mix(post)
    staff.come()
    for fault in faults:
        happened = at_the_next_mail(post, partial(fault, own_redis))
        deeds(post, ticket_id, f"before it is {fault.__name__}")
        staff.lay_down()
        staff.travel(WINDOW + 1)  # the limit for one address is used up by now: what leaves are batches
        assert happened.wait(PATIENCE), staff.log.read_text()
        away_until = time.monotonic() + AWAY_SECONDS
        deeds(post, ticket_id, f"while it is {fault.__name__}")
        staff.lay_down()
        staff.travel(MINUTE)
        deeds(post, ticket_id, f"a minute after it was {fault.__name__}")
        while time.monotonic() < away_until:
            staff.lay_down()
            time.sleep(0.1)
        if fault is flushed:
            own_redis.flush()
        come_back(own_redis)
        deeds(post, ticket_id, f"after it was {fault.__name__}")
        send_everything(staff)
        check(post, most_doubted=0, most_copies=1)


# The mail server ----------------------------------------------------------------------------------------------


def breaker(post: Mix) -> bool:
    with post.app.app_context():
        return circuit.is_open("smtp")


def test_F20_ten_minutes_without_the_mail_server_cost_and_double_no_mail(post: Mix, staff: Staff) -> None:
    ticket_id = quiet_ticket(post)
    staff.come()
    post.ticket()
    staff.rest()  # somebody is at work
    post.sink.close()
    opened, closed_at = False, time.monotonic()
    for minute in range(10):
        deeds(post, ticket_id, f"in minute {minute}")
        time.sleep(0.7)
        opened = opened or breaker(post)
        staff.lay_down()
        staff.travel(MINUTE)
    waiting = [row for row in post.deliveries() if row.state == "queued"]
    assert len(waiting) > 20
    assert opened, "the server was known to be away"
    tried = {row.batch_id or -row.id: row.attempts for row in waiting}
    openings = 1 + (time.monotonic() - closed_at) / circuit.FIRST_SECONDS
    assert 1 <= sum(tried.values()) <= 2 * openings, "each worker knocks once when it may"
    post.sink.open()
    send_everything(staff)
    while breaker(post):
        time.sleep(0.1)
    send_everything(staff)
    check(post, most_doubted=0, most_copies=1)


# The schedulers -----------------------------------------------------------------------------------------------


def test_F14_three_schedulers_are_as_one(post: Mix, staff: Staff) -> None:
    ticket_id = a_mix(post)
    post.sink.before_answer = lambda: time.sleep(SLOWLY)
    staff.come(workers=2, schedulers=3)
    for round_ in range(4):
        deeds(post, ticket_id, f"in round {round_}")
        if round_ == 2:
            staff.kill(staff.schedulers[0])
            staff.come(workers=0, schedulers=1)
        staff.rest()
        staff.travel(WINDOW + 1)
    send_everything(staff)
    check(post, most_doubted=0, most_copies=1)
