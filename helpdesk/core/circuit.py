"""A breaker for servers of others: while one is known to be away, nobody waits for it.

It is kept in Redis for all processes at once, and forgotten with it: then the next try finds out anew.
"""

import logging

from redis.exceptions import RedisError

from helpdesk.core.broker import broker

log = logging.getLogger(__name__)

FIRST_SECONDS, LONGEST_SECONDS = 5, 60


def is_open(name: str) -> bool:
    """Whether the server is to be left alone for now."""
    try:
        return bool(broker().exists(f"helpdesk:away:{name}"))
    except RedisError:
        return False


def trip(name: str) -> None:
    """It is away: leave it alone for a while, longer each time until it answers again."""
    try:
        times = int(broker().incr(f"helpdesk:faults:{name}"))
        broker().expire(f"helpdesk:faults:{name}", 600)
        seconds = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(times - 1, 10))
        broker().set(f"helpdesk:away:{name}", times, ex=seconds)
        log.warning("server away", extra={"server": name, "seconds": seconds})
    except RedisError as error:
        log.warning("breaker not set", extra={"error": type(error).__name__})


def answered(name: str) -> None:
    """It answers: the next fault is a first one again."""
    try:
        broker().delete(f"helpdesk:faults:{name}")
    except RedisError as error:
        log.warning("breaker not reset", extra={"error": type(error).__name__})
