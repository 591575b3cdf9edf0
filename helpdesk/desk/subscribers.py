"""Who looks sees it: rows are pushed, lists are rung, the ticket's page gets its new parts."""

from helpdesk.core.events import Event, on
from helpdesk.desk import broadcast


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.commented", "ticket.transitioned",
    "ticket.resolved", "ticket.reopened", "ticket.closed", "ticket.reprioritised", "ticket.rated",
    "sla.warned", "sla.critical", "sla.breached", "sla.met",
)  # fmt: skip
def show(event: Event) -> None:
    """Something changed on a ticket."""
    broadcast.ticket_changed(event)


@on("escalation.raised", "escalation.acknowledged")
def show_escalations(event: Event) -> None:
    """More or less attention on a ticket."""
    broadcast.ticket_changed(event)
    broadcast.escalations_changed(event)
