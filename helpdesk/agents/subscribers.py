"""What changes when somebody works."""

from helpdesk.agents.agent import Agent
from helpdesk.core.events import Event, on


@on("user.changed")
def settle(event: Event) -> None:
    """His schedule is one of another time zone now."""
    if agent := Agent.of(event.data["user"], lock=True):
        agent.settle()
