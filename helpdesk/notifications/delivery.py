"""The delivery: one mail, to one recipient, about one event. Its row is the plan, the lease and the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Event, Robot, record
from helpdesk.core.i18n import lazy
from helpdesk.core.memory import once
from helpdesk.core.tenancy import Tenanted, count_everywhere
from helpdesk.notifications.audience import Audience, Recipient, came_with_a_reply
from helpdesk.notifications.batch import UNDECIDED, Batch
from helpdesk.notifications.letter import Letter, message_id, thread_id
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_topic import BATCHED, CATALOGUE, MAILS, TOPICS, PreferenceTopic
from helpdesk.notifications.retrying import Retrying
from helpdesk.notifications.sending import Sending, Written
from helpdesk.notifications.suppression import REASON as SUPPRESSED
from helpdesk.notifications.suppression import Suppression
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.public_message import PublicMessage
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket

FIXED = {topic.kind for topic in CATALOGUE if topic.is_fixed}
mailer = Robot("mails", lazy("The mail service"))
_LOG = (["log"], ["state", "state"], ["template", "template"])  # the log, and what it is narrowed to
MOST_PER_HOUR = 20  # mails to one address, of the whole installation, that a stranger could cause


class Delivery(Sending, Retrying, Tenanted, Model):
    """What is told to one recipient.

    `state`: queued, leased (somebody is sending it), sent, failed (see `error`), skipped (see `error`), or
    uncertain: an answer was lost, it may have been sent, and it will be sent again under the same Message-ID.
    `is_uncertain` stays true afterwards: there may be two copies of this one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient_kind", "recipient_id", "channel"),
        partial_index(
            "ix_deliveries_due", "organizer_id", "next_at", "via_merchant_id", where="next_at IS NOT NULL"
        ),
        Index("ix_deliveries_address", "address", "created_at"),
        Index("ix_deliveries_ticket", "ticket_id", "id"),
        partial_index("ix_deliveries_batch", "batch_id", where="batch_id IS NOT NULL"),
        *(Index(f"ix_deliveries_{name}", "organizer_id", *by, "created_at", "id") for name, *by in _LOG),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    recipient_kind: Mapped[str] = mapped_column(String(10))  # user or customer
    recipient_id: Mapped[int] = mapped_column(BigId)
    channel: Mapped[str] = mapped_column(String(10), default="mail")
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    template: Mapped[str] = mapped_column(String(60))  # the kind of mail
    reason: Mapped[str] = mapped_column(String(20))  # why he is told: a key of REASONS
    message_id: Mapped[str] = mapped_column(String(300), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)  # of the present lease; an older one is too late
    # The fence under which it was last begun.
    begun: Mapped[int] = mapped_column(default=0, server_default="0")
    # When it may be tried, or its lease ends; None: nothing to do, or its batch has it.
    next_at: Mapped[datetime | None]
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    smtp_answer: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(200))  # why it failed or was skipped
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]

    batch_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("batches.id"))  # with which it leaves
    # Whose own mail server takes it, if there is one; None: a mail to the desk.
    via_merchant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("merchants.id"))

    event: Mapped[Event] = relationship(viewonly=True)
    ticket: Mapped[Ticket] = relationship(viewonly=True)
    batch: Mapped[Batch | None] = relationship(back_populates="deliveries", viewonly=True)

    @classmethod
    def plan(cls, audience: Audience, wanted: Mapping[int, Preference]) -> set[int | None]:
        """Write down who is to be told of an event, once. Answers what can be sent now: mails to customers of which
        stores, and (None) to the desk.
        """
        event, ticket = audience.event, audience.ticket
        return {
            one.merchant_id for one in audience.found if cls._plan_for(event, ticket, one, wanted.get(one.id))
        }

    @classmethod
    def foresee_plans(cls, audiences: Sequence[Audience]) -> None:
        """Look up together what decides on the mails about several events."""
        found = [one for audience in audiences for one in audience.found]
        Suppression.foresee({one.address for one in found})
        for kind in ("customer", "user"):
            MailPreference.foresee(kind, {one.id for one in found if one.kind == kind})

    @classmethod
    def _plan_for(cls, event: Event, ticket: Ticket, recipient: Recipient, wanted: Preference | None) -> bool:
        """The row of one recipient, if there is to be one; whether it may leave at once."""
        topic = recipient.topic
        user = recipient.who if isinstance(recipient.who, User) else None
        is_mail = wanted is None or user is None or wanted.channel(topic) in MAILS
        if not is_mail and topic.channel not in MAILS:
            return False  # it was never to be a mail
        row = cls._for(event, ticket, recipient)
        if (
            unwanted := (None if is_mail else "switched off")
            or row.why_not(ticket)
            or row.why_never(recipient, wanted)
        ):
            row.skip(unwanted)
        is_new = add_once(row)
        if is_new:
            live.nudge(f"ticket.{ticket.id}")
        if not is_new or row.state != "queued":
            return False
        since = event.created_at
        due = wanted.due(topic, user, since) if wanted and user else _due_to_customer(topic, since)
        if due > since:
            row.next_at, row.batch_id = None, Batch.gather(recipient, since, due).id
        return due <= clock.now()

    @classmethod
    def _for(cls, event: Event, ticket: Ticket, recipient: Recipient) -> "Delivery":
        is_first = event.name == "ticket.created" and recipient.kind == "customer"  # it begins his thread
        now = clock.now()
        return cls(
            event_id=event.id, ticket_id=ticket.id, recipient_kind=recipient.kind, recipient_id=recipient.id,
            channel="mail", address=recipient.address, language=recipient.language, reason=recipient.reason,
            template=f"{event.name}.{recipient.kind}", state="queued", attempts=0, fence=0, begun=0, is_uncertain=False,
            via_merchant_id=recipient.merchant_id,
            message_id=thread_id(ticket.number, ticket.id, recipient.short) if is_first
            else message_id(ticket.number, event.id, recipient.short), created_at=now, next_at=now,
        )  # fmt: skip

    def why_never(self, recipient: Recipient, wanted: Preference | None) -> str | None:
        """Why it is not even to be planned."""
        event = db.session.get_one(Event, self.event_id)
        if wanted and came_with_a_reply(event) and self._hears_of_replies(wanted):
            return "told with the reply"
        return self._flood(event, recipient)

    def _hears_of_replies(self, wanted: Preference) -> bool:
        topic = TOPICS["ticket.replied.assignee"]
        is_refused = MailPreference.refuses("user", self.recipient_id, topic.kind, self.ticket_id)
        return wanted.channel(topic) in MAILS and not is_refused

    @classmethod
    def _flood(cls, event: Event, recipient: Recipient) -> str | None:
        """The form is no mail cannon: what strangers can cause is limited, what the desk writes is not.

        Two at once may pass one more than the limit.
        """
        if recipient.kind != "customer" or event.actor["kind"] != "customer":
            return None
        since = clock.now() - timedelta(hours=1)
        recent = select(func.count(cls.id)).where(
            cls.address == recipient.address, cls.recipient_kind == "customer",
            cls.created_at > since, cls.state != "skipped",
        )  # fmt: skip
        return "too many mails to this address" if count_everywhere(recent) >= MOST_PER_HOUR else None

    @property
    def leaves_at(self) -> datetime | None:
        """When it may be tried, by itself or with its batch; None once that is over."""
        waits_with = self.batch if self.batch and self.state in UNDECIDED else None
        return waits_with.next_at if waits_with and self.next_at is None else self.next_at

    @property
    def sent_as(self) -> str:
        """The Message-ID under which it left, or will: its own, or that of the mail which told several things."""
        return (self.batch and self.batch.message_id) or self.message_id

    @property
    def recipient(self) -> str:
        """`c5`, `u7`: the recipient in a Message-ID."""
        return f"{self.recipient_kind[0]}{self.recipient_id}"

    def why_not(self, ticket: Ticket) -> str | None:
        """Why it is not to be sent after all; asked when it is planned and again before it is sent."""
        if ticket.deleted_at:
            return "the ticket was deleted"
        if self.recipient_kind == "user" and (why := self._why_not_to_user(ticket)):
            return why
        if MailPreference.refuses(self.recipient_kind, self.recipient_id, self.template, ticket.id):
            return "unsubscribed"
        if self.template == "ticket.resolved.customer" and not ticket.is_finished:
            return "the ticket is not resolved any more"
        if self._lost_its_message():
            return "the message was removed"
        return SUPPRESSED if Suppression.holds(self.address) else None

    def _why_not_to_user(self, ticket: Ticket) -> str | None:
        user = db.session.get_one(User, self.recipient_id)
        if not user.is_active:
            return "the user is not active"
        seen = once((User, user.id), lambda: set(db.session.scalars(user.merchant_ids())))
        if ticket.merchant_id not in seen:
            return "the user may not see the ticket"
        if self.reason == "assignee" and self.template not in FIXED and ticket.assignee_id != user.id:
            return "the user is not the assignee any more"
        if self.reason == "follower" and not Follower.has(ticket.id, user.id):
            return "the user does not follow the ticket any more"
        if self.reason == "group" and ticket.assignee_id is not None:
            return "somebody has the ticket"
        return None

    def why_stale(self) -> str | None:
        """Why it does not leave with its batch: it is not wanted any more, or was seen on the screen meanwhile."""
        return self.why_not(self.ticket) or ("seen on the screen" if self._was_seen() else None)

    def _was_seen(self) -> bool:
        return self.recipient_kind == "user" and ReadingMark.has_seen(self.recipient_id, self.event)

    def letter(self) -> Written:
        """The mail, or why nobody wants it any more."""
        why = self.why_not(self.ticket)
        return Written(None, {self.id: why}) if why else Written(Letter(self).mail())

    def settle(self, written: Written) -> None:
        """Take over what was found out when it was written."""
        if not written.mail:
            self.skip(written.dropped[self.id])

    @classmethod
    def prepare(cls, rows: Sequence["Delivery"]) -> None:
        """Customers' mails hold the link to their ticket's page."""
        CustomerLink.see_to({row.ticket_id for row in rows if row.recipient_kind == "customer"})

    @classmethod
    def along(cls, noting: bool) -> list[Any]:
        """What is loaded with them."""
        ticket = joinedload(cls.ticket)
        return [] if noting else [joinedload(cls.event), ticket.joinedload(Ticket.customer)]

    @classmethod
    def foresee(cls, rows: Sequence["Delivery"]) -> None:
        """Look up together what each letter will ask for."""
        Suppression.foresee({row.address for row in rows})
        for kind in ("customer", "user"):
            MailPreference.foresee(kind, {row.recipient_id for row in rows if row.recipient_kind == kind})
        CustomerLink.foresee({row.ticket_id for row in rows if row.recipient_kind == "customer"})
        PublicMessage.foresee({row.event.data["message"] for row in rows if "message" in row.event.data})

    def _lost_its_message(self) -> bool:
        """Whether what it would quote was removed."""
        event, ticket = db.session.get_one(Event, self.event_id), db.session.get_one(Ticket, self.ticket_id)
        if event.name == "ticket.resolved" and not ticket.resolution_note:
            return True
        if "message" not in event.data or "message_text" not in KINDS[self.template].placeholders:
            return False
        return PublicMessage.find(event.data["message"]) is None

    def was_changed(self) -> None:
        """What cannot be delivered is said on its ticket; how many were is counted on its page."""
        if self.state != "leased":
            live.nudge(f"ticket.{self.ticket_id}")
        if self.state == "failed":
            said = {"delivery": self.id, "to": self.recipient_kind, "kind": self.template}
            record("mail.failed", on=self, by=mailer, **said)

    @classmethod
    def seen_by(cls, viewer: User, delivery_id: int) -> "Delivery | None":
        """One about a ticket that a user sees."""
        tickets = Ticket.visible_to(viewer).with_only_columns(Ticket.id)
        return db.session.scalar(select(cls).where(cls.id == delivery_id, cls.ticket_id.in_(tickets)))

    def skip(self, why: str) -> None:
        """It is not sent; the log says why."""
        self.state, self.error, self.next_at = "skipped", why, None
        live.nudge(f"ticket.{self.ticket_id}")

    def unsubscribe(self) -> None:
        """The recipient wants no more of this kind; of a batch, of each kind that was told in it."""
        for row in [self, *(other for other in self._told_together() if other is not self)]:
            MailPreference.refuse(row.recipient_kind, row.recipient_id, row.template, row.ticket_id)

    def _told_together(self) -> list["Delivery"]:
        return [row for row in self.batch.deliveries if row.state == "sent"] if self.batch else []


def _due_to_customer(topic: PreferenceTopic, since: datetime) -> datetime:
    """A reply never waits longer than the window; what answers him at once does not wait at all."""
    window = Organizer.present().mail_window_seconds if topic.channel == BATCHED else 0
    return since + timedelta(seconds=window)
