"""What raises an escalation by itself, and what ends it."""

from collections.abc import Sequence

from helpdesk.core.events import Event, on
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.incident import Incident


@on("sla.breached", urgent=True, together=100)
def raise_at_breach(events: Sequence[Event]) -> None:
    """Promises were broken: after a downtime, thousands at once."""
    Escalation.raise_for_breaches(events)


@on("assignment.failed", brief=True)
def raise_without_agent(event: Event) -> None:
    """Nobody could be found."""
    Escalation.raise_for_nobody(event)


@on("ticket.created", "ticket.reprioritised", "customer.confirmed", brief=True)
def raise_at_high_impact(event: Event) -> None:
    """It matters more than others."""
    Escalation.raise_for_impact(event)


@on("customer.changed")
def raise_for_vip(event: Event) -> None:
    """Somebody matters more than before."""
    Escalation.raise_for_vip(event)


@on(
    "ticket.created", "ticket.recategorised",
    when=lambda event: event.name != "ticket.created" or event.data.get("category", True),
)  # fmt: skip
def look_for_incident(event: Event) -> None:
    """One more about the same thing."""
    Incident.look(event)


@on("ticket.assigned", brief=True)
def end_with_its_cause(event: Event) -> None:
    """Somebody was found."""
    Escalation.end_for_somebody(event.ticket_id)


@on("ticket.resolved", "ticket.closed", "ticket.merged", "ticket.deleted", brief=True)
def end_with_its_ticket(event: Event) -> None:
    """Nothing on it needs attention any more. One that came back before this was heard keeps them."""
    Escalation.end_all(event.ticket_id)
