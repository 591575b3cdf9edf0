"""Work outside requests: wake-ups through RQ, periodic work through rq-scheduler.

RQ may lose or repeat a job. So a job never is the only memory that something must be done: the truth is a
row (a reaction, a clock, a delivery) that a periodic sweep finds again, and every job may run twice.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler

from helpdesk.config import Config, current_config
from helpdesk.core import alarms, clock, reactions
from helpdesk.core.alarms import Alarm
from helpdesk.core.broker import PATIENT, attempt, broker, connect
from helpdesk.core.db import after_commit, db, transaction
from helpdesk.core.tenancy import inside, present_organizer

log = logging.getLogger(__name__)

QUEUE = "helpdesk"  # one queue: RQ recovers a job popped by a killed worker only from workers with one
BATCHES = 10_000  # bound of a periodic job that says "there is more"
LOCK_SECONDS = 300
WAITING_MS = 3_000
PASS_SECONDS = 1  # of the scheduler
LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - rq-scheduler counts in naive UTC; due at once


class JsonJob(Job):
    """A job whose arguments are JSON: write access to Redis is not code execution."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, JSONSerializer)


@dataclass(frozen=True)
class Deferred:
    """A function that a worker runs inside an organizer, in a transaction of its own."""

    function: Callable[..., Any]

    @property
    def name(self) -> str:
        """Module and function."""
        return f"{self.function.__module__}.{self.function.__name__}"

    def later(self, *ids: int) -> None:
        """Wake a worker once the present transaction is in the database."""
        organizer = present_organizer()
        after_commit(lambda: wake("perform", self.name, organizer, list(ids)))


@dataclass(frozen=True)
class Periodic:
    """Work that is repeated for every organizer; `seconds` is a number or the name of a setting."""

    function: Callable[[], Any]
    seconds: int | str
    alarm: Alarm | None = None
    shared: bool = False

    @property
    def name(self) -> str:
        """Module and function."""
        return f"{self.function.__module__}.{self.function.__name__}"

    def interval(self, config: Config) -> int:
        """Whole seconds between two runs."""
        return self.seconds if isinstance(self.seconds, int) else getattr(config, self.seconds)

    def job_id(self, config: Config) -> str:
        """The id in Redis; it names the interval, so that a changed one replaces the old entry."""
        return f"every-{self.name.replace('.', '-')}-{self.interval(config)}"


_deferred: dict[str, Deferred] = {}
_periodic: dict[str, Periodic] = {}
_organizer_ids: list[Callable[[], list[int]]] = []
_in_steps: set[Callable[..., Any]] = set()


def job(function: Callable[..., Any]) -> Deferred:
    """Mark deferred work: `@job def send(delivery_id): …`, then `send.later(5)`. Takes ids only."""
    deferred = Deferred(function)
    _deferred[deferred.name] = deferred
    return deferred


