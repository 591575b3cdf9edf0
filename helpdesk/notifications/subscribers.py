"""Who is told of what."""

from collections.abc import Sequence

from helpdesk.core.events import Event, on
from helpdesk.notifications.account_mail import AccountMail
from helpdesk.notifications.announcement import Announcement
from helpdesk.notifications.jobs import send_mails
from helpdesk.notifications.lane import HOUSE


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.resolved", "ticket.reopened",
    "ticket.closed", "ticket.woken", "sla.warned", "sla.critical", "sla.breached", "escalation.raised", "link.renewed",
    "mail.failed", together=20,
)  # fmt: skip
def tell(events: Sequence[Event]) -> None:
    """Tell everybody, and wake who sends the mails; what waits for its batch has an alarm."""
    for lane in Announcement.of(events):
        send_mails.later(lane.id)


@on("user.invited", "user.password_forgotten", urgent=True)
def send_link(event: Event) -> None:
    """Mail somebody the link with which he sets his password."""
    AccountMail.plan(event)
    send_mails.later(HOUSE)
