"""The monitor."""

from helpdesk.core.jobs import every
from helpdesk.sla.clock import Clock


@every(seconds="sla_tick_seconds")
def mark_due_clocks() -> bool:
    """Mark warnings, criticals and breaches."""
    return Clock.mark_due()
