"""A breaker for servers of others: while one is known to be away, nobody waits for it.

It is kept in Redis for all processes at once, and forgotten with it: then the next try finds out anew.
"""

import logging

from redis import Redis

from helpdesk.core.broker import attempt

log = logging.getLogger(__name__)

FIRST_SECONDS, LONGEST_SECONDS = 5, 60
FORGET_SECONDS = 600


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
