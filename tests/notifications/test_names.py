"""F48: the name of a mail server cannot be looked up, or the one who is asked does not answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from helpdesk.core import circuit, clock
from helpdesk.core.mail import Undelivered
from helpdesk.core.mail_line import Line, Relay
from tests.notifications.post import BEA, Post
from tests.notifications.sink import Sink
from tests.support.databases import both_databases

NAME = "mail.shop.example"


class Resolver:
    """Stands where the system is asked. It knows one name only, and answers for it as it is told to."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask, self.wakes, self.knows = ask, threading.Event(), True
        self.asked = 0

    def __call__(self, host: Any, *more: Any, **options: Any) -> Any:
        if host != NAME:
            return self._ask(host, *more, **options)
        self.asked += 1
        self.wakes.wait(30)
        if not self.knows:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._ask("127.0.0.1", *more, **options)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """Mute at first."""
    found = Resolver(socket.getaddrinfo)
    monkeypatch.setattr(socket, "getaddrinfo", found)
    yield found
    found.wakes.set()


def test_F48_looking_up_a_name_has_its_time(sink: Sink, resolver: Resolver) -> None:
    began = time.monotonic()
    with Line(Relay(NAME, sink.port), most_seconds=0.5) as line, pytest.raises(Undelivered) as fault:
        line.open()
    assert time.monotonic() - began < 20, "it would have gone on for thirty seconds"
    assert (fault.value.answer, fault.value.unreachable) == ("TimeoutError", True)
    assert sink.connections == 0


@both_databases
@pytest.mark.parametrize("knows", [True, False])
def test_F48_mails_wait_for_the_name_as_for_the_server(
    knows: bool,
    make_app: Callable[..., Flask],
    sink: Sink,
    redis_url: str,
    resolver: Resolver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("helpdesk.core.mail_line.TIMEOUT_SECONDS", 0.5)
    resolver.knows = knows
    if not knows:
        resolver.wakes.set()
    post = Post(make_app(smtp_url=f"smtp://{NAME}:{sink.port}", redis_url=redis_url), sink)
    for _ in range(3):
        post.ticket()
    assert post.sent_to(BEA) == []
    told = [(row.state, row.attempts, row.is_uncertain) for row in post.deliveries(BEA)]
    assert told == [("queued", 1, False), *[("queued", 0, False)] * 2], "one try tells of all"
    assert resolver.asked == 1
    with post.app.app_context():
        assert circuit.is_open("smtp")
        circuit.forgive("smtp")  # it counts real seconds
    resolver.knows = True
    resolver.wakes.set()
    clock.travel(600)
    assert len(post.sent_to(BEA)) == 3
