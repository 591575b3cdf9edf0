"""An incident: so many requests about one thing within so many minutes that they hardly come by chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.escalations.ladder_step import ladder
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryTree
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Near:
    """A ticket as far as counting needs it."""

    id: int
    number: str
    created_at: datetime
    is_alive: bool


@dataclass(frozen=True)
class Incident:
    """The tickets of a category, or below it, that came within its minutes: as many as it takes, oldest first."""

    category: Category
    path: dict[str, str]
    tickets: Sequence[Near]
    later: Sequence[Near]

    @classmethod
    def look(cls, event: Event) -> None:
        """A ticket came into a category: is it one too many? Runs once per ticket, in any order, at once or late.

        Whoever looks sees every ticket that is there, whichever came first; so the last of them finds them all.
        """
        ticket = db.session.get(Ticket, event.ticket_id)
        if ticket is None or ticket.category_id is None or ticket.deleted_at:
            return
        tree = Category.tree()
        for category in reversed(tree.line(tree.by_id[ticket.category_id])):
            found = cls._around(ticket, category, tree) if category.incident_tickets else None
            if found:
                found.raise_once()

    @classmethod
    def _around(cls, ticket: Ticket, category: Category, tree: CategoryTree) -> "Incident | None":
        """The first span with enough tickets in which this one is."""
        most, span = category.incident_tickets or 0, timedelta(minutes=category.incident_minutes or 0)
        rows, here = cls._neighbours(ticket, [one.id for one in tree.branch(category)], most, span)
        for last in range(here, len(rows)):
            first = last - most + 1
            if 0 <= first <= here and rows[last].created_at - rows[first].created_at <= span:
                return cls(category, tree.names(category), rows[first : last + 1], rows[last + 1 :])
        return None

    @staticmethod
    def _neighbours(
        ticket: Ticket, category_ids: list[int], most: int, span: timedelta
    ) -> tuple[list[Near], int]:
        """The tickets around one in their order, at most so many on each side, and which of them it is."""
        at = ticket.created_at
        there = select(Ticket.id, Ticket.number, Ticket.created_at, Ticket.is_alive).where(
            Ticket.category_id.in_(category_ids), Ticket.deleted_at.is_(None)
        )
        not_later = or_(Ticket.created_at < at, and_(Ticket.created_at == at, Ticket.id <= ticket.id))
        later = or_(Ticket.created_at > at, and_(Ticket.created_at == at, Ticket.id > ticket.id))
        before = there.where(Ticket.created_at >= at - span, not_later)
        before = before.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(most)
        after = there.where(Ticket.created_at <= at + span, later)
        after = after.order_by(Ticket.created_at, Ticket.id).limit(most)
        first = [Near(*row) for row in reversed(db.session.execute(before).all())]
        return [*first, *(Near(*row) for row in db.session.execute(after))], len(first) - 1

    def raise_once(self) -> None:
        """Raise it on the ticket that made it one, or on another where that is finished already.

        The category's row is the lock: who finds the same incident at the same time waits here, and then sees it.
        """
        own = select(Category.id).where(Category.id == self.category.id)
        db.session.execute(own.with_for_update(key_share=True))
        on = next((one for one in self._candidates() if one.is_alive), None)
        if on is None or self._is_known():
            return
        Escalation.raise_on(
            Ticket.for_deed(on.id), "incident", cause=f"incident:{self.category.id}", by=ladder,
            triggered_at=on.created_at, facts=self._facts(), category_id=self.category.id,
        )  # fmt: skip

    def _candidates(self) -> list[Near]:
        return [self.tickets[-1], *self.later, *reversed(self.tickets[:-1])]

    def _is_known(self) -> bool:
        """Whether it is open still, or was raised a moment ago: more of the same is no news."""
        since = clock.now() - timedelta(minutes=self.category.incident_minutes or 0)
        known = select(Escalation.id).where(
            Escalation.category_id == self.category.id,
            or_(Escalation.ended_at.is_(None), Escalation.raised_at > since),
        )
        return db.session.scalar(known.limit(1)) is not None

    def _facts(self) -> dict[str, Any]:
        return {
            "count": len(self.tickets), "minutes": self.category.incident_minutes, "category": self.path,
            "numbers": [one.number for one in self.tickets],
        }  # fmt: skip
