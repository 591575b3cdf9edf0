"""The batch: what waits for one recipient until its window closes, and then leaves as one mail.

It is opened by the first thing in it, and its row is the lease of all: whoever sends holds this row alone. Its
deliveries have no instant of their own; whatever becomes of the batch is written into each of them with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db, partial_index, wait_in_line
from helpdesk.core.tenancy import Tenanted, present_organizer
from helpdesk.notifications.audience import Recipient
from helpdesk.notifications.batch_letter import BatchLetter, batch_message_id
from helpdesk.notifications.letter import Letter
from helpdesk.notifications.sending import Sending, Written, alarm
from helpdesk.tickets.customer_link import CustomerLink

if TYPE_CHECKING:
    from helpdesk.notifications.delivery import Delivery

_SHARED = ("state", "attempts", "fence", "is_uncertain", "smtp_answer", "error", "sent_at")
UNDECIDED = ("queued", "leased", "uncertain")


class Batch(Sending, Tenanted, Model):
    """Deliveries to one recipient that leave together. Its states are theirs; `skipped`: none of them was left."""

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("organizer_id", "slot"),
        partial_index(
            "ix_batches_due", "organizer_id", "next_at", "via_merchant_id", where="next_at IS NOT NULL"
        ),
    )

    id: Mapped[Id]
    recipient_kind: Mapped[str] = mapped_column(String(10))
    recipient_id: Mapped[int] = mapped_column(BigId)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    slot: Mapped[str | None] = mapped_column(String(40))  # for whom it is open; None once it is closed
    opened_at: Mapped[datetime]
    message_id: Mapped[str | None] = mapped_column(String(300))  # of the mail, once one was written
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    begun: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None]  # when it closes, may be tried again, or its lease ends
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    smtp_answer: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None]
    via_merchant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("merchants.id"))

    deliveries: Mapped[list["Delivery"]] = relationship(
        back_populates="batch", order_by="Delivery.id", viewonly=True
    )

    @classmethod
    def begin(cls) -> None:
        """Let nobody else of the organizer gather before this transaction ends.

        Whoever gathers about several events holds several people's batches, in no order that others keep to.
        """
        wait_in_line("batches", present_organizer() or 0)

    @classmethod
    def gather(cls, recipient: Recipient, since: datetime, due: datetime) -> "Batch":
        """The open batch for something that happened at an instant and is to leave at another; held.

        It counts when things happened: one that a worker comes to late is with those that happened beside it.
        """
        slot = _slot(recipient.kind, recipient.id, recipient.language)
        while True:
            batch = cls._open(slot)
            if batch and batch.next_at and since < batch.next_at:
                batch.next_at = min(batch.next_at, due)
                alarm.set(batch.next_at)
                return batch
            if batch:  # its window is over, and nobody has sent it yet
                batch.slot = None
                db.session.flush()
            fresh = cls(
                recipient_kind=recipient.kind, recipient_id=recipient.id, address=recipient.address,
                language=recipient.language, slot=slot, opened_at=since, next_at=due, state="queued", attempts=0,
                fence=0, begun=0, is_uncertain=False, via_merchant_id=recipient.merchant_id,
            )  # fmt: skip
            if add_once(fresh):
                alarm.set(due)
                return fresh

    @classmethod
    def move(cls, user_id: int, due: Callable[[datetime, datetime], datetime]) -> None:
        """A user's open batch closes at another instant: worked out from when it was opened and was to close."""
        batch = cls._open(_slot("user", user_id, ""))
        if batch and batch.next_at:
            batch.next_at = due(batch.opened_at, batch.next_at)
            alarm.set(batch.next_at)

    @classmethod
    def _open(cls, slot: str) -> "Batch | None":
        mine = select(cls).where(cls.slot == slot).with_for_update(key_share=True)
        return db.session.scalar(mine.execution_options(populate_existing=True))

    def letter(self) -> Written:
        """One mail about what is still worth telling; none if nothing is.

        A single thing is told as the mail of its own kind. Once a mail may have been sent, its Message-ID stays.
        """
        dropped = {row.id: why for row in self._undecided() if (why := row.why_stale())}
        left = [row for row in self._undecided() if row.id not in dropped]
        if not left:
            return Written(None, dropped)
        own = left[0].message_id if len(left) == 1 else batch_message_id(self)
        message_id = self.message_id if self.message_id and self.is_uncertain else own
        mail = Letter(left[0]).mail() if len(left) == 1 else BatchLetter(self, left).mail()
        return Written(replace(mail, message_id=message_id), dropped)

    def settle(self, written: Written) -> None:
        """Take over what was found out when it was written."""
        for row in self._undecided():
            if row.id in written.dropped:
                row.skip(written.dropped[row.id])
        if written.mail:
            self.message_id = written.mail.message_id
        else:
            self.state, self.error, self.next_at = "skipped", "nothing is left to tell", None

    @classmethod
    def prepare(cls, rows: Sequence["Batch"]) -> None:
        """Customers' mails hold the link to their ticket's page."""
        told = [row for batch in rows if batch.recipient_kind == "customer" for row in batch.deliveries]
        CustomerLink.see_to({row.ticket_id for row in told})

    @classmethod
    def along(cls, noting: bool) -> list[Any]:
        """What is loaded with them."""
        from helpdesk.notifications.delivery import Delivery  # it knows this noun

        return [selectinload(cls.deliveries).options(*Delivery.along(noting))]

    @classmethod
    def foresee(cls, rows: Sequence["Batch"]) -> None:
        """Look up together what each letter will ask for."""
        from helpdesk.notifications.delivery import Delivery

        Delivery.foresee([delivery for batch in rows for delivery in batch.deliveries])

    def was_changed(self) -> None:
        """Closed, if it was open, and every delivery that waits with it says so."""
        self.slot = None
        for row in self._undecided():
            for name in _SHARED:
                setattr(row, name, getattr(self, name))
            row.was_changed()

    def _undecided(self) -> list["Delivery"]:
        return [row for row in self.deliveries if row.state in UNDECIDED]


def _slot(kind: str, id: int, language: str) -> str:
    """One open batch for each user and, in each language in which he wrote, each customer."""
    return f"customer.{id}.{language}" if kind == "customer" else f"user.{id}"
