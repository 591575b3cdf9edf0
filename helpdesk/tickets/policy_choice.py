"""The choice of a policy for a ticket, place by place, with the reason why each was passed over (SLA-004)."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.db import db
from helpdesk.core.i18n import _
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Place:
    """One place that may say which policy it is: what it is called, what it says, and why that does not count."""

    label: str
    policy: Policy | None
    why_not: str  # empty: it is chosen

    @property
    def is_chosen(self) -> bool:
        """Whether the search ended here."""
        return not self.why_not


@dataclass(frozen=True)
class PolicyChoice:
    """What a ticket is measured with, and what it would be measured with if it came in now."""

    ticket: Ticket
    places: list[Place]

    @classmethod
    def of(cls, ticket: Ticket) -> "PolicyChoice":
        """Ask the places in their order, up to the one that decides."""
        asked: list[Place] = []
        for label, policy in cls._places(ticket):
            asked.append(Place(label, policy, cls._why_not(policy)))
            if asked[-1].is_chosen:
                break
        return cls(ticket, asked)

    @property
    def policy(self) -> Policy:
        """What would be chosen now."""
        found = self.places[-1].policy
        assert found  # the shipped one is always there
        return found

    @property
    def is_the_same(self) -> bool:
        """Whether it is measured with that one already."""
        return self.ticket.tracker.version.policy_id == self.policy.id

    @classmethod
    def _places(cls, ticket: Ticket) -> list[tuple[str, Policy | None]]:
        store = _("Store “%(name)s”", name=ticket.merchant.name)
        own = Policy.default()
        return [
            *cls._of_categories(ticket),
            (store, _policy(ticket.merchant.policy_id)),
            (_("Your default"), None if own.is_shipped else own),
            (_("The policy that comes with the product"), Policy.shipped_one()),
        ]

    @staticmethod
    def _of_categories(ticket: Ticket) -> list[tuple[str, Policy | None]]:
        """The category and those above it, up to the nearest that names one: no other is asked."""
        if ticket.category is None:
            return [(_("Category: the ticket has none"), None)]
        found: list[tuple[str, Any]] = []
        for one in reversed(Category.tree().line(ticket.category)):
            found.append((_("Category “%(name)s”", name=one.name), _policy(one.policy_id)))
            if one.policy_id:
                break
        return found

    @staticmethod
    def _why_not(policy: Policy | None) -> str:
        if policy is None:
            return _("names no policy")
        return _("its policy is archived") if policy.deleted_at else ""


def _policy(policy_id: int | None) -> Policy | None:
    return db.session.get(Policy, policy_id) if policy_id else None
