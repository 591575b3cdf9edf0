"""What changes an agent's figures. Each settles the whole ticket, whichever of these it was."""

from collections.abc import Sequence

from helpdesk.core.events import Event, on
from helpdesk.reports.agent_credit import AgentCredit


@on(
    "ticket.replied", "ticket.resolved", "ticket.reopened", "ticket.rated", "ticket.merged", "ticket.deleted",
    "ticket.restored", "sla.met", "sla.breached", together=20,
)  # fmt: skip
def count(events: Sequence[Event]) -> None:
    """Something counts, or does not count any more."""
    AgentCredit.hear(events)
