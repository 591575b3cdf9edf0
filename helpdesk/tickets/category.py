"""Categories: what a request is about. A tree; what a category leaves empty it takes from its parent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted


class Category(Tenanted, Model):
    """One kind of request of an organizer."""

    __tablename__ = "categories"

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"))
    position: Mapped[int] = mapped_column(default=0)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    default_priority: Mapped[str | None] = mapped_column(String(10))
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    required_skills: Mapped[list[Any]] = mapped_column(default=list)  # [{"skill": id, "level": 1 to 5}]
    merchant_ids: Mapped[list[Any]] = mapped_column(default=list)  # empty: for every merchant
    is_on_form: Mapped[bool] = mapped_column(default=True)  # whether customers can choose it
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def on_offer(cls) -> Select[tuple["Category"]]:
        """What can be chosen for a new ticket."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.position, cls.id)
