"""The mails about one ticket: how many there are in each state, and which could not be delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.core.db import db
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.suppression import REASON as SUPPRESSED
from helpdesk.tickets.ticket import Ticket

# The customer has not got what was left out because his address refuses everything, either.
_LEFT_ALONE = and_(
    Delivery.state == "skipped", Delivery.error == SUPPRESSED, Delivery.recipient_kind == "customer"
)
UNDELIVERED = or_(Delivery.state == "failed", _LEFT_ALONE)
COUNTED: dict[str, ColumnElement[bool]] = {
    "sent": Delivery.state == "sent", "waiting": Delivery.state.in_(("queued", "leased", "uncertain")),
    "skipped": and_(Delivery.state == "skipped", not_(UNDELIVERED)), "failed": UNDELIVERED,
}  # fmt: skip
MOST_FAILED = 5  # are shown beside the conversation; the page of the mails has all


@dataclass(frozen=True)
class TicketMails:
    """Of a ticket that somebody may see."""

    counts: dict[str, int]
    failed: Sequence[Delivery]  # newest first

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @classmethod
    def counting(cls) -> list[Select[tuple[int]]]:
        """What a query of tickets asks in columns of its own."""
        mails = select(func.count(Delivery.id)).where(Delivery.ticket_id == Ticket.id)
        return [mails.where(those) for those in COUNTED.values()]

    @classmethod
    def counted(cls, ticket_id: int, numbers: Sequence[int]) -> "TicketMails":
        """The answer to `counting`; only where there is something wrong it is looked up."""
        counts = dict(zip(COUNTED, numbers, strict=True))
        failed = cls._on(ticket_id).where(UNDELIVERED).limit(MOST_FAILED)
        return cls(counts, db.session.scalars(failed).all() if counts["failed"] else ())

    @classmethod
    def of(cls, ticket_id: int) -> "TicketMails":
        """All of it."""
        columns: list[Any] = [each.correlate(Ticket).scalar_subquery() for each in cls.counting()]
        row = db.session.execute(select(*columns).select_from(Ticket).where(Ticket.id == ticket_id)).one()
        return cls.counted(ticket_id, row)

    @classmethod
    def all_of(cls, ticket_id: int, most: int) -> Sequence[Delivery]:
        """The mails themselves, newest first."""
        return db.session.scalars(cls._on(ticket_id).limit(most)).all()

    @staticmethod
    def _on(ticket_id: int) -> Select[tuple[Delivery]]:
        mails = select(Delivery).where(Delivery.ticket_id == ticket_id).order_by(Delivery.id.desc())
        return mails.options(joinedload(Delivery.batch))
