"""How a delivery leaves the house: the trait of being sent, once, and at most twice where an answer was lost.

Three short transactions with nothing held in between: take the lease, write the letter, note the result.
The talk with the mail server is outside of all of them. A worker that dies on the way leaves a lease that
runs out; whoever takes the row then marks it uncertain first. A worker that was too slow finds another's
fencing number in the row and neither sends nor notes anything.
"""

import logging
import random
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import select

from helpdesk.config import current_config
from helpdesk.core import circuit, clock
from helpdesk.core.alarms import Alarm
from helpdesk.core.db import db, transaction
from helpdesk.core.mail import Line, Mail, Undelivered
from helpdesk.notifications.suppression import Suppression

if TYPE_CHECKING:
    from helpdesk.notifications.batch import Batch
    from helpdesk.notifications.delivery import Delivery

    Sent = Delivery | Batch

log = logging.getLogger(__name__)

alarm = Alarm("mails")
SERVER = "smtp"  # the breaker's name
LEASE_SECONDS = 120  # longer than the longest talk with the server (dialling and one mail: a minute)
BUDGET_SECONDS = 10  # of one run; the rest is the next one's, behind other work that has come meanwhile
MOST_ATTEMPTS = 16  # about four hours
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 5, 1800


@dataclass(frozen=True)
class Lease:
    """The right to send one mail until an instant."""

    id: int
    fence: int
    until: datetime


class Sending:
    """The trait of being sent. Every noun that has it takes its turn."""

    kinds: ClassVar[list[type]] = []

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        Sending.kinds.append(cls)

    @classmethod
    def send_due(cls) -> bool:
        """Send what is due of the present organizer. Opens its own transactions; none may be open.

        Answers whether there may be more to send now.
        """
        url, started, waiting = current_config().smtp_url, time.monotonic(), deque(Sending.kinds)
        if url is None or circuit.is_open(SERVER):
            return False
        with Line(url) as line:
            while waiting and time.monotonic() - started < BUDGET_SECONDS:
                kind = waiting.popleft()
                lease = kind._lease()
                if lease and not kind._attempt(lease, line):
                    waiting.clear()
                elif lease:
                    waiting.append(kind)
            if line.is_open:
                circuit.answered(SERVER)
        return bool(waiting)

    @classmethod
    def _lease(cls: "type[Sent]") -> Lease | None:
        """Take what has waited longest."""
        with transaction():
            now = clock.now()
            due = select(cls).where(cls.next_at <= now).order_by(cls.next_at, cls.id).limit(1)
            row = db.session.scalar(due.with_for_update(skip_locked=True, of=cls, key_share=True))
            if row is None:
                return None
            if row.state == "leased":  # its sender died or hangs, and nobody knows how far he came
                row.is_uncertain = True
            row.state, row.attempts, row.fence = "leased", row.attempts + 1, row.fence + 1
            row.next_at = now + timedelta(seconds=LEASE_SECONDS)
            row.was_changed()
            return Lease(row.id, row.fence, row.next_at)

    @classmethod
    def _attempt(cls: "type[Sent]", lease: Lease, line: Line) -> bool:
        """Try to send one. Answers False when the server is away, so that nothing more is tried now."""
        try:
            mail = cls._write(lease)
            if mail is None or clock.now() >= lease.until:
                return True
            answer = line.deliver(mail)
        except Undelivered as fault:
            cls._note(lease, fault)
            away = fault.unreachable and not fault.doubtful
            if away:
                circuit.trip(SERVER)
            return not away
        cls._note(lease, answer)
        return True

    @classmethod
    def _write(cls: "type[Sent]", lease: Lease) -> Mail | None:
        """The mail; None when the lease is lost or nobody wants it any more. A fault in writing is a failed try."""
        try:
            with transaction():
                row = cls._held(lease)
                return row.mail() if row else None
        except Exception as error:
            log.exception("mail not written", extra={"delivery": lease.id})
            raise Undelivered(type(error).__name__) from None  # its text may hold what people wrote

    @classmethod
    def _note(cls: "type[Sent]", lease: Lease, result: str | Undelivered) -> None:
        """Write the result down, unless the lease went to somebody else meanwhile."""
        with transaction():
            row = cls._held(lease)
            if row is None:
                log.warning("lease lost", extra={"delivery": lease.id})
                return
            if isinstance(result, Undelivered):
                row.was_refused(result)
            else:
                row.state, row.smtp_answer, row.error = "sent", result[:200], None
                row.sent_at, row.next_at = clock.now(), None
                Suppression.lift(row.address)
            row.was_changed()

    @classmethod
    def _held(cls: "type[Sent]", lease: Lease) -> "Sent | None":
        mine = select(cls).where(cls.id == lease.id, cls.fence == lease.fence, cls.state == "leased")
        return db.session.scalar(mine.with_for_update(of=cls, key_share=True))

    def was_changed(self) -> None:
        """Lease or result were written into the row; who has more to write down does it here."""

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


def wait_after(attempts: int) -> timedelta:
    """Growing waits with jitter: about 5, 10, 20 … seconds, at most half an hour."""
    seconds = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
