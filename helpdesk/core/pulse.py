"""Whether the machine works: the processes that do not answer pages, their queue, the disk, the tables."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.config import ROOT, current_config
from helpdesk.core import circuit, clock
from helpdesk.core.addresses import reach
from helpdesk.core.broker import attempt
from helpdesk.core.db import db
from helpdesk.core.jobs import QUEUE
from helpdesk.core.mail_line import Relay

DIAL_SECONDS = 1.0
LOOKED_AT = 20  # jobs at the front of the queue


@dataclass(frozen=True)
class Pulse:
    """What Redis knows of the other processes. Ages in seconds; None: nothing was heard."""

    has_redis: bool
    scheduler_age: float | None = None
    worker_ages: tuple[float, ...] = ()
    waiting: int = 0
    oldest_waiting: float | None = None

    @classmethod
    def felt(cls) -> "Pulse":
        """As it is now; without Redis at once, and with nothing known."""
        return attempt(cls._felt) or cls(has_redis=False)

    @classmethod
    def _felt(cls, redis: Any) -> "Pulse":
        keys = list(redis.smembers("rq:workers"))
        beats = [redis.hget(key, "last_heartbeat") for key in keys[:200]]
        queue = f"rq:queue:{QUEUE}"
        # Workers take from the front, so what waits longest is there; but for an alarm that went before it.
        first = redis.lrange(queue, 0, LOOKED_AT - 1)
        since = [redis.hget(f"rq:job:{job_id.decode()}", "enqueued_at") for job_id in first]
        return cls(
            has_redis=True, scheduler_age=_age(redis.get("helpdesk:scheduler")),
            worker_ages=tuple(sorted(_ages(beats))), waiting=int(redis.llen(queue)),
            oldest_waiting=max(_ages(since), default=None),
        )  # fmt: skip


def _ages(beats: Iterable[bytes | None]) -> Iterable[float]:
    return (age for beat in beats if (age := _age(beat)) is not None)


def _age(said: bytes | None) -> float | None:
    try:
        at = datetime.fromisoformat(said.decode()) if said else None
    except ValueError:
        return None
    if at is None:
        return None
    return max(0.0, (clock.now() - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds())


def free_disk() -> tuple[int, float] | None:
    """Free bytes of the data directory's disk, and which part of it that is; None if it cannot be written."""
    folder = current_config().data_dir
    try:
        used = shutil.disk_usage(folder)
    except OSError:
        return None
    return (used.free, used.free / used.total) if os.access(folder, os.W_OK) else None


def mail_fault() -> str | None:
    """What is wrong with the house's mail server: `none`, `away`; None: it answers."""
    url = current_config().smtp_url
    if url is None:
        return "none"
    if circuit.is_open("smtp"):
        return "away"
    relay = Relay.of(url)
    try:
        reach(relay.host, relay.port, DIAL_SECONDS, anywhere=True).close()
    except OSError:
        return "away"
    return None


def is_migrated() -> bool:
    """Whether the tables are those that this version of the program knows."""
    try:
        present = MigrationContext.configure(db.session.connection()).get_current_heads()
    except SQLAlchemyError:
        return False
    return set(present) == _heads()


@lru_cache(maxsize=1)
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(ROOT / "migrations")).get_heads())
