"""Alarms: periodic work that is also wanted at a certain instant, and not only when its interval is over.

Redis holds the next instant of each; the scheduler rings it. One that is lost costs no more than the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import redis as library

from helpdesk.core import clock
from helpdesk.core.broker import attempt
from helpdesk.core.db import after_commit, db

KEY = "helpdesk:alarms"


@dataclass(frozen=True)
class Alarm:
    """A named alarm; `@every(…, alarm=…)` says what it wakes."""

    name: str

    def set(self, at: datetime) -> None:
        """Ring at an instant, once the present transaction is in the database. An earlier one stays set."""
        waiting: dict[str, datetime] = db.session.info.setdefault("alarms", {})
        if self.name not in waiting:
            after_commit(lambda: self._tell(waiting.pop(self.name)))
        waiting[self.name] = min(at, waiting.get(self.name, at))

    def _tell(self, at: datetime) -> None:
        attempt(lambda redis: redis.zadd(KEY, {self.name: at.timestamp()}, lt=True))


def ringing(redis: library.Redis) -> list[str]:
    """Take the names of the alarms whose instant has come; each is taken once, whoever asks at the same time."""
    due = redis.zrangebyscore(KEY, "-inf", clock.now().timestamp())
    return [name.decode() for name in due if redis.zrem(KEY, name)]


def seconds_to_next(redis: library.Redis, most: float) -> float:
    """Until the next alarm, but never longer than `most`."""
    first = redis.zrange(KEY, 0, 0, withscores=True)
    if not first:
        return most
    return min(most, max(0.0, first[0][1] - clock.now().timestamp()))
