"""How a delivery leaves the house: the trait of being sent, once, and at most twice where an answer was lost.

Three short transactions with nothing held in between: take the lease, write the letter, note the result.
The talk with the mail server is outside of all of them. A worker that dies on the way leaves a lease that
runs out; whoever takes the row then marks it uncertain first. A worker that was too slow finds another's
fencing number in the row and neither sends nor notes anything.
"""

import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from helpdesk.config import current_config
from helpdesk.core import circuit, clock
from helpdesk.core.db import db, transaction
from helpdesk.core.mail import Line, Mail, Undelivered
from helpdesk.notifications.letter import Letter

if TYPE_CHECKING:
    from helpdesk.notifications.delivery import Delivery

log = logging.getLogger(__name__)

SERVER = "smtp"  # the breaker's name
LEASE_SECONDS = 120  # longer than the longest talk with the server (dialling and one mail: a minute)
BUDGET_SECONDS = 10  # of one run; the rest is the next one's, behind other work that has come meanwhile
MOST_ATTEMPTS = 16  # about four hours
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 5, 1800


@dataclass(frozen=True)
class Lease:
    """The right to send one delivery until an instant."""

    id: int
    fence: int
    until: datetime


class Sending:
    """The trait of being sent."""

    @classmethod
    def send_due(cls: "type[Delivery]") -> bool:
        """Send what is due of the present organizer. Opens its own transactions; none may be open.

        Answers whether there may be more to send now.
        """
        url, started, may_go_on = current_config().smtp_url, time.monotonic(), True
        if url is None or circuit.is_open(SERVER):
            return False
        with Line(url) as line:
            while may_go_on and time.monotonic() - started < BUDGET_SECONDS:
                lease = cls._lease()
                may_go_on = lease is not None and cls._attempt(lease, line)
            if line.is_open:
                circuit.answered(SERVER)
        return may_go_on

    @classmethod
    def _lease(cls: "type[Delivery]") -> Lease | None:
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
            return Lease(row.id, row.fence, row.next_at)

    @classmethod
    def _attempt(cls: "type[Delivery]", lease: Lease, line: Line) -> bool:
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
    def _write(cls: "type[Delivery]", lease: Lease) -> Mail | None:
        """The mail; None when the lease is lost or nobody wants it any more. A fault in writing is a failed try."""
        try:
            with transaction():
                row = cls._held(lease)
                why_not = row.why_not(row.ticket) if row else None
                if row and why_not:
                    row.skip(why_not)
                return Letter(row).mail() if row and not why_not else None
        except Exception as error:
            log.exception("mail not written", extra={"delivery": lease.id})
            raise Undelivered(type(error).__name__) from None  # its text may hold what people wrote

    @classmethod
    def _note(cls: "type[Delivery]", lease: Lease, result: str | Undelivered) -> None:
        """Write the result down, unless the lease went to somebody else meanwhile."""
        with transaction():
            row = cls._held(lease)
            if row is None:
                log.warning("lease lost", extra={"delivery": lease.id})
            elif isinstance(result, Undelivered):
                row.was_refused(result)
            else:
                row.state, row.smtp_answer, row.error = "sent", result[:200], None
                row.sent_at, row.next_at = clock.now(), None

    @classmethod
    def _held(cls: "type[Delivery]", lease: Lease) -> "Delivery | None":
        mine = select(cls).where(cls.id == lease.id, cls.fence == lease.fence, cls.state == "leased")
        return db.session.scalar(mine.with_for_update(of=cls, key_share=True))

    def was_refused(self: "Delivery", fault: Undelivered) -> None:
        """It did not work: for good, or until another try."""
        self.smtp_answer = fault.answer
        self.is_uncertain = self.is_uncertain or fault.doubtful
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
