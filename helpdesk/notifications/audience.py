"""Who hears of an event, and why: the one place where recipients are worked out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.preference_topic import PreferenceTopic, topics_of
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.ticket import Ticket

AT_ONCE = timedelta(seconds=1)  # two events of one deed


@dataclass(frozen=True)
class Recipient:
    """One person to be told, where, in which language, and for which reason (a key of `REASONS`)."""

    kind: str  # user or customer
    id: int
    address: str
    language: str
    reason: str
    topic: PreferenceTopic
    who: Customer | User
    merchant_id: int | None = None  # of a customer

    @property
    def short(self) -> str:
        """`c5`, `u7`: the recipient in a Message-ID."""
        return f"{self.kind[0]}{self.id}"


Found = Iterable[tuple[Customer | User | None, str]]  # somebody, and the reason


class Audience:
    """The people of one event. No one is told of his own deed, nor twice because he is two things at once."""

    def __init__(self, event: Event, held: Sequence[object] = ()) -> None:
        self.event = event
        self._held = held  # a session forgets what nobody holds, and asks again
        self.ticket = db.session.get_one(Ticket, event.ticket_id)

    @classmethod
    def of_all(cls, events: Sequence[Event]) -> list["Audience"]:
        """Those of several events, with what they will look at."""
        tickets = select(Ticket).where(Ticket.id.in_({event.ticket_id for event in events}))
        given = {event.data["assignee"]["id"] for event in events if event.name == "ticket.assigned"}
        held: list[object] = [*db.session.scalars(tickets.options(joinedload(Ticket.customer)))]
        held += db.session.scalars(select(User).where(User.id.in_(given))) if given else []
        return [cls(event, (*held, Organizer.present())) for event in events]

    @cached_property
    def found(self) -> list[Recipient]:
        """Everybody who is to be told, in one order for all: whoever writes to several waits for nobody in a circle."""
        return sorted(self.recipients(), key=lambda one: (one.kind, one.id))

    @property
    def user_ids(self) -> list[int]:
        """The users among them."""
        return [one.id for one in self.found if one.kind == "user"]

    def recipients(self) -> list[Recipient]:
        """Everybody who is to be told, in the order of the catalogue; the first reason counts."""
        if self.ticket.deleted_at:
            return []
        found: dict[tuple[str, int], Recipient] = {}
        for topic in topics_of(self.event.name):
            for who, reason in _FINDERS[topic.key](self):
                if recipient := self._recipient(who, reason, topic):
                    found.setdefault((recipient.kind, recipient.id), recipient)
        return list(found.values())

    def _recipient(
        self, who: Customer | User | None, reason: str, topic: PreferenceTopic
    ) -> Recipient | None:
        """Somebody who is still here and did not do it himself; the customer in the language of this request."""
        if isinstance(who, Customer):
            spoken, store = self.ticket.language, self.ticket.merchant_id
            return Recipient("customer", who.id, who.email, spoken, reason, topic, who, store)
        if who is None or not who.is_active or self._is_by("user", who.id):
            return None
        return Recipient("user", who.id, who.email, who.language, reason, topic, who)

    def _asked(self) -> Found:
        """The customer gets his number, or the new link that he asked for: an answer, not news.

        Of a ticket that an agent opened for him he hears if the agent wants him to.
        """
        return [(self.ticket.customer, "customer")] if self.event.data.get("notify", True) else []

    def _replied_to(self) -> Found:
        return [] if self._is_by("customer") else [(self.ticket.customer, "customer")]

    def _served(self) -> Found:
        """Of what the desk did. Spam is not answered: its sender learns nothing, and who never wrote is left alone."""
        return [] if self.event.data.get("reason") == "spam" else self._replied_to()

    def _given(self) -> Found:
        return [(db.session.get(User, self.event.data["assignee"]["id"]), "assignee")]

    def _assignee(self) -> Found:
        return [(self.ticket.assignee, "assignee")]

    def _asked_assignee(self) -> Found:
        return self._assignee() if self._is_by("customer") else []

    def _team(self) -> Found:
        """Everybody of the team who may see it, while nobody has it."""
        group_id = self.ticket.group_id
        if group_id is None or self.ticket.assignee_id is not None:
            return []
        members = workers_of(self.ticket.merchant_id).where(User.id.in_(Group.member_ids(group_id)))
        return [(user, "group") for user in db.session.scalars(members)]

    def _mentioned(self) -> Found:
        """Colleagues who are addressed in a note, and nobody of the customer's side."""
        ids = self.event.data.get("mentions", [])
        users = db.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)) if ids else []
        return [(user, "mention") for user in users if user.sees_merchant(self.ticket.merchant_id)]

    def _followers(self) -> Found:
        """Who follows it and may see it still."""
        seeing = (user for user in Follower.of(self.ticket.id) if user.sees_merchant(self.ticket.merchant_id))
        return [(user, "follower") for user in seeing]

    def _asked_followers(self) -> Found:
        return self._followers() if self._is_by("customer") else []

    def _woken(self) -> Found:
        """Its time has come: whose it is, and who put it out of sight. That the customer wrote is told as such."""
        if not self._is_by("system"):
            return []
        snoozer = db.session.get_one(User, self.event.data["snoozer"])
        seen = snoozer.sees_merchant(self.ticket.merchant_id)
        return [(self.ticket.assignee, "assignee"), (snoozer if seen else None, "snoozer")]

    def _escalated(self) -> Found:
        """Whom the ladder found when it was raised."""
        told = db.session.get_one(Escalation, self.event.data["escalation"]).went_to
        users = db.session.scalars(select(User).where(User.id.in_([one["id"] for one in told])))
        known = {user.id: user for user in users}
        return [(known.get(one["id"]), one["as"]) for one in told]

    def _is_by(self, kind: str, id: int | None = None) -> bool:
        actor = self.event.actor
        return actor["kind"] == kind and id in (None, actor["id"])


