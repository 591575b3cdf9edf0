"""The climb."""

from helpdesk.core.jobs import every
from helpdesk.escalations.escalation import Escalation


@every(seconds=15)
def climb_ladders() -> bool:
    """Raise the next level where nobody acknowledged."""
    return Escalation.climb_due()
