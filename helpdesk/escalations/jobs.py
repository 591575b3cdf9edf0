"""The climb."""

from helpdesk.core.jobs import every, in_steps
from helpdesk.escalations.escalation import Escalation


@every(seconds=15)
@in_steps
def climb_ladders() -> bool:
    """Raise the next level where nobody acknowledged."""
    return Escalation.climb_due()
