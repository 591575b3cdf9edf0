"""The lane: one mail server, and everything that goes by it. What is wrong with one server holds no other lane."""

import logging
import time
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from helpdesk.config import current_config
from helpdesk.core import circuit, clock
from helpdesk.core.db import db, reading
from helpdesk.core.mail_line import Line, Relay
from helpdesk.core.secret_text import Unreadable
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.outgoing import Outgoing
from helpdesk.notifications.sending import Sending

log = logging.getLogger(__name__)

HOUSE = 0
BUDGET_SECONDS = 4  # of one run; the rest is the next one's, behind other work that has come meanwhile
PLACE_SECONDS = 90  # a run that takes longer hangs


@dataclass(frozen=True)
class Lane:
    """The house's own server (0), or that of a store, which carries the mails to its customers.

    Any number of workers may be at the house's server, and one at a store's. All servers that are slow, and those of
    stores until they have shown that they are not, share one place: together they hold a single worker.
    """

    id: int = HOUSE

    @classmethod
    def every(cls) -> list["Lane"]:
        """All of the present organizer."""
        return [cls(), *(cls(number) for number in db.session.scalars(MailServer.in_use()))]

    @classmethod
    def carrying(cls, stores: Iterable[int | None]) -> list["Lane"]:
        """Those by which mails for customers of these stores go (None: to the desk)."""
        own = {lane.id for lane in cls.every()} if any(stores) else set()
        return [cls(number) for number in {store if store in own else HOUSE for store in stores}]

    @classmethod
    def waiting(cls) -> list["Lane"]:
        """Those in which something is due, and whose server is not known to be away."""
        return [lane for lane in cls.every() if not circuit.is_open(lane.key) and lane._is_due()]

    @property
    def key(self) -> str:
        """The server's name for the breaker."""
        return MailServer.key(self.id) if self.id else "smtp"

    def takes(self, kind: Any) -> ColumnElement[bool]:
        """Which rows of a kind go this way."""
        if self.id:
            return kind.via_merchant_id == self.id
        return or_(kind.via_merchant_id.is_(None), kind.via_merchant_id.not_in(MailServer.in_use()))

    def send(self) -> bool:
        """Send what is due. Opens its own transactions; none may be open.

        Answers whether there may be more to send now.
        """
        if circuit.is_open(self.key):
            return False
        with ExitStack() as stack:
            is_slow = circuit.pace(self.key) != "quick" if self.id else circuit.pace(self.key) == "slow"
            names = [self.key] * bool(self.id) + ["slow"] * is_slow
            if not all(stack.enter_context(circuit.place(name, PLACE_SECONDS)) for name in names):
                return False
            relay = self._relay()
            return relay is not None and self._run(relay) and not is_slow

    def _run(self, relay: Relay) -> bool:
        until, waiting, page = time.monotonic() + BUDGET_SECONDS, deque(Sending.kinds), None
        with Line(relay) as line:
            while waiting and time.monotonic() < until and not (page and page.ended):
                kind = waiting.popleft()
                page = Outgoing.lease(kind, self.takes(kind))
                if page:
                    page.send(line, until)
                    waiting.append(kind)
            self._learn(page, line)
        return bool(waiting) and not (page and page.ended)

    def _learn(self, page: Outgoing | None, line: Line) -> None:
        """Remember how the server was."""
        if page and page.ended == "away":
            circuit.trip(self.key)
        elif page and page.ended == "slow":
            circuit.paced(self.key, quick=False)
        elif line.is_open:
            circuit.paced(self.key, quick=True)
        if line.is_open:
            circuit.answered(self.key)
        if self.id and (line.is_open or (page and page.fault)):
            MailServer.note(self.id, page.fault.answer if page and page.fault else None)

    def _relay(self) -> Relay | None:
        """Where it is; None where there is none, or its password cannot be read: then what is due waits."""
        if not self.id:
            url = current_config().smtp_url
            return Relay.of(url) if url else None
        try:
            with reading():
                return MailServer.relay_of(self.id)
        except Unreadable:
            log.exception("secret unreadable", extra={"server": self.key})
        MailServer.note(self.id, MailServer.UNREADABLE)
        circuit.trip(self.key)
        return None

    def _is_due(self) -> bool:
        now = clock.now()
        due = (
            select(kind.id).where(kind.next_at <= now, self.takes(kind)).limit(1) for kind in Sending.kinds
        )
        return any(db.session.scalar(one) is not None for one in due)
