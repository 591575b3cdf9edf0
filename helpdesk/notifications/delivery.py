"""The delivery: one mail, to one recipient, about one event. Its row is the plan, the lease and the log."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, add_once, db, partial_index
from helpdesk.core.events import Event
from helpdesk.core.tenancy import Tenanted, count_everywhere
from helpdesk.notifications.audience import Audience, Recipient
from helpdesk.notifications.letter import message_id, thread_id
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_preference import MailPreference
from helpdesk.notifications.sending import Sending
from helpdesk.tickets.public_message import PublicMessage
from helpdesk.tickets.ticket import Ticket

MOST_PER_HOUR = 20  # mails to one address, of the whole installation, that a stranger could cause


class Delivery(Sending, Tenanted, Model):
    """What is told to one recipient.

    `state`: queued, leased (somebody is sending it), sent, failed (see `error`), skipped (see `error`), or
    uncertain: an answer was lost, it may have been sent, and it will be sent again under the same Message-ID.
    `is_uncertain` stays true afterwards: there may be two copies of this one.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient_kind", "recipient_id", "channel"),
        partial_index("ix_deliveries_due", "organizer_id", "next_at", where="next_at IS NOT NULL"),
        Index("ix_deliveries_address", "address", "created_at"),
        Index("ix_deliveries_ticket", "ticket_id", "id"),
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
    next_at: Mapped[datetime | None]  # when it may be tried, or its lease ends; None: nothing to do
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    smtp_answer: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(200))  # why it failed or was skipped
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    ticket: Mapped[Ticket] = relationship()

    @classmethod
    def plan(cls, event: Event) -> bool:
        """Write down who is to be told of an event, once. Answers whether there is something to send."""
        audience = Audience(event)
        rows = [cls._for(event, audience.ticket, recipient) for recipient in audience.recipients()]
        added = [row for row in rows if add_once(row)]
        return any(row.state == "queued" for row in added)

    @classmethod
    def _for(cls, event: Event, ticket: Ticket, recipient: Recipient) -> "Delivery":
        short, now = f"{recipient.kind[0]}{recipient.id}", clock.now()
        is_first = event.name == "ticket.created"  # it begins the thread in the reader's mail program
        row = cls(
            event_id=event.id, ticket_id=ticket.id, recipient_kind=recipient.kind, recipient_id=recipient.id,
            channel="mail", address=recipient.address, language=recipient.language, reason=recipient.reason,
            template=f"{event.name}.{recipient.kind}", state="queued", attempts=0, fence=0, is_uncertain=False,
            message_id=thread_id(ticket.number, ticket.id, short) if is_first
            else message_id(ticket.number, event.id, short), created_at=now, next_at=now,
        )  # fmt: skip
        if unwanted := row.why_not(ticket) or cls._flood(event, recipient):
            row.skip(unwanted)
        return row

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
    def recipient(self) -> str:
        """`c5`, `u7`: the recipient in a Message-ID."""
        return f"{self.recipient_kind[0]}{self.recipient_id}"

    def why_not(self, ticket: Ticket) -> str | None:
        """Why it is not to be sent after all; asked when it is planned and again before it is sent."""
        if ticket.deleted_at:
            return "the ticket was deleted"
        if self.recipient_kind == "user" and not db.session.get_one(User, self.recipient_id).is_active:
            return "the user is not active"
        if MailPreference.refuses(self.recipient_kind, self.recipient_id, self.template, ticket.id):
            return "unsubscribed"
        if self._lost_its_message():
            return "the message was removed"
        return None

    def _lost_its_message(self) -> bool:
        """Whether what it would quote was removed."""
        event, ticket = db.session.get_one(Event, self.event_id), db.session.get_one(Ticket, self.ticket_id)
        if event.name == "ticket.resolved" and not ticket.resolution_note:
            return True
        if "message" not in event.data or "message_text" not in KINDS[self.template].placeholders:
            return False
        return not db.session.scalar(
            select(PublicMessage.id).where(PublicMessage.id == event.data["message"])
        )

    def skip(self, why: str) -> None:
        """It is not sent; the log says why."""
        self.state, self.error, self.next_at = "skipped", why, None

    def unsubscribe(self) -> None:
        """The recipient wants no more of this kind."""
        MailPreference.refuse(self.recipient_kind, self.recipient_id, self.template, self.ticket_id)