def every(
    seconds: int | str, *, alarm: Alarm | None = None, shared: bool = False
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Mark periodic work: it runs inside each organizer, and again at once while it answers "there is more".

    It also runs when its `alarm` rings. `shared` work goes on while another worker is at it: rows that one has are
    left to him, and nobody has to wait for one who died.
    """

    def register(function: Callable[[], Any]) -> Callable[[], Any]:
        periodic = Periodic(function, seconds, alarm, shared)
        _periodic[periodic.name] = periodic
        return function

    return register


def in_steps(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark work that waits for others, such as a mail server: it opens its own transactions, one per step.

    Goes below `@job` or `@every`. No transaction is open, and so no lock is held, while it waits.
    """
    _in_steps.add(function)
    return function


def tenants(function: Callable[[], list[int]]) -> Callable[[], list[int]]:
    """Name the function that lists the organizers for whom periodic work runs."""
    _organizer_ids[:] = [function]
    return function


def wake(function: str, *args: Any) -> None:
    """Put a job on the queue, unless the very same one waits there. When Redis is away the sweep will find the work."""
    attempt(lambda redis: _wake(redis, function, args))


def _wake(redis: Any, function: str, args: Sequence[Any]) -> None:
    if redis.set(_waiting(function, args), 1, nx=True, px=WAITING_MS):
        _enqueue(redis, function, args)


def _waiting(function: str, args: Sequence[Any]) -> str:
    """The mark that says that a job waits. A job that is lost takes it along within seconds."""
    return f"helpdesk:waiting:{function}:{json.dumps(args)}"


def _begin(function: str, *args: Any) -> None:
    """A job that begins waits no more: what happens from here on needs another one."""
    attempt(lambda redis: redis.delete(_waiting(function, args)))


def _enqueue(redis: Any, function: str, args: Sequence[Any], *, at_front: bool = False) -> None:
    options = {"result_ttl": 0, "failure_ttl": 86_400, "timeout": 180}
    queue(redis).enqueue_call(f"helpdesk.core.jobs.{function}", args=args, at_front=at_front, **options)


def nudge_relay(organizer_id: int | None) -> None:
    """Wake the relay of an organizer."""
    if organizer_id is not None:
        wake("relay", organizer_id)


def queue(connection: Any) -> Queue:
    """The queue of wake-ups."""
    return Queue(QUEUE, connection=connection, job_class=JsonJob, serializer=JSONSerializer)


# What a worker runs ------------------------------------------------------------------------------------------


def _application() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _transaction_of(function: Callable[..., Any]) -> AbstractContextManager[None]:
    return nullcontext() if function in _in_steps else transaction()


def relay(organizer_id: int) -> None:
    """Seal events and perform reactions of one organizer."""
    _begin("relay", organizer_id)
    reactions.relay_and_react(_application(), organizer_id)


def perform(name: str, organizer_id: int, ids: list[int]) -> None:
    """Run one deferred function."""
    _begin("perform", name, organizer_id, ids)
    if name in _deferred:
        function = _deferred[name].function
        with _application().app_context(), inside(organizer_id), _transaction_of(function):
            function(*ids)


def sweep() -> None:
    """Find what lost its wake-up."""
    app = _application()
    with app.app_context(), transaction():
        organizers = reactions.organizers_with_work()
    for organizer_id in organizers:
        reactions.relay_and_react(app, organizer_id)


def repeat(name: str) -> None:
    """Run one periodic function for every organizer; a fault in one does not hold the others."""
    app, periodic = _application(), _periodic.get(name)
    if periodic is None:
        return
    with nullcontext(True) if periodic.shared else _alone(f"helpdesk:every:{name}") as mine:
        if not mine:
            return
        with app.app_context(), transaction():
            organizers = _organizer_ids[0]() if _organizer_ids else []
        for organizer_id in organizers:
            try:
                _repeat_inside(app, periodic.function, organizer_id)
            except Exception:
                log.exception("periodic work failed", extra={"job": name, "organizer": organizer_id})


def _repeat_inside(app: Flask, function: Callable[[], Any], organizer_id: int) -> None:
    for _ in range(BATCHES):
        with app.app_context(), inside(organizer_id), _transaction_of(function):
            more = function()
        if not more:
            return


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """Hold a lock that a run which takes longer than its interval keeps from the next one."""
    mine = bool(broker().set(key, clock.now().isoformat(), nx=True, ex=LOCK_SECONDS))
    try:
        yield mine
    finally:
        if mine:
            broker().delete(key)


# The processes -----------------------------------------------------------------------------------------------


class HealingScheduler(Scheduler):
    """Periodic work is data: at every pass the entries are made equal to the list in the code."""

    def __init__(self, config: Config, **options: Any) -> None:
        super().__init__(QUEUE, interval=PASS_SECONDS, job_class=JsonJob, **options)
        self.wanted = {p.job_id(config): ("repeat", [p.name], p.interval(config)) for p in _periodic.values()}
        self.wanted["every-sweep-3"] = ("sweep", [], 3)

    def enqueue_jobs(self) -> Any:
        """Add what is missing, remove strays, then let rq-scheduler do its pass."""
        self.connection.set("helpdesk:scheduler", clock.now().isoformat(), ex=60)
        present = {key.decode() for key in self.connection.zrange(self.scheduled_jobs_key, 0, -1)}
        for stray in present - set(self.wanted):
            self.connection.zrem(self.scheduled_jobs_key, stray)
        for job_id in set(self.wanted) - present:
            function, args, interval = self.wanted[job_id]
            self.schedule(LONG_AGO, f"helpdesk.core.jobs.{function}", args=args, interval=interval, id=job_id,
                          result_ttl=600, timeout=170)  # fmt: skip
        waiting = super().enqueue_jobs()
        self._ring()
        return waiting

    def _ring(self) -> None:
        """Wake what has an alarm now, before anything else that waits; sleep no longer than to the next one."""
        for name in alarms.ringing(self.connection):
            for periodic in _periodic.values():
                if periodic.alarm and periodic.alarm.name == name:
                    _enqueue(self.connection, "repeat", [periodic.name], at_front=True)
        self._interval = alarms.seconds_to_next(self.connection, most=PASS_SECONDS)


def work(app: Flask, burst: bool = False) -> None:
    """Be a worker until told to stop (SIGTERM ends the job in hand first)."""
    with app.app_context():
        db.session.remove()
        connection = connect(_redis_url(), PATIENT)
        worker = SimpleWorker(
            [queue(connection)],
            connection=connection,
            job_class=JsonJob,
            serializer=JSONSerializer,
            worker_ttl=25,  # the idle wait, and so the pace at which abandoned jobs are noticed
            maintenance_interval=10,
            job_monitoring_interval=5,
            log_job_description=False,
        )
        worker.work(burst=burst, logging_level="WARNING", max_jobs=None)


def schedule(app: Flask) -> None:
    """Be the scheduler until told to stop. Several may run: one works, the others wait for its lock."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    with app.app_context():
        HealingScheduler(current_config(), connection=connect(_redis_url(), PATIENT)).run()


def _redis_url() -> str:
    return current_config().redis_url or "redis://127.0.0.1:6379"
