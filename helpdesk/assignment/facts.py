"""What rules look at: a ticket as it is at an instant, or one that was made up to try the rules on."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryTree
from helpdesk.tickets.lifecycle import LOADS
from helpdesk.tickets.tag import Tag, TicketTag
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Facts:
    """Everything that a condition or a need can be about."""

    merchant_id: int
    priority: str
    language: str
    source: str
    at: datetime
    categories: tuple[int, ...] = ()  # the branch that it is in, from the root on
    skills: tuple[tuple[int, int], ...] = ()  # (skill, least level) that its category asks for
    tags: frozenset[int] = frozenset()
    is_vip: bool = False
    amount: Decimal | None = None  # of the order, in the shop's own currency
    group_id: int | None = None
    customer_id: int | None = None
    ticket_id: int | None = None
    handed_back_by: frozenset[int] = frozenset()
    carried_by: int | None = None  # whose load it is counted in: he would have that much less without it

    @classmethod
    def of(cls, ticket: Ticket, *, with_tags: bool = True) -> "Facts":
        """A ticket as it is now. Without its tags where nobody asks for them."""
        own = select(TicketTag.tag_id).where(TicketTag.ticket_id == ticket.id, TicketTag.removed_at.is_(None))
        tree = Category.tree() if ticket.category_id else None  # its own category is not asked for again
        return cls(
            merchant_id=ticket.merchant_id, priority=ticket.priority, language=ticket.language, source=ticket.source,
            at=clock.now(), **sorted_under(ticket.category, tree), tags=_with_merged(own) if with_tags else frozenset(),
            is_vip=ticket.sender.is_vip, amount=amount_of(ticket.order), group_id=ticket.group_id,
            customer_id=ticket.customer_id if ticket.sender.is_proven else None, ticket_id=ticket.id,
            handed_back_by=ticket.handed_back_by,
            carried_by=ticket.assignee_id if ticket.status in LOADS else None,
        )  # fmt: skip


def sorted_under(category: Category | None, tree: CategoryTree | None = None) -> dict[str, Any]:
    """The branch of a category and the skills that it asks for, as `Facts` has them."""
    if category is None:
        return {}
    tree = tree or Category.tree()
    wanted = tree.effective(category, "required_skills").value or ()
    return {
        "categories": tuple(one.id for one in tree.line(category)),
        "skills": tuple((one["skill"], one["level"]) for one in wanted),
    }


def amount_of(order: dict[str, Any] | None) -> Decimal | None:
    """The total of an order, where the shop says it as a number or as digits with a decimal point."""
    total = (order or {}).get("total")
    if isinstance(total, bool) or not isinstance(total, int | float | str):
        return None
    try:
        amount = Decimal(str(total).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def tags_called(names: list[str]) -> frozenset[int]:
    """Tags by their names, as `Facts` has them; unknown ones are left out."""
    if not names:
        return frozenset()
    named = aliased(Tag)
    alive = select(func.coalesce(named.merged_into_id, named.id)).where(named.name.in_(names))
    return _with_merged(alive)


def _with_merged(tag_ids: Select[tuple[int]]) -> frozenset[int]:
    """Tags, and those that were merged into them: a rule that names one of these means the survivor."""
    same = select(Tag.id).where(or_(Tag.id.in_(tag_ids), Tag.merged_into_id.in_(tag_ids)))
    return frozenset(db.session.scalars(same))
