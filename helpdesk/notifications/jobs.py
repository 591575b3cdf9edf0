"""Sending: woken when something was planned, and a sweep for what is due again or lost its wake-up."""

from helpdesk.core.jobs import every, in_steps, job
from helpdesk.notifications.delivery import Delivery


@job
@in_steps
def send_mails() -> None:
    """Send what is due."""
    Delivery.send_due()


@every(seconds=5)
@in_steps
def sweep_mails() -> None:
    """Send what is due again."""
    Delivery.send_due()
