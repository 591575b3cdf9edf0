"""The monitor."""

import logging
from collections.abc import Callable

from helpdesk.core.db import db
from helpdesk.core.jobs import every
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import Clock, alarm

log = logging.getLogger(__name__)
_in_time: list[Callable[[], bool]] = []


def before_marks(function: Callable[[], bool]) -> Callable[[], bool]:
    """Name work that may have met a promise in time and was not done yet. It answers whether there may be more."""
    _in_time.append(function)
    return function


@every(seconds="sla_tick_seconds", alarm=alarm, shared=True)
def mark_due_clocks() -> bool:
    """Mark warnings, criticals and breaches: when the next is due, and every few seconds whatever happens."""
    return any(_done(function) for function in _in_time) or Clock.mark_due()


def _done(function: Callable[[], bool]) -> bool:
    """Do it; what is wrong there keeps no clock from being marked."""
    try:
        with db.session.begin_nested():
            return function()
    except Exception:
        log.exception("marks do not wait for this", extra={"job": function.__name__})
        return False


@every(seconds=3600)
def extend_calendars() -> None:
    """Know the days off of the coming years."""
    Calendar.extend_known()
