"""Who is told of what."""

from helpdesk.core.events import Event, on
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.jobs import send_mails
from helpdesk.notifications.lane import Lane


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.resolved", "ticket.reopened",
    "ticket.closed", "sla.warned", "sla.critical", "sla.breached", "escalation.raised", "link.renewed",
)  # fmt: skip
def tell(event: Event) -> None:
    """Plan the mails about an event, and wake who sends them; what waits for its batch has an alarm."""
    for lane in Lane.carrying(Delivery.plan(event)):
        send_mails.later(lane.id)
