"""The climb."""

from helpdesk.core.jobs import every, in_steps
from helpdesk.escalations.climbing import alarm
from helpdesk.escalations.escalation import Escalation


@every(seconds=15, alarm=alarm, shared=True)
@in_steps
def climb_ladders() -> bool:
    """Raise the next level where nobody acknowledged: when its instant comes, and every few seconds."""
    return Escalation.climb_due()
