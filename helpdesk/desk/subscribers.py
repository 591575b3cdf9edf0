"""Who looks sees it: rows are pushed, lists are rung, the ticket's page gets its new parts."""

from helpdesk.core.events import Event, on
from helpdesk.desk.broadcast import Broadcast


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.commented", "ticket.transitioned",
    "ticket.resolved", "ticket.reopened", "ticket.closed", "ticket.reprioritised", "ticket.rated",
    "ticket.recategorised", "ticket.tagged",
    "sla.warned", "sla.critical", "sla.breached", "sla.met",
)  # fmt: skip
def show(event: Event) -> None:
    """Something changed on a ticket."""
    Broadcast(event).ticket_changed()


@on("escalation.raised", "escalation.acknowledged")
def show_escalations(event: Event) -> None:
    """More or less attention on a ticket."""
    broadcast = Broadcast(event)
    broadcast.ticket_changed()
    broadcast.escalations_changed()
