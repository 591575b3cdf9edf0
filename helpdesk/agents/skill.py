"""Skills: what a request may need and an agent may have."""

from datetime import datetime

from sqlalchemy import Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import Id, Model
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted


class Skill(Tenanted, Model):
    """Something that not everybody can do."""

    __tablename__ = "skills"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    name = Localized("name")

    @classmethod
    def on_offer(cls) -> Select[tuple["Skill"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)
