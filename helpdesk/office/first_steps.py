"""The first steps: from an empty desk to its first ticket. Whether each is done is told by what is there."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group, GroupMember
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.i18n import lazy
from helpdesk.notifications.mail_test import MailTest
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Step:
    """One of them: what to do, why, and where. `is_optional`: work begins without it."""

    key: str
    label: Any
    why: Any
    url: str
    is_optional: bool = False


STEPS = (
    Step(
        "merchant", lazy("Add your store"), lazy("Requests and their numbers belong to a store."),
        "/settings/merchants",
    ),
    Step(
        "form", lazy("Put the form on the store's site"),
        lazy("Copy its snippet into the site; customers write there."),
        "/settings/merchants",
    ),
    Step(
        "categories", lazy("Name what requests are about"),
        lazy("Customers choose one; rules and deadlines follow from it."),
        "/settings/categories",
    ),
    Step(
        "agents", lazy("Invite your colleagues"), lazy("And say who can be given work, for which store."),
        "/settings/users/new",
    ),
    Step(
        "assignable", lazy("Say who can be given work"), lazy("Until then tickets wait for nobody."),
        "/settings/agents",
    ),
    Step(
        "calendar", lazy("Enter your opening hours"), lazy("Deadlines stand still while you are closed."),
        "/settings/calendars", True,
    ),
    Step(
        "policy", lazy("Promise answers in time"), lazy("Without one of your own the shipped policy counts."),
        "/settings/policies", True,
    ),
    Step(
        "group", lazy("Make a team"), lazy("Who shares a kind of work."),
        "/settings/groups", True,
    ),
    Step(
        "rule", lazy("Say who gets which tickets"),
        lazy("Without a rule of your own, whoever has the least gets the next."),
        "/settings/rules", True,
    ),
    Step(
        "mail", lazy("Send yourself a test mail"), lazy("See what customers get, and that it arrives."),
        "/settings/templates", True,
    ),
    Step(
        "ticket", lazy("Send the first request"), lazy("Fill in the form yourself, or enter a ticket for a customer."),
        "/tickets/new",
    ),
)  # fmt: skip


class FirstSteps:
    """Of the present organizer."""

    steps = STEPS

    @cached_property
    def done(self) -> set[str]:
        """The keys of those that are done; asked in one question."""
        asked = {
            "merchant": select(Merchant.id).where(Merchant.deleted_at.is_(None)),
            "form": select(FormKey.id).where(FormKey.is_on),
            "categories": select(Category.id).where(Category.archived_at.is_(None)),
            "assignable": Agent.able(),
            "calendar": select(Calendar.id).where(Calendar.archived_at.is_(None)),
            "policy": select(Policy.id).where(Policy.deleted_at.is_(None), Policy.key.is_(None)),
            "group": select(Group.id).join(GroupMember, GroupMember.group_id == Group.id).where(
                Group.archived_at.is_(None), GroupMember.removed_at.is_(None)
            ),
            "rule": select(Rule.id).where(Rule.deleted_at.is_(None), Rule.key.is_(None)),
            "mail": select(MailTest.id).where(MailTest.state == "sent"),
            "ticket": select(Ticket.id),
        }  # fmt: skip
        people = select(func.count(User.id)).scalar_subquery()
        row = db.session.execute(
            select(
                Organizer.id, people.label("people"), *(one.exists().label(key) for key, one in asked.items())
            ).where(Organizer.id == Organizer.present().id)
        ).one()
        found = {key for key in asked if row._mapping[key]}
        return found | ({"agents"} if row.people > 1 else set())

    @property
    def are_over(self) -> bool:
        """Whether everything that work cannot begin without is done."""
        return all(step.key in self.done for step in STEPS if not step.is_optional)
