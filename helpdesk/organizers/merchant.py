"""The merchant: a shop of an organizer, and the numbers of its tickets."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, holds_everything
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer

VALUES = ("name", "default_language", "contact_en", "contact_vi")


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
    contact_en: Mapped[str | None] = mapped_column(Text)  # how to reach it while its form is off
    contact_vi: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]  # takes no new requests; those that it has go on
    version: Mapped[int] = mapped_column(default=1)

    contact = Localized("contact")

    @classmethod
    def locked(cls, merchant_id: int) -> "Merchant | None":
        """One that is about to be changed, while nobody else changes any."""
        Organizer.lock()
        own = select(cls).where(cls.id == merchant_id, cls.deleted_at.is_(None))
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, values: dict[str, Any], *, by: Actor) -> "Merchant":
        """A new shop. Its prefix begins the numbers of its tickets and is never changed. Raises `Refusal`."""
        Organizer.lock()
        if db.session.scalar(select(cls.id).where(cls.prefix == values["prefix"])) is not None:
            raise Refusal(_("There is a store with the prefix %(prefix)s already.", prefix=values["prefix"]))
        shop = cls(
            prefix=values["prefix"], last_serial=0, version=1, **{name: values[name] for name in VALUES}
        )
        db.session.add(shop)
        db.session.flush()
        record("merchant.created", on=None, by=by, **shop._said, prefix=shop.prefix)
        return shop

    def change(self, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of the editor; what is the same stays unsaid."""
        changes = {
            name: [getattr(self, name), values[name]] for name in VALUES if getattr(self, name) != values[name]
        }  # fmt: skip
        if not changes:
            return
        for name in changes:
            setattr(self, name, values[name])
        self.version += 1
        record("merchant.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: Actor) -> None:
        """It takes no new requests any more; those that it has go on."""
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("merchant.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """It takes new requests again."""
        if self.archived_at is not None:
            self.archived_at = None
            record("merchant.restored", on=None, by=by, **self._said)

    @property
    def _said(self) -> dict[str, Any]:
        return {"merchant": self.id, "called": self.name}

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
