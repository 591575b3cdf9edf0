"""When a ticket waits for somebody."""

from helpdesk.assignment.decision import Decision
from helpdesk.core.events import Event, on


@on("ticket.created", "ticket.reopened", "ticket.restored", "ticket.regrouped", urgent=True)
def assign(event: Event) -> None:
    """A new ticket, one that came back, or one that another team has now."""
    Decision.make(event.ticket_id)


@on("ticket.transitioned", urgent=True)
def assign_again(event: Event) -> None:
    """One that was handed back."""
    if event.data["to"] == "OPEN":
        Decision.make(event.ticket_id)
