"""The monitor."""

from helpdesk.core.jobs import every
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import Clock, alarm


@every(seconds="sla_tick_seconds", alarm=alarm, shared=True)
def mark_due_clocks() -> bool:
    """Mark warnings, criticals and breaches: when the next is due, and every few seconds whatever happens."""
    return Clock.mark_due()


@every(seconds=3600)
def extend_calendars() -> None:
    """Know the days off of the coming years."""
    Calendar.extend_known()
