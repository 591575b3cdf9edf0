"""A breaker for servers of others: while one is known to be away, nobody waits for it, and for slow ones only one does.

It is kept in Redis for all processes at once, and forgotten with it: then the next try finds out anew.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from helpdesk.core.broker import attempt

log = logging.getLogger(__name__)

FIRST_SECONDS, LONGEST_SECONDS = 5, 60
FORGET_SECONDS = 600
PACE_SECONDS = 300  # for so long it is remembered how fast a server was


def is_open(name: str) -> bool:
    """Whether the server is to be left alone for now."""
    return bool(attempt(lambda redis: redis.exists(f"helpdesk:away:{name}")))


def trip(name: str) -> None:
    """It is away: leave it alone for a while, longer each time until it answers again."""

    def count_and_close(redis: Redis) -> None:
        times = int(redis.incr(f"helpdesk:faults:{name}"))
        redis.expire(f"helpdesk:faults:{name}", FORGET_SECONDS)
        seconds = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(times - 1, 10))
        redis.set(f"helpdesk:away:{name}", times, ex=seconds)
        log.warning("server away", extra={"server": name, "seconds": seconds})

    attempt(count_and_close)


def answered(name: str) -> None:
    """It answers: the next fault is a first one again."""
    attempt(lambda redis: redis.delete(f"helpdesk:faults:{name}"))


def forgive(name: str) -> None:
    """Somebody mended something: try at once."""
    attempt(lambda redis: redis.delete(*(f"helpdesk:{what}:{name}" for what in ("away", "faults", "pace"))))


def paced(name: str, *, quick: bool) -> None:
    """Remember for a while whether it answers quickly."""
    attempt(lambda redis: redis.set(f"helpdesk:pace:{name}", "quick" if quick else "slow", ex=PACE_SECONDS))


def pace(name: str) -> str | None:
    """`quick`, `slow`, or None: nobody knows."""
    found = attempt(lambda redis: redis.get(f"helpdesk:pace:{name}"))
    return found.decode() if found else None


@contextmanager
def place(name: str, seconds: int) -> Iterator[bool]:
    """One of all processes has it at a time, and no longer than so many seconds; the others are told so.

    Without Redis everybody has it: it keeps the peace, and nothing depends on it.
    """
    key, mine = f"helpdesk:place:{name}", secrets.token_hex(8)

    def give_back(redis: Redis) -> None:
        if redis.get(key) == mine.encode():
            redis.delete(key)

    taken = attempt(lambda redis: bool(redis.set(key, mine, nx=True, ex=seconds)))
    try:
        yield taken is not False
    finally:
        if taken:
            attempt(give_back)
