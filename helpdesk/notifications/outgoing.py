"""A page of mails that one sender has taken: leased together, written together, handed over one by one.

Nothing is held while letters are written and while the server talks. What was handed over is noted in small groups,
in the transaction that marks the next few as begun: a crash leaves no more than those in doubt.
"""

import logging
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, tuple_, update
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.core import clock
from helpdesk.core.courtesy import Courtesy
from helpdesk.core.db import db, reading, transaction
from helpdesk.core.mail import Undelivered
from helpdesk.core.mail_faults import UNWRITTEN
from helpdesk.core.mail_line import DEADLINE_SECONDS, Line
from helpdesk.notifications.sending import Lease, Written
from helpdesk.notifications.suppression import Suppression

if TYPE_CHECKING:
    from helpdesk.notifications.sending import Sent

log = logging.getLogger(__name__)

PAGE, GROUP = 48, 8
TALK = timedelta(seconds=2 * DEADLINE_SECONDS)  # a lease must be good for dialling and one mail
SLOW_SECONDS = 2.0  # for one mail
GRACE_SECONDS = 2.0


class Outgoing:
    """Leased rows of one kind, and what became of them so far."""

    def __init__(self, kind: "type[Sent]", leases: Sequence[Lease]) -> None:
        self.kind, self.leases = kind, {lease.id: lease for lease in leases}
        self.ended = (
            ""  # why no more is sent now: the server is "away" or "slow", or the lease is too "short"
        )
        self.fault: Undelivered | None = None
        self.courtesy = Courtesy()
        self._written: dict[int, Written | Undelivered] = {}
        self._results: dict[int, str | Undelivered] = {}

    @classmethod
    def lease(cls, kind: "type[Sent]", where: ColumnElement[bool], most: int = PAGE) -> "Outgoing | None":
        """Take what has waited longest. What another has left behind is taken alone: it may be what killed him."""
        with transaction():
            now = clock.now()
            due = select(kind).where(kind.next_at <= now, where).order_by(kind.next_at, kind.id).limit(most)
            rows = db.session.scalars(due.with_for_update(skip_locked=True, of=kind, key_share=True)).all()
            if not rows:
                return None
            fresh = list(takewhile(lambda row: row.state != "leased", rows))
            taken = fresh or rows[:1]
            kind.prepare(taken)
            return cls(kind, [lease for row in taken if (lease := row.take(now))])

    def send(self, line: Line, until: float) -> None:
        """Hand over as many as there is time for, and give the rest back; a few more rather than write them again."""
        self._write()
        rest = [
            number
            for number, written in self._written.items()
            if isinstance(written, Written) and written.mail
        ]
        while rest and not self.ended and time.monotonic() < until + GRACE_SECONDS:
            group, rest = rest[:GROUP], rest[GROUP:]
            for number in self._begin(group):
                self._hand_over(number, line)
                if self.ended:
                    break
            self.courtesy.rest()
        with transaction():
            self._note()
            for row in self._held(self.leases):
                row.give_back()

    def _write(self) -> None:
        """All letters, in a transaction that only reads. A fault in one is a failed try of that one."""
        try:
            with reading():
                rows = self._held(self.leases, lock=False)
                self.kind.foresee(rows)
                for row in rows:
                    self._written[row.id] = _letter(row)
        except SQLAlchemyError as error:  # then nobody knows whose fault it is
            log.exception("mails not written", extra={"deliveries": list(self.leases)})
            fault = Undelivered(f"{UNWRITTEN}: {type(error).__name__}")
            self._written |= {number: fault for number in self.leases if number not in self._written}

    def _begin(self, group: Collection[int]) -> list[int]:
        """Note what became of those before, and that these are next. Those that are still ours."""
        with transaction():
            self._note()
            kind = self.kind
            ours = tuple_(kind.id, kind.fence).in_([(number, self.leases[number].fence) for number in group])
            begin = (
                update(kind).where(ours, kind.state == "leased").values(begun=kind.fence).returning(kind.id)
            )
            return sorted(db.session.scalars(begin.execution_options(synchronize_session=False)))

    def _hand_over(self, number: int, line: Line) -> None:
        written = self._written[number]
        assert isinstance(written, Written)
        assert written.mail
        if clock.now() >= self.leases[number].until - TALK:
            self.ended = "short"
            return
        began = time.monotonic()
        try:
            line.open()
            began = time.monotonic()  # many servers let strangers wait before they greet
            self._results[number] = line.deliver(written.mail)
        except Undelivered as fault:
            self._results[number] = fault
            if fault.unreachable and not fault.doubtful:
                self.ended, self.fault = "away", fault
        if not self.ended and time.monotonic() - began > SLOW_SECONDS:
            self.ended = "slow"

    def _note(self) -> None:
        """Write down what is known, unless the lease went to somebody else meanwhile."""
        settled = {number: said for number, said in self._written.items() if not _is_mail(said)}
        rows = self._held(settled.keys() | self._results.keys())
        if len(rows) < len(settled.keys() | self._results.keys()):
            log.warning("leases lost", extra={"page": len(self.leases)})
        Suppression.lift(*(row.address for row in rows if isinstance(self._results.get(row.id), str)))
        for row in rows:
            written, result = self._written[row.id], self._results.get(row.id)
            if isinstance(written, Written):
                row.settle(written)
            if isinstance(result, str):
                row.was_sent(result)
            elif fault := result or (written if isinstance(written, Undelivered) else None):
                row.was_refused(fault)
        for number in settled.keys() | self._results.keys():
            del self._written[number]
        self._results.clear()

    def _held(self, numbers: Collection[int], *, lock: bool = True) -> "list[Sent]":
        """Those of these rows that are still leased to us."""
        if not numbers:
            return []
        kind = self.kind
        mine = select(kind).where(kind.id.in_(sorted(numbers)), kind.state == "leased").order_by(kind.id)
        if lock:
            mine = mine.with_for_update(of=kind, key_share=True)
        rows = db.session.scalars(mine.options(*kind.along(lock))).all()
        return [row for row in rows if row.fence == self.leases[row.id].fence]


def _letter(row: "Sent") -> Written | Undelivered:
    try:
        return row.letter()
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.exception("mail not written", extra={"delivery": row.id})
        return Undelivered(f"{UNWRITTEN}: {type(error).__name__}")  # its text may hold what people wrote


def _is_mail(said: Written | Undelivered) -> bool:
    return isinstance(said, Written) and said.mail is not None
