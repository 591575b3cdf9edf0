"""How a delivery leaves the house: the trait of being sent, once, and at most twice where an answer was lost.

Its row is the lease. Who takes it writes a new fence into it, and has it until an instant; a sender that was too slow
finds another's fence and neither sends nor notes anything. Before a mail is handed over its row says so (`begun`): a
lease that runs out then leaves it uncertain, and one that runs out before leaves it as it was.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from helpdesk.core import clock
from helpdesk.core.alarms import Alarm
from helpdesk.core.mail import Mail, Undelivered
from helpdesk.notifications.suppression import Suppression

if TYPE_CHECKING:
    from helpdesk.notifications.batch import Batch
    from helpdesk.notifications.delivery import Delivery

    Sent = Delivery | Batch

alarm = Alarm("mails")
LEASE_SECONDS = 120
MOST_ATTEMPTS = 16  # about four hours
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 5, 1800


@dataclass(frozen=True)
class Lease:
    """The right to send one mail until an instant."""

    id: int
    fence: int
    until: datetime


@dataclass(frozen=True)
class Written:
    """What is to be handed over; None if nothing is left to tell. `dropped`: why, by the id of the delivery."""

    mail: Mail | None
    dropped: dict[int, str] = field(default_factory=dict)


class Sending:
    """The trait of being sent. Every noun that has it takes its turn."""

    kinds: ClassVar[list[type]] = []

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Sending.kinds.append(cls)

    def take(self: "Sent", now: datetime) -> Lease | None:
        """Lease it; None if its senders died once too often."""
        if self.state == "leased" and self.begun == self.fence:
            self.is_uncertain = True  # nobody knows how far its sender came
        if self.state == "leased" and self.attempts >= MOST_ATTEMPTS:
            self.state, self.error, self.next_at = "failed", "given up", None
            self.was_changed()
            return None
        self.state, self.attempts, self.fence = "leased", self.attempts + 1, self.fence + 1
        self.next_at = now + timedelta(seconds=LEASE_SECONDS)
        self.was_changed()
        return Lease(self.id, self.fence, self.next_at)

    def give_back(self: "Sent") -> None:
        """It was not even begun: others may have it at once."""
        self.state, self.attempts = "uncertain" if self.is_uncertain else "queued", self.attempts - 1
        self.begun, self.next_at = 0, clock.now()
        self.was_changed()

    def was_sent(self: "Sent", answer: str) -> None:
        """The server took it."""
        self.state, self.smtp_answer, self.error = "sent", answer[:200], None
        self.sent_at, self.next_at = clock.now(), None
        self.was_changed()

    def was_refused(self: "Sent", fault: Undelivered) -> None:
        """It did not work: for good, or until another try."""
        self.smtp_answer = fault.answer
        self.is_uncertain = self.is_uncertain or fault.doubtful
        if fault.of_recipient:
            Suppression.refused(self.address, fault.answer)
        if fault.permanent or self.attempts >= MOST_ATTEMPTS:
            self.state, self.next_at = "failed", None
            self.error = "refused" if fault.permanent else "given up"
        else:
            self.state = "uncertain" if self.is_uncertain else "queued"
            self.next_at = clock.now() + wait_after(self.attempts)
        self.was_changed()

    def was_changed(self) -> None:
        """Lease or result were written into the row; who has more to write down does it here."""

    @classmethod
    def prepare(cls, rows: Sequence[Any]) -> None:
        """What must be in the database before letters can be written, which changes nothing."""


def wait_after(attempts: int) -> timedelta:
    """Growing waits with jitter: about 5, 10, 20 … seconds, at most half an hour."""
    seconds = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
