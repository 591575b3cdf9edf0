"""Where policies apply: categories, stores, the default, and the tickets that run on them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select

from helpdesk.core.db import db
from helpdesk.core.events import Actor
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.demand import PAUSABLE
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryTree
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class PolicyUse:
    """All policies at once, in one query for each kind of place."""

    tree: CategoryTree

    @classmethod
    def now(cls) -> "PolicyUse":
        """As it stands."""
        return cls(Category.tree())

    def categories(self, policy_id: int) -> list[Category]:
        """Those that name it themselves, as they are read; archived ones keep it and may be restored."""
        return [one for one in self.tree.walk() if one.policy_id == policy_id]

    def stores(self, policy_id: int) -> Sequence[Merchant]:
        """Those that name it."""
        return self._stores[policy_id]

    @cached_property
    def merchants(self) -> dict[int, Merchant]:
        """The stores there are, by id."""
        own = select(Merchant).where(Merchant.deleted_at.is_(None)).order_by(Merchant.name, Merchant.id)
        return {merchant.id: merchant for merchant in db.session.scalars(own)}

    @cached_property
    def _stores(self) -> dict[int, list[Merchant]]:
        found = defaultdict(list)
        for merchant in self.merchants.values():
            found[merchant.policy_id or 0].append(merchant)
        return found

    @cached_property
    def running(self) -> dict[int, int]:
        """Policy → how many open tickets are measured with it, whatever version."""
        held = (
            select(PolicyVersion.policy_id, func.count())
            .join(Tracker, Tracker.version_id == PolicyVersion.id)
            .join(Ticket, Ticket.id == Tracker.ticket_id)
            .where(Ticket.is_alive)
        )
        return dict(db.session.execute(held.group_by(PolicyVersion.policy_id)).all())

    @cached_property
    def default_id(self) -> int:
        """The one for everything else."""
        return Policy.default().id

    def needs_replacement(self, policy: Policy) -> bool:
        """Whether something would be without a policy if it went."""
        return bool(self.default_id == policy.id or self.categories(policy.id) or self.stores(policy.id))

    @staticmethod
    def waiting(policy: Policy) -> dict[int, str]:
        """The open tickets measured with it whose status may pause, with it: for `Effects`."""
        own = select(PolicyVersion.id).where(PolicyVersion.policy_id == policy.id)
        rows = (
            select(Ticket.id, Ticket.status)
            .join(Tracker, Tracker.ticket_id == Ticket.id)
            .where(Ticket.is_alive, Ticket.status.in_(PAUSABLE), Tracker.version_id.in_(own))
        )
        return dict(db.session.execute(rows).all())

    @classmethod
    def archive(cls, policy: Policy, replacement: Policy | None, *, by: Actor) -> None:
        """Archive it. The other one takes all its places, those at categories included (CAT-002)."""
        if policy.deleted_at:
            return
        categories = cls(Category.tree(lock=True)).categories(policy.id)
        policy.archive(replacement, by=by, is_named=bool(categories))
        for category in categories:
            category.change({"policy_id": replacement and replacement.id}, by=by)
