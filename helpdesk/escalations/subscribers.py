"""What raises an escalation by itself."""

from helpdesk.core.events import Event, on
from helpdesk.escalations.escalation import Escalation


@on("sla.breached")
def raise_at_breach(event: Event) -> None:
    """A promise was broken."""
    Escalation.raise_for_breach(event)


@on("ticket.merged", "ticket.deleted")
def end_with_its_ticket(event: Event) -> None:
    """Nothing on it needs attention any more. One that was restored before this was heard keeps them."""
    Escalation.end_all(event.ticket_id)


@on("assignment.failed")
def raise_without_agent(event: Event) -> None:
    """Nobody could be found."""
    Escalation.raise_for_nobody(event)
