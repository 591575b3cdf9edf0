"""Sending: woken when something was planned, and a sweep for what is due again or lost its wake-up.

A worker sends for a while and then puts itself at the end of the queue: other work does not wait for ten thousand
mails.
"""

from helpdesk.core.db import transaction
from helpdesk.core.jobs import every, in_steps, job
from helpdesk.notifications import account_mail, batch, delivery  # noqa: F401 - what is sent
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.mail_test import MailTest
from helpdesk.notifications.sending import alarm


@job
@in_steps
def send_mails(lane: int) -> None:
    """Send what is due by one mail server."""
    if Lane(lane).send():
        with transaction():
            send_mails.later(lane)


@every(seconds=5, alarm=alarm, shared=True)
def sweep_mails() -> None:
    """Send what is due again, and what has waited for others to go along with it."""
    for lane in Lane.waiting():
        send_mails.later(lane.id)


@job
@in_steps
def send_tests() -> None:
    """Send the mails that people send themselves."""
    MailTest.send_queued()


@every(seconds=60, shared=True)
def sweep_tests() -> None:
    """Send those whose wake-up was lost."""
    send_tests.later()
