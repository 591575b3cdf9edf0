"""Who hears of an event, and why: the one place where recipients are worked out."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.ticket import Ticket


@dataclass(frozen=True)
class Recipient:
    """One person to be told, where, in which language, and for which reason (a key of `REASONS`)."""

    kind: str  # user or customer
    id: int
    address: str
    language: str
    reason: str

    @classmethod
    def customer(cls, ticket: Ticket) -> "Recipient":
        """The customer, in the language in which he sent this request."""
        whose: Customer = ticket.customer
        return cls("customer", whose.id, whose.email, ticket.language, "customer")

    @classmethod
    def user(cls, user: User, reason: str) -> "Recipient":
        """A user, in his own language."""
        return cls("user", user.id, user.email, user.language, reason)


class Audience:
    """The people of one event. No one is told of his own deed, nor twice because he is two things at once."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.ticket = db.session.get_one(Ticket, event.ticket_id)

    def recipients(self) -> list[Recipient]:
        """Everybody who is to be told, in the order of the reasons; the first reason counts."""
        if self.ticket.deleted_at:
            return []
        found: dict[tuple[str, int], Recipient] = {}
        for recipient in _LISTS[self.event.name](self):
            found.setdefault((recipient.kind, recipient.id), recipient)
        return list(found.values())

    def _asked(self) -> list[Recipient]:
        """The customer gets his number, or the new link that he asked for: an answer, not news.

        Of a ticket that an agent opened for him he hears if the agent wants him to.
        """
        return [Recipient.customer(self.ticket)] if self.event.data.get("notify", True) else []

    def _assigned(self) -> list[Recipient]:
        given = db.session.get(User, self.event.data["assignee"]["id"])
        return self._others(given, "assignee")

    def _other_side(self) -> list[Recipient]:
        """A reply goes to who did not write it."""
        return self._assignee() if self._is_by("customer") else [Recipient.customer(self.ticket)]

    def _mentioned(self) -> list[Recipient]:
        """Colleagues who are addressed in a note, and nobody of the customer's side."""
        ids = self.event.data.get("mentions", [])
        users = db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)) if ids else []
        able = [user for user in users if user.sees_merchant(self.ticket.merchant_id)]
        return [recipient for user in able for recipient in self._others(user, "mention")]

    def _customer(self) -> list[Recipient]:
        """Of what the desk did. Spam is not answered: its sender learns nothing, and who never wrote is left alone."""
        is_spam = self.event.data.get("reason") == "spam"
        return [] if self._is_by("customer") or is_spam else [Recipient.customer(self.ticket)]

    def _assignee(self) -> list[Recipient]:
        return self._others(self.ticket.assignee, "assignee")

    def _escalated(self) -> list[Recipient]:
        """Whom the ladder found when it was raised."""
        told = db.session.get_one(Escalation, self.event.data["escalation"]).went_to
        users = db.session.scalars(select(User).where(User.id.in_([one["id"] for one in told])))
        known = {user.id: user for user in users}
        return [recipient for one in told for recipient in self._others(known.get(one["id"]), one["as"])]

    def _others(self, user: User | None, reason: str) -> list[Recipient]:
        """A user who is still here and did not do it himself."""
        if user is None or not user.is_active or self._is_by("user", user.id):
            return []
        return [Recipient.user(user, reason)]

    def _is_by(self, kind: str, id: int | None = None) -> bool:
        actor = self.event.actor
        return actor["kind"] == kind and id in (None, actor["id"])


_LISTS: dict[str, Callable[[Audience], list[Recipient]]] = {
    "ticket.created": Audience._asked,
    "ticket.assigned": Audience._assigned,
    "ticket.replied": Audience._other_side,
    "ticket.noted": Audience._mentioned,
    "ticket.resolved": Audience._customer,
    "ticket.closed": Audience._customer,
    "ticket.reopened": Audience._assignee,
    "escalation.raised": Audience._escalated,
    "link.renewed": Audience._asked,
}
