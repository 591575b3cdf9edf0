"""The merchant: a shop of an organizer, and the numbers of its tickets."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, holds_everything
from helpdesk.core.events import Actor, record
from helpdesk.core.tenancy import Tenanted


class Merchant(Tenanted, Model):
    """A shop. Every ticket, customer and form belongs to exactly one."""

    __tablename__ = "merchants"
    __table_args__ = (UniqueConstraint("organizer_id", "prefix"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(10))  # ASCII capitals and digits, begins the ticket numbers
    default_language: Mapped[str] = mapped_column(String(2), default="en")
    brand_colour: Mapped[str | None] = mapped_column(String(7))
    last_serial: Mapped[int] = mapped_column(default=0)
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    auto_reply_en: Mapped[str | None] = mapped_column(Text)  # said by itself to a new request; empty: nothing
    auto_reply_vi: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    def auto_reply_in(self, language: str) -> str | None:
        """What is said by itself to a new request, in its language or the other one; None for nothing."""
        halves = [self.auto_reply_en, self.auto_reply_vi]
        own, other = reversed(halves) if language == "vi" else halves
        return own or other

    def reply_by_itself(self, english: str, vietnamese: str, *, by: Actor) -> None:
        """Say what a new request is answered by itself; nothing in both languages: it is not. Twice changes nothing."""
        halves = {"auto_reply_en": english or None, "auto_reply_vi": vietnamese or None}
        changed = [name for name, new in halves.items() if (getattr(self, name) or None) != new]
        for name in changed:
            setattr(self, name, halves[name])
        if changed:
            told = {"merchant": self.id, "called": self.name, "parts": changed}
            record("merchant.auto_reply_changed", on=None, by=by, **told)

    def lock(self) -> None:
        """Make others who want a number of this merchant wait until the transaction ends."""
        if not holds_everything():
            db.session.execute(
                select(Merchant.id).where(Merchant.id == self.id).with_for_update(key_share=True)
            )

    def next_serial(self) -> int:
        """Take the next ticket number. The row stays locked until the transaction ends, so none is used twice."""
        taken = (
            update(Merchant)
            .where(Merchant.id == self.id)
            .values(last_serial=Merchant.last_serial + 1)
            .returning(Merchant.last_serial)
            .execution_options(synchronize_session=False)
        )
        return db.session.execute(taken).scalar_one()
