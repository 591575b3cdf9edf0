"""What narrows a view and orders it, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from unicodedata import category
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, func, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.assignment.rule_words import SOURCES
from helpdesk.core import clock
from helpdesk.core.forms import row_id
from helpdesk.core.i18n import lazy
from helpdesk.core.memory import once
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryTree
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
SIZES, SIZE = (25, 50, 100), 50  # rows of a page, and how many where nobody says
_LONGEST = {"status": 120, "customer": 254}  # letters; 60 of the others


@dataclass(frozen=True)
class Filters:
    """In the order in which an address says them, so that equal filters have equal addresses."""

    status: str = ""  # one or more, with commas between them, in the order of a ticket's life
    priority: str = ""
    assignee: str = ""
    group: str = ""
    category: str = ""
    tag: str = ""
    customer: str = ""  # an address, or an id
    merchant: str = ""
    source: str = ""
    deadline: str = ""
    since: str = ""  # created on this day or later, where the viewer is
    until: str = ""
    sort: str = ""
    size: str = ""

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Filters":
        """As an address says them. An order or a size that is none is the usual one."""
        found = {field.name: _legible(said.get(field.name, ""), field.name) for field in fields(cls)}
        known = {"sort": SORTS, "size": [str(size) for size in SIZES if size != SIZE]}
        usual = {name: found[name] if found[name] in values else "" for name, values in known.items()}
        return cls(**found | usual | {"status": _in_order(found["status"])})

    @property
    def said(self) -> dict[str, str]:
        """Those that say something, for an address."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def narrowing(self) -> dict[str, str]:
        """Those that leave something out."""
        return {name: value for name, value in self.said.items() if name not in ("sort", "size")}

    @property
    def single(self) -> list[tuple[str, str]]:
        """The same one by one: of several statuses, each."""
        rest = {name: value for name, value in self.narrowing.items() if name != "status"}
        return [*(("status", one) for one in self.statuses), *rest.items()]

    @property
    def to_keep(self) -> dict[str, str]:
        """What a saved view is made of: all but how many rows somebody likes on a page."""
        return {name: value for name, value in self.said.items() if name != "size"}

    @property
    def statuses(self) -> list[str]:
        """Each for itself."""
        return self.status.split(",") if self.status else []

    def without(self, name: str, value: str) -> "Filters":
        """All but one; of several statuses the others stay."""
        rest = [one for one in self.statuses if one != value] if name == "status" else []
        return replace(self, **{name: ",".join(rest)})

    def conditions(self, viewer: User) -> list[ColumnElement[bool]]:
        """Unknown values find nothing rather than everything."""
        return [getattr(self, f"_by_{name}")(value, viewer) for name, value in self.narrowing.items()]

    def _by_status(self, value: str, viewer: User) -> ColumnElement[bool]:
        known = [one for one in self.statuses if one in [*Status]]
        if len(known) == 1:
            return Ticket.status == known[0]
        return Ticket.status.in_(known) if known else false()

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
        tree = categories()
        chosen = tree.by_id.get(row_id(value) or 0)
        return Ticket.category_id.in_([one.id for one in tree.branch(chosen)]) if chosen else false()

    def _by_tag(self, value: str, viewer: User) -> ColumnElement[bool]:
        """However it is typed; a name that was merged stands for the other."""
        meant = select(func.coalesce(Tag.merged_into_id, Tag.id)).where(Tag.name.in_(tag_names(value)[:1]))
        having = select(TicketTag.ticket_id).where(
            TicketTag.tag_id.in_(meant), TicketTag.removed_at.is_(None)
        )
        return Ticket.id.in_(having)

    def _by_customer(self, value: str, viewer: User) -> ColumnElement[bool]:
        """By his address, at whatever store; by his id."""
        if row_id(value):
            return Ticket.customer_id == row_id(value)
        return Ticket.customer_id.in_(select(Customer.id).where(Customer.email == value.lower()))

    def _by_source(self, value: str, viewer: User) -> ColumnElement[bool]:
        return Ticket.source == value if value in SOURCES else false()

    def _by_since(self, value: str, viewer: User) -> ColumnElement[bool]:
        at = _midnight(value, viewer)
        return Ticket.created_at >= at if at else false()

    def _by_until(self, value: str, viewer: User) -> ColumnElement[bool]:
        """The whole day."""
        at = _midnight(value, viewer, days=1)
        return Ticket.created_at < at if at else false()

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


def _is(column: Any, value: str) -> ColumnElement[bool]:
    return column.is_(None) if value == NOBODY else column == row_id(value)


def _legible(value: str, name: str) -> str:
    """What a database can keep; what none can leaves a mark, since it means nothing that is there."""
    cut = value.strip()[: _LONGEST.get(name, 60)]
    return "".join("\ufffd" if category(letter) in ("Cc", "Cs") else letter for letter in cut)


def _in_order(words: str) -> str:
    """Statuses, each once, as they follow each other; words that are none stay only where there is nothing else."""
    said = [word.strip() for word in words.split(",")]
    return ",".join(status for status in Status if status in said) or words


def _midnight(value: str, viewer: User, days: int = 0) -> datetime | None:
    """When a day begins where the viewer is, or so many days later; None for what is no day."""
    try:
        at = datetime.combine(date.fromisoformat(value) + timedelta(days), datetime.min.time())
        return at.replace(tzinfo=ZoneInfo(viewer.time_zone) if viewer.time_zone else UTC).astimezone(UTC)
    except (KeyError, ValueError, OSError, OverflowError):  # neither is what lies before or behind all days
        return None


def categories() -> CategoryTree:
    """All of them. A page that names them in its filters asks once."""
    return cast(CategoryTree, once(CategoryTree, Category.tree))
