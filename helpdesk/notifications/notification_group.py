"""What a user was told about one ticket, as his page of notifications shows it: newest first, page by page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.notifications.notification import WHY, Notification
from helpdesk.tickets.ticket import Ticket

PAGE = 20  # tickets
SHOWN = 5  # of each, its newest


@dataclass(frozen=True)
class NotificationGroup:
    """A ticket with the newest that was told about it, and how much there is."""

    ticket: Ticket
    entries: Sequence[Notification]
    total: int
    unread: int

    @property
    def newest_id(self) -> int:
        """The last that is shown: what comes later is not read with it."""
        return self.entries[0].id

    @property
    def earlier(self) -> int:
        """How many are not shown."""
        return self.total - len(self.entries)

    @classmethod
    def page(
        cls, viewer: User, *, unread: bool = False, before: int | None = None
    ) -> tuple[list["NotificationGroup"], int | None]:
        """A page of groups, and where the next begins. `unread`: only tickets about which there is something unread."""
        heads = db.session.scalars(cls._heads(viewer, unread=unread, before=before).limit(PAGE + 1)).all()
        shown = heads[:PAGE]
        told = cls._told(viewer, [head.ticket_id for head in shown])
        groups = [cls(head.ticket, *told[head.ticket_id]) for head in shown]
        return groups, shown[-1].id if len(heads) > PAGE else None

    @staticmethod
    def _heads(viewer: User, *, unread: bool, before: int | None) -> Any:
        """The newest about each ticket. What follows on a ticket is looked for in the index, row by row: the cost of a
        page does not grow with all that he was ever told.
        """
        later = aliased(Notification)

        def counts(row: Any) -> ColumnElement[bool]:
            return row.read_at.is_(None) if unread else true()

        newer = select(later.id).where(
            later.user_id == Notification.user_id, later.ticket_id == Notification.ticket_id,
            later.id > Notification.id, counts(later),
        )  # fmt: skip
        heads = Notification.seen_by(viewer).where(counts(Notification), ~newer.exists())
        if before is not None:
            heads = heads.where(Notification.id < before)
        shown = joinedload(Ticket.merchant, innerjoin=True)
        return heads.options(contains_eager(Notification.ticket).options(shown)).order_by(
            Notification.id.desc()
        )

    @staticmethod
    def _told(viewer: User, ticket_ids: list[int]) -> dict[int, tuple[list[Notification], int, int]]:
        """Of each of these tickets: the newest entries, how many there are, how many unread."""
        each = {"partition_by": Notification.ticket_id}
        counted = (
            select(
                Notification.id, func.count().over(**each).label("total"),
                func.sum(case((Notification.read_at.is_(None), 1), else_=0)).over(**each).label("unread"),
                func.row_number().over(**each, order_by=Notification.id.desc()).label("place"),
            )
            .where(Notification.user_id == viewer.id, Notification.ticket_id.in_(ticket_ids))
            .subquery()
        )  # fmt: skip
        newest = (
            select(Notification, counted.c.total, counted.c.unread)
            .join(counted, counted.c.id == Notification.id)
            .where(counted.c.place <= SHOWN)
            .options(joinedload(Notification.event, innerjoin=True))
            .order_by(Notification.id.desc())
        )
        found: dict[int, list[Any]] = defaultdict(list)
        for row in db.session.execute(newest) if ticket_ids else ():
            found[row[0].ticket_id].append(row)
        return {key: ([row[0] for row in rows], rows[0][1], rows[0][2]) for key, rows in found.items()}


def why(notification: Notification) -> str:
    """Why he is told, in his words."""
    return str(WHY[notification.reason])
