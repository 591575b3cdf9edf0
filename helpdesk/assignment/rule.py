"""Assignment rules: which agents may get a ticket, and how one of them is chosen."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import Id, Model, db
from helpdesk.core.i18n import Localized
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable

SHIPPED_KEY = "shipped"


class Rule(Shippable, Model):
    """The first rule that has an eligible agent wins. Conditions are empty: every ticket."""

    __tablename__ = "assignment_rules"

    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(String(40), unique=True)  # of shipped ones
    position: Mapped[int] = mapped_column(default=0)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    strategy: Mapped[str] = mapped_column(String(30), default="load_balanced")
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    name = Localized("name")

    @classmethod
    def in_force(cls) -> list["Rule"]:
        """The organizer's rules in their order, the shipped one last."""
        on = select(cls).where(cls.is_on, cls.deleted_at.is_(None))
        return list(db.session.scalars(on.order_by(cls.organizer_id.is_(None), cls.position, cls.id)))


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped rule is there. Twice changes nothing."""
    if not db.session.scalar(select(Rule.id).where(Rule.key == SHIPPED_KEY)):
        db.session.add(
            Rule(
                key=SHIPPED_KEY, strategy="load_balanced", conditions={},
                name_en="Whoever of the merchant's agents has the most room",
                name_vi="Nhân viên của cửa hàng còn nhiều chỗ trống nhất",
            )
        )  # fmt: skip
