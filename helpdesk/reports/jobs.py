"""Care for the figures."""

from helpdesk.core.jobs import every, in_steps
from helpdesk.reports.agent_credit import AgentCredit
from helpdesk.reports.recount import Recount


@every(seconds=15)
def count_old_tickets() -> bool:
    """Count the tickets from before the figures were kept."""
    return Recount.step()


@every(seconds=3600)
@in_steps
def check_figures() -> None:
    """Find what does not add up."""
    AgentCredit.check_all()
