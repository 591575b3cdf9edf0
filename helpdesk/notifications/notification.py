"""The notification: one thing that a user is told on the screen. It stands at his bell until he has read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Event
from helpdesk.core.i18n import lazy
from helpdesk.core.memory import foreknow, once
from helpdesk.core.tenancy import Tenanted
from helpdesk.notifications.audience import Audience, Recipient, came_with_a_reply
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import OFF, TOPICS
from helpdesk.tickets.ticket import Ticket

WHY: dict[str, Any] = {  # the same reasons as those of mails
    "assignee": lazy("you are the assignee"),
    "group": lazy("you belong to the team"),
    "mention": lazy("you were mentioned"),
    "follower": lazy("you follow the ticket"),
    "snoozer": lazy("you snoozed it"),
    "lead": lazy("you lead the team"),
    "managers": lazy("you are a manager"),
    "admins": lazy("you are an administrator"),
}


class Notification(Tenanted, Model):
    """An event for one user. Who may not see the ticket any more does not see it either; nothing of it is lost."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("event_id", "user_id"),
        Index("ix_notifications_user", "user_id", "id"),
        Index("ix_notifications_user_ticket", "user_id", "ticket_id", "id"),
        partial_index("ix_notifications_unread", "user_id", "id", where="read_at IS NULL"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(20))  # why he is told: a key of WHY
    created_at: Mapped[datetime]  # when it happened
    read_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(viewonly=True)
    ticket: Mapped[Ticket] = relationship(viewonly=True)

    @classmethod
    def plan(cls, audience: Audience, wanted: Mapping[int, Preference]) -> None:
        """Put an event to the bells of everybody who is to be told and has not switched it off; twice is once."""
        event = audience.event
        with_reply = came_with_a_reply(event)
        told = [
            one for one in audience.found
            if one.kind == "user" and _is_wanted(one, wanted[one.id], with_reply=with_reply)
        ]  # fmt: skip
        if not told:
            return
        known = once((cls, event.id), lambda: cls._told_of({event.id})[event.id])
        for one in told:
            if one.id not in known:
                db.session.add(cls(
                    event_id=event.id, ticket_id=audience.ticket.id, user_id=one.id, reason=one.reason,
                    created_at=event.created_at, read_at=None,
                ))  # fmt: skip
                cls._ring(one.id)

    @classmethod
    def foresee(cls, audiences: Sequence[Audience]) -> None:
        """Look up together who was told already."""
        told = cls._told_of({each.event.id for each in audiences if each.user_ids})
        foreknow({(cls, event_id): users for event_id, users in told.items()})

    @classmethod
    def _told_of(cls, event_ids: set[int]) -> dict[int, set[int]]:
        told: dict[int, set[int]] = {event_id: set() for event_id in event_ids}
        rows = select(cls.event_id, cls.user_id).where(cls.event_id.in_(event_ids))
        for event_id, user_id in db.session.execute(rows) if event_ids else ():
            told[event_id].add(user_id)
        return told

    @classmethod
    def seen_by(cls, viewer: User) -> Select[tuple["Notification"]]:
        """A user's own, on tickets that he may see now."""
        tickets = Ticket.visible_to(viewer).join(cls, cls.ticket_id == Ticket.id)
        return tickets.where(cls.user_id == viewer.id).with_only_columns(cls)

    @classmethod
    def read(cls, *, by: User, ticket_id: int | None = None, up_to: int | None = None) -> datetime:
        """He has read everything, or all about one ticket, up to the last that he was shown.

        Answers the instant by which it can be taken back.
        """
        seen = Ticket.visible_to(by).with_only_columns(Ticket.id)
        which = [cls.read_at.is_(None)]
        which += [cls.ticket_id.in_(seen) if ticket_id is None else cls.ticket_id == ticket_id]
        which += [cls.id <= up_to] if up_to is not None else []
        now = clock.now()
        cls._mark(by, now, *which)
        return now

    @classmethod
    def unread(cls, at: datetime, *, by: User) -> None:
        """What was marked as read at an instant was not read after all."""
        cls._mark(by, None, cls.read_at == at)

    @classmethod
    def keep(cls, ticket_id: int, *, by: User) -> None:
        """The newest about a ticket is to be read later."""
        own = select(cls.id).where(cls.user_id == by.id, cls.ticket_id == ticket_id)
        cls._mark(by, None, cls.id == db.session.scalar(own.order_by(cls.id.desc()).limit(1)))

    @classmethod
    def _mark(cls, user: User, at: datetime | None, *which: ColumnElement[bool]) -> None:
        """Every open page of his says so."""
        db.session.execute(update(cls).where(cls.user_id == user.id, *which).values(read_at=at))
        cls._ring(user.id)

    @staticmethod
    def _ring(user_id: int) -> None:
        """His pages ask for themselves what there is; without a number, which is how far a page has seen its ticket."""
        live.ring(f"user.{user_id}", sequence=None)


def _is_wanted(recipient: Recipient, wanted: Preference, *, with_reply: bool) -> bool:
    """Whatever is not switched off; a ticket that came back with a reply is told as the reply."""
    if with_reply and wanted.channel(TOPICS[f"ticket.replied.{recipient.topic.audience}"]) != OFF:
        return False
    return wanted.channel(recipient.topic) != OFF
