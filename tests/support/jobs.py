"""`run_jobs(app)`: what workers would do by now, here and at once, until nothing is left.

Nothing of the caller goes along: no application, request, tenant, viewer or session. A deed of a test must be
committed before; one that is not is not seen, just as no worker would see it.
"""

from __future__ import annotations

from contextvars import Context

from flask import Flask
from redis.exceptions import RedisError

from helpdesk.core import jobs, reactions
from helpdesk.core.broker import broker
from helpdesk.core.db import reading

MOST_ROUNDS = 20


def run_jobs(app: Flask) -> None:
    """Seal events, perform the reactions that are due, and the jobs on the queue where the app has Redis."""
    Context().run(_work, app)


def run_periodic(app: Flask) -> None:
    """Run each `@every` once for every organizer, and then whatever that gave rise to. Needs Redis."""
    Context().run(_repeat, app)
    run_jobs(app)


def _work(app: Flask) -> None:
    for _ in range(MOST_ROUNDS):
        with app.app_context():
            jobs.sweep()
            queued = _queued()
        if queued:
            jobs.work(app, burst=True)
        if not queued and not _is_due(app):
            return
    raise AssertionError(f"there is still work after {MOST_ROUNDS} rounds: {_is_due(app)}, {queued} jobs")


def _repeat(app: Flask) -> None:
    for name in sorted(jobs._periodic):
        with app.app_context():
            jobs.repeat(name)


def _queued() -> int:
    try:
        return jobs.queue(broker()).count
    except RedisError:
        return 0  # without Redis nothing was ever queued, and sweeps do it all


def _is_due(app: Flask) -> list[int]:
    with app.app_context(), reading():
        return reactions.organizers_with_work()
