"""Two deeds at once, in a known order: while one is in the middle of its own, the other meets its locks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import text

from helpdesk.core.db import db
from tests.support.world import World

PATIENCE = 20  # seconds
_WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@contextmanager
def beside(
    world: World, deed: Callable[[], object], after: Callable[[], object] | None = None
) -> Iterator[None]:
    """A transaction for the block. Before that ends, `deed` was begun in another one: it waits, or is done.

    With `after`, the block is done when `deed` waits for what `after` has locked. Faults of both come out here.
    """
    with ThreadPoolExecutor(1) as pool:
        with world.inside():
            if after:
                after()
                answer = _begun(world, pool, deed)
                yield
            else:
                yield
                db.session.flush()
                answer = _begun(world, pool, deed)
        answer.result(PATIENCE)


def _begun(world: World, pool: ThreadPoolExecutor, deed: Callable[[], object]) -> Future[object]:
    def run() -> object:
        with world.inside():
            return deed()

    answer, until = pool.submit(run), time.monotonic() + PATIENCE
    with db.engine.connect() as connection:
        while not answer.done() and not connection.scalar(text(_WAITING)):
            connection.rollback()
            assert time.monotonic() < until, "it neither waits nor ends"
            time.sleep(0.01)
    return answer
