"""Tickets that have to do with each other."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Select, UniqueConstraint, and_, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Near:
    """A ticket that has to do with another one: how, and the id of the link that somebody made."""

    ticket: Ticket
    how: str  # follows, followed, merged, absorbed, linked or other
    relation_id: int | None


def how(other: Ticket, ticket: Ticket, relation_id: int | None) -> str:
    """What another ticket is to this one."""
    found = {
        "follows": other.id == ticket.follows_id,
        "merged": other.id == ticket.merged_into_id,
        "absorbed": other.merged_into_id == ticket.id,
        "followed": other.follows_id == ticket.id,
        "linked": relation_id is not None,
    }
    return next((word for word, holds in found.items() if holds), "other")


class TicketRelation(Tenanted, Model):
    """A pair of one merchant; the ticket with the smaller id comes first, so that it is there once.

    Ended, never removed. Who sees one of the two sees the other.
    """

    __tablename__ = "ticket_relations"
    __table_args__ = (UniqueConstraint("ticket_id", "other_id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    other_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship(foreign_keys=ticket_id, viewonly=True)
    other: Mapped[Ticket] = relationship(foreign_keys=other_id, viewonly=True)

    @classmethod
    def around(cls, ticket: Ticket, others: int = 0) -> list[Near]:
        """The tickets that have to do with one and are there, oldest first, in one query.

        Among them, on request, the newest others of its customer, who belongs to the same merchant.
        """
        from_it, to_it = cls.ticket_id == ticket.id, cls.other_id == ticket.id
        linked = [select(cls.other_id).where(from_it), select(cls.ticket_id).where(to_it)]
        living = [ids.where(cls.removed_at.is_(None)) for ids in linked]
        pair = or_(and_(from_it, cls.other_id == Ticket.id), and_(to_it, cls.ticket_id == Ticket.id))
        own = select(Ticket.id).where(Ticket.customer_id == ticket.customer_id, Ticket.id != ticket.id)
        own, others = own.where(Ticket.is_proven()), others if ticket.sender.is_proven else 0
        newest = own.where(Ticket.deleted_at.is_(None)).order_by(Ticket.id.desc()).limit(others).subquery()
        ids = union_all(*ticket.kin_ids(), *living, *([select(newest.c.id)] if others else []))
        found = (
            select(Ticket, cls.id)
            .outerjoin(cls, and_(pair, cls.removed_at.is_(None)))
            .where(Ticket.id.in_(ids), Ticket.deleted_at.is_(None))
            .order_by(Ticket.id)
        )
        return [
            Near(other, how(other, ticket, relation), relation)
            for other, relation in db.session.execute(found)
        ]

    @classmethod
    def ids_around(cls, ticket_id: int | None) -> list[int]:
        """Beside which tickets one may be shown, whoever they are of: which way round does not matter."""
        pairs = [
            (cls.ticket_id, cls.other_id),
            (Ticket.id, Ticket.follows_id),
            (Ticket.id, Ticket.merged_into_id),
        ]
        both = [(one, two) for pair in pairs for one, two in (pair, pair[::-1])]
        ids = union_all(
            *(select(one.label("id")).where(two == ticket_id, one.is_not(None)) for one, two in both)
        )
        return list(db.session.scalars(ids))

    @classmethod
    def find(cls, ticket: Ticket, relation_id: int) -> "TicketRelation | None":
        """One relation of a ticket, ended or not."""
        own = select(cls).where(or_(cls.ticket_id == ticket.id, cls.other_id == ticket.id))
        return db.session.scalar(own.where(cls.id == relation_id))

    @classmethod
    def relate(cls, ticket: Ticket, other: Ticket, *, by: User) -> None:
        """Say that two tickets have to do with each other; both records tell it. Twice changes nothing."""
        if ticket.id == other.id:
            raise Refusal(_("A ticket cannot be linked with itself."))
        if ticket.merchant_id != other.merchant_id:
            raise Refusal(_("Only tickets of the same store can be linked."))
        first, second = sorted((ticket.id, other.id))
        row = db.session.scalar(cls._pair(first, second))
        if row is None and add_once(cls(ticket_id=first, other_id=second)):
            cls._tell(ticket, other, by=by, event="ticket.related")
        elif row and row.removed_at:
            row.removed_at = None
            cls._tell(ticket, other, by=by, event="ticket.related")

    @classmethod
    def _pair(cls, first: int, second: int) -> Select[tuple["TicketRelation"]]:
        return (
            select(cls)
            .where(cls.ticket_id == first, cls.other_id == second)
            .with_for_update(of=cls, key_share=True)
        )

    def unrelate(self, *, by: User) -> None:
        """End it. Twice changes nothing."""
        if self.removed_at is None:
            self.removed_at = clock.now()
            self._tell(self.ticket, self.other, by=by, event="ticket.unrelated")

    @staticmethod
    def _tell(ticket: Ticket, other: Ticket, *, by: User, event: str) -> None:
        for one, two in ((ticket, other), (other, ticket)):
            one._tell(record(event, on=one, by=by, number=two.number))
