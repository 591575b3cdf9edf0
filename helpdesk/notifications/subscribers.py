"""Who is told of what."""

from collections.abc import Sequence

from helpdesk.core.events import Event, on
from helpdesk.notifications.audience import Audience
from helpdesk.notifications.batch import Batch
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.jobs import send_mails
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.notification import Notification
from helpdesk.notifications.preference import Preference


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.resolved", "ticket.reopened",
    "ticket.closed", "sla.warned", "sla.critical", "sla.breached", "escalation.raised", "link.renewed",
    "mail.failed", together=20,
)  # fmt: skip
def tell(events: Sequence[Event]) -> None:
    """Put it to the bells, plan the mails, and wake who sends them; what waits for its batch has an alarm."""
    Batch.begin()
    ready: set[int | None] = set()
    for event in events:
        audience = Audience(event)
        wanted = Preference.of_all(audience.user_ids)
        Notification.plan(audience, wanted)
        ready |= Delivery.plan(audience, wanted)
    for lane in Lane.carrying(ready):
        send_mails.later(lane.id)
