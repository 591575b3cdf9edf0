"""The connection to Redis. It only carries wake-ups and live frames: what must not be lost is in the database."""

import logging
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any

import redis
from flask import Flask, current_app
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

REST_SECONDS = 2
NOWHERE = "redis://127.0.0.1:1"
PATIENT = 60  # more tries of a worker, about two minutes: it outlives a restart of the server


def connect(url: str, more_tries: int = 1) -> redis.Redis:
    """A client. A patient one waits for a server that is away; the others give up within about two seconds."""
    retry = Retry(ExponentialBackoff(cap=2, base=0.1), more_tries)
    timeouts = {} if more_tries == PATIENT else {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
    return redis.Redis.from_url(url, retry=retry, **timeouts)


def attempt(act: Callable[[redis.Redis], Any]) -> Any:
    """Do something with Redis that may as well not happen; None when the server is away.

    After a failure the next two seconds' attempts are not even made, so that an absent server does not
    make every request wait for its time-outs.
    """
    breaker = current_app.extensions["broker_breaker"]
    if monotonic() < breaker["away_until"]:
        return None
    try:
        return act(broker())
    except redis.RedisError as error:
        breaker["away_until"] = monotonic() + REST_SECONDS
        log.warning("redis is away", extra={"error": type(error).__name__})
        return None


def init_app(app: Flask, url: str | None) -> None:
    """Keep one client per application. Without a URL there is no server to try: it is always away."""
    app.extensions["broker_breaker"] = {"away_until": 0.0 if url else inf}
    app.extensions["broker"] = connect(url or NOWHERE)
    app.extensions["listener"] = connect(url or NOWHERE, more_tries=0)


def broker() -> redis.Redis:
    """The client of the present application; raises `redis.exceptions.RedisError` when the server is away."""
    return current_app.extensions["broker"]


def listener() -> redis.Redis:
    """The client to subscribe with. It raises when its connection breaks; the other would subscribe again unsaid."""
    return current_app.extensions["listener"]
