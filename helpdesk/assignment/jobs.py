"""The sweep, and the count of what everybody carries."""

from helpdesk.assignment.backlog import Backlog
from helpdesk.assignment.load_check import LoadCheck
from helpdesk.core.jobs import every, in_steps, job


@every(seconds=15, shared=True)
@in_steps
def assign_missing() -> None:
    """Assign what still waits, whatever woke nobody."""
    Backlog.work_off()


@job
@in_steps
def look_again() -> None:
    """Assign what may be possible now."""
    Backlog.work_off()


@every(seconds=300)
def check_loads() -> None:
    """Find loads that are not true."""
    LoadCheck.run()