def came_with_a_reply(event: Event) -> bool:
    """Whether a ticket was reopened by what the customer wrote: who is told of that hears of both at once."""
    if event.name != "ticket.reopened" or event.actor["kind"] != "customer":
        return False
    wrote = select(Event).where(
        Event.ticket_id == event.ticket_id, Event.name == "ticket.replied", Event.id < event.id,
        Event.created_at >= event.created_at - AT_ONCE, Event.created_at <= event.created_at,
    )  # fmt: skip
    return any(reply.actor == event.actor for reply in db.session.scalars(wrote))


_FINDERS: dict[str, Callable[[Audience], Found]] = {  # of every topic in the catalogue
    "ticket.created.customer": Audience._asked,
    "ticket.created.group": Audience._team,
    "ticket.assigned.assignee": Audience._given,
    "ticket.replied.customer": Audience._replied_to,
    "ticket.replied.assignee": Audience._asked_assignee,
    "ticket.replied.follower": Audience._asked_followers,
    "ticket.noted.mention": Audience._mentioned,
    "ticket.noted.follower": Audience._followers,
    "ticket.resolved.follower": Audience._followers,
    "ticket.closed.follower": Audience._followers,
    "ticket.reopened.follower": Audience._followers,
    "ticket.woken.assignee": Audience._woken,
    "sla.breached.follower": Audience._followers,
    "ticket.resolved.customer": Audience._served,
    "ticket.closed.customer": Audience._served,
    "ticket.reopened.assignee": Audience._assignee,
    "sla.warned.assignee": Audience._assignee,
    "sla.critical.assignee": Audience._assignee,
    "sla.breached.assignee": Audience._assignee,
    "escalation.raised.managers": Audience._escalated,
    "mail.failed.assignee": Audience._assignee,
    "link.renewed.customer": Audience._asked,
}
