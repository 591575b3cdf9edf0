"""What narrows a view and orders it, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, false, func, select

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.i18n import lazy
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.tag import Tag, TicketTag, tag_names
from helpdesk.tickets.ticket import NEVER, Ticket

NOBODY = "none"  # what has no assignee, no team, no category
SOON = timedelta(hours=1)
DEADLINES = {
    "overdue": lazy("Overdue"), "soon": lazy("Due within an hour"), "later": lazy("Due later"),
    "none": lazy("No deadline"),
}  # fmt: skip
SORTS = {
    "due": lazy("Next deadline first"), "newest": lazy("Newest first"), "oldest": lazy("Oldest first"),
}  # fmt: skip
_LONGEST = 60


@dataclass(frozen=True)
class Filters:
    """In the order in which an address says them, so that equal filters have equal addresses."""

    status: str = ""
    priority: str = ""
    assignee: str = ""
    group: str = ""
    category: str = ""
    tag: str = ""
    merchant: str = ""
    deadline: str = ""
    sort: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Filters":
        """As an address says them. A sort that is none is the view's own."""
        found = {field.name: said.get(field.name, "").strip()[:_LONGEST] for field in fields(cls)}
        return cls(**found | {"sort": found["sort"] if found["sort"] in SORTS else ""})

    @property
    def said(self) -> dict[str, str]:
        """Those that say something, for an address."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def narrowing(self) -> dict[str, str]:
        """Those that leave something out."""
        return {name: value for name, value in self.said.items() if name != "sort"}

    def conditions(self, viewer: User) -> list[ColumnElement[bool]]:
        """Unknown values find nothing rather than everything."""
        return [getattr(self, f"_by_{name}")(value, viewer) for name, value in self.narrowing.items()]

    def _by_status(self, value: str, viewer: User) -> ColumnElement[bool]:
        return Ticket.status == value if value in [*Status] else false()

    def _by_priority(self, value: str, viewer: User) -> ColumnElement[bool]:
        return Ticket.priority == value if value in [*Priority] else false()

    def _by_assignee(self, value: str, viewer: User) -> ColumnElement[bool]:
        return Ticket.assignee_id == viewer.id if value == "me" else _is(Ticket.assignee_id, value)

    def _by_group(self, value: str, viewer: User) -> ColumnElement[bool]:
        return (
            Ticket.group_id.in_(Group.ids_of(viewer.id)) if value == "mine" else _is(Ticket.group_id, value)
        )

    def _by_category(self, value: str, viewer: User) -> ColumnElement[bool]:
        """With everything below it."""
        if value == NOBODY:
            return Ticket.category_id.is_(None)
        branch = select(Category.id).where(Category.id == row_id(value)).cte(recursive=True)
        below = select(Category.id).join(branch, Category.parent_id == branch.c.id)
        return Ticket.category_id.in_(select(branch.union(below).c.id))

    def _by_tag(self, value: str, viewer: User) -> ColumnElement[bool]:
        """However it is typed; a name that was merged stands for the other."""
        meant = select(func.coalesce(Tag.merged_into_id, Tag.id)).where(Tag.name.in_(tag_names(value)[:1]))
        having = select(TicketTag.ticket_id).where(
            TicketTag.tag_id.in_(meant), TicketTag.removed_at.is_(None)
        )
        return Ticket.id.in_(having)

    def _by_merchant(self, value: str, viewer: User) -> ColumnElement[bool]:
        return Ticket.merchant_id == row_id(value)

    def _by_deadline(self, value: str, viewer: User) -> ColumnElement[bool]:
        """Of the nearest running clock."""
        now, at = clock.now(), Ticket.sort_at
        spans: dict[str, Any] = {
            "overdue": at <= now, "soon": (at > now) & (at <= now + SOON), "later": (at > now + SOON) & (at < NEVER),
            "none": at >= NEVER,
        }  # fmt: skip
        return spans.get(value, false())


def row_id(value: str) -> int:
    """The id that is meant; 0, which nothing has, for what is none."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def _is(column: Any, value: str) -> ColumnElement[bool]:
    return column.is_(None) if value == NOBODY else column == row_id(value)
