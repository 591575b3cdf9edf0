"""A roll: what all escalations of one transaction ask alike, asked once: the ladders, the people, what was raised."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.events import Actor
from helpdesk.escalations.ladder_step import TOLD, LadderStep
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket


class Roll:
    """Lives no longer than the transaction that it is made in."""

    def __init__(self, raised: Iterable[tuple[int, str]] = ()) -> None:
        self.raised = set(raised)  # ticket and cause; what is raised now is added
        self._ladders: dict[tuple[int, str], list[LadderStep]] = {}

    def ladder(self, ticket: Ticket, trigger: str) -> list[LadderStep]:
        """The steps in force on a ticket for a trigger."""
        policy_id = ticket.tracker.version.policy_id
        key = (policy_id, trigger)
        if key not in self._ladders:
            self._ladders[key] = LadderStep.ladder(policy_id, trigger)
        return self._ladders[key]

    @cached_property
    def staff(self) -> list[User]:
        """The managers and administrators, by id."""
        above = select(User).where(User.is_active, User.role.in_(("manager", "admin"))).order_by(User.id)
        return list(db.session.scalars(above))

    def people(
        self, told: list[str], ticket: Ticket, *, assignee: User | None, besides: Actor | None = None
    ) -> list[dict[str, Any]]:
        """Who they are on a ticket: `{"id", "name", "as"}` each, once, `besides` whoever does it himself.

        Where there is no manager, an administrator is one. `assignee` is who had it before anything was done.
        """
        managers, admins = (
            [user for user in self.staff if user.role == role] for role in ("manager", "admin")
        )
        lead = self._lead_of(ticket) if "lead" in told else None
        sets = {
            "assignee": [assignee] if assignee and assignee.is_active and "assignee" in told else [],
            "lead": [lead] if lead else [],
            "managers": managers if "managers" in told else [],
            "admins": admins if "admins" in told or ("managers" in told and not managers) else [],
        }
        found: dict[int, dict[str, Any]] = {}
        own = besides.actor if besides else {}
        for key in TOLD:
            for user in sets[key]:
                if user.actor != own:
                    found.setdefault(user.id, {"id": user.id, "name": user.name, "as": key})
        return list(found.values())

    def _lead_of(self, ticket: Ticket) -> User | None:
        """The lead of the team that it was given to, else of its category's, if he works for its merchant."""
        group_id = ticket.group_id
        if group_id is None and ticket.category:
            group_id = Category.tree().effective(ticket.category, "group_id").value
        lead_id = db.session.scalar(select(Group.lead_id).where(Group.id == group_id)) if group_id else None
        lead = db.session.get(User, lead_id) if lead_id else None
        return lead if lead and lead.is_active and lead.sees_merchant(ticket.merchant_id) else None
