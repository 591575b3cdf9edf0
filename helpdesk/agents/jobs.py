"""Shifts begin and end by themselves."""

from helpdesk.agents.agent import Agent
from helpdesk.agents.availability import alarm
from helpdesk.core.jobs import every


@every(seconds=60, alarm=alarm, shared=True)
def settle_agents() -> bool:
    """Who begins or ends a shift, comes back, or has been away for too long."""
    return Agent.settle_due()
