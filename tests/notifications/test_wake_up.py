"""Q-3: a real worker, woken through Redis, sends; and without any wake-up the sweep finds what is due."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from flask import Flask

from helpdesk.core import jobs
from tests.notifications.post import BEA, Post
from tests.notifications.sink import Sink


@pytest.fixture
def post(make_app: Callable[..., Flask], redis_url: str, sink: Sink) -> Post:
    """The cast, with Redis."""
    return Post(make_app(smtp_url=sink.url, redis_url=redis_url), sink)


def test_a_worker_sends_what_a_request_planned(post: Post) -> None:
    post.ticket()
    jobs.work(post.app, burst=True)
    assert len(post.sink.to(BEA)) == 1


def test_Q_3_a_lost_wake_up_loses_no_mail(post: Post, redis_url: str) -> None:
    post.ticket()
    post.run_reactions()
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    with post.app.app_context():
        jobs.repeat("helpdesk.notifications.jobs.sweep_mails")
    jobs.work(post.app, burst=True)
    assert len(post.sink.to(BEA)) == 1
