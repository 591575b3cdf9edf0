"""The customer: a person who asks a merchant for help; has no password."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import record
from helpdesk.core.fulltext import folded
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.merchant import Merchant

FOUND = 8  # are offered at once
LOOKED_AT = 40
LONGEST_FOLDED = 500


def _found_by(name: str, email: str) -> str:
    """A few letters become several when their marks are taken off: what no longer fits is cut."""
    return folded(f"{name} {email}")[:LONGEST_FOLDED]


def _folded_row(context: Any) -> str:
    row = context.get_current_parameters()
    return _found_by(row["name"], row["email"])


class Customer(Tenanted, Model):
    """Identified by his address within one merchant."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("merchant_id", "email"), Index("ix_customers_email", "email"))

    id: Mapped[Id]
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    email: Mapped[str] = mapped_column(String(254))  # lower case
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2), default="en")
    external_id: Mapped[str | None] = mapped_column(String(100))
    is_vip: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str] = mapped_column(
        String(LONGEST_FOLDED), default=_folded_row
    )  # name and address, `folded`
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    merchant: Mapped[Merchant] = relationship()

    @classmethod
    def find_or_create(
        cls, merchant: Merchant, *, email: str, name: str, language: str, **more: str | None
    ) -> "Customer":
        """The merchant's customer with this address. Two requests at once end with one customer."""
        email = email.strip().lower()
        same = select(cls).where(cls.merchant_id == merchant.id, cls.email == email)
        customer = db.session.scalar(same)
        if customer is None:
            fresh = cls(
                merchant_id=merchant.id, email=email, name=name, language=language, is_vip=False, **more
            )
            customer = fresh if add_once(fresh) else db.session.scalars(same).one()
        return customer

    def learn(self, **facts: str | None) -> None:
        """Take over what is known about him now, such as `name`. Nothing said, nothing changed.

        His tickets are found by it a little later.
        """
        changed = [fact for fact, value in facts.items() if value and value != getattr(self, fact)]
        for fact in changed:
            setattr(self, fact, facts[fact])
        if changed:
            record("customer.changed", on=None, by=self, customer=self.id, changed=sorted(changed))

    def is_now_vip(self, vip: bool) -> None:
        """The merchant says whether he is one. What is new is written down."""
        if vip != self.is_vip:
            self.is_vip = vip
            record("customer.changed", on=None, by=self, customer=self.id, changed=["is_vip"])

    @validates("name", "email")
    def _refold(self, attribute: str, value: str) -> str:
        """What he is found by follows his name."""
        parts = {"name": self.name or "", "email": self.email or "", attribute: value}
        self.search_text = _found_by(**parts)
        return value

    @classmethod
    def matching(cls, merchant: Merchant, words: str) -> Sequence["Customer"]:
        """Customers of a merchant by a part of name or address, marks or not; who is written just so comes first."""
        found = select(cls).where(cls.merchant_id == merchant.id, cls.deleted_at.is_(None))
        for word in folded(words).split()[:6]:
            found = found.where(cls.search_text.contains(word, autoescape=True))
        rows = db.session.scalars(found.order_by(cls.name, cls.id).limit(LOOKED_AT)).all()
        wanted = words.lower()
        return sorted(rows, key=lambda row: wanted not in f"{row.name} {row.email}".lower())[:FOUND]

    @classmethod
    def named(cls, merchant: Merchant, name: str) -> list["Customer"]:
        """Those whose name is this one, marks or not."""
        return [row for row in cls.matching(merchant, name) if folded(row.name) == folded(name)]

    @property
    def actor(self) -> dict[str, Any]:
        """How events name him."""
        return {"kind": "customer", "id": self.id, "name": self.name}

    @property
    def masked_email(self) -> str:
        """`b•••@example.com`: enough to recognise, not enough to learn."""
        local, _, domain = self.email.partition("@")
        return f"{local[:1]}•••@{domain}"
