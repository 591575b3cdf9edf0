"""Groups of agents, with a lead. Membership ends, and is never removed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted


class Group(Tenanted, Model):
    """Users who share a kind of work."""

    __tablename__ = "groups"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    lead_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")

    @classmethod
    def on_offer(cls) -> Select[tuple["Group"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)

    @classmethod
    def ids_of(cls, user_id: int) -> Select[tuple[int]]:
        """Ids of the groups that a user belongs to."""
        own = select(GroupMember.group_id).where(GroupMember.user_id == user_id)
        return own.where(GroupMember.removed_at.is_(None))


class GroupMember(Tenanted, Model):
    """A user in a group."""

    __tablename__ = "group_members"
    __table_args__ = (UniqueConstraint("group_id", "user_id"),)

    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("groups.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
