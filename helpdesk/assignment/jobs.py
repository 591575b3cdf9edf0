"""The sweep."""

from helpdesk.assignment.decision import Decision
from helpdesk.core.jobs import every


@every(seconds=15)
def assign_missing() -> bool:
    """Assign what still waits: capacity came free, somebody came online, or a wake-up was lost."""
    return Decision.make_missing()
