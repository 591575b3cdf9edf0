"""Groups of agents, with a lead. Membership ends, and is never removed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User, workers_of
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
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
    version: Mapped[int] = mapped_column(default=1)

    name = Localized("name")

    @property
    def names(self) -> dict[str, str]:
        """Its name in both languages, as events keep it."""
        return {"en": self.name_en or "", "vi": self.name_vi or ""}

    @classmethod
    def on_offer(cls) -> Select[tuple["Group"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.archived_at.is_(None)).order_by(cls.id)

    @classmethod
    def ids_of(cls, user_id: int) -> Select[tuple[int]]:
        """Ids of the groups that a user belongs to."""
        own = select(GroupMember.group_id).where(GroupMember.user_id == user_id)
        return own.where(GroupMember.removed_at.is_(None))

    @classmethod
    def with_some_of(cls, user_ids: Select[tuple[int]]) -> Select[tuple[int]]:
        """Ids of the groups in which there is one of these users."""
        some = select(GroupMember.group_id).where(GroupMember.user_id.in_(user_ids))
        return some.where(GroupMember.removed_at.is_(None))

    def has(self, user_id: int) -> bool:
        """Whether a user belongs to it."""
        return db.session.scalar(self.member_ids(self.id).where(GroupMember.user_id == user_id)) is not None

    def can_have(self, merchant_id: int) -> bool:
        """Whether somebody in it works for a merchant."""
        working = workers_of(merchant_id).where(User.id.in_(self.member_ids(self.id)))
        return db.session.scalar(working.with_only_columns(User.id).order_by(None).limit(1)) is not None

    @classmethod
    def working_for(cls, merchant_id: int, group_id: int | None) -> "Group | None":
        """The group with this id, if it is in use and somebody in it works for a merchant."""
        group = db.session.get(cls, group_id) if group_id else None
        return group if group and group.archived_at is None and group.can_have(merchant_id) else None

    @classmethod
    def member_ids(cls, group_id: int) -> Select[tuple[int]]:
        """Ids of the users who belong to a group."""
        members = select(GroupMember.user_id).where(GroupMember.group_id == group_id)
        return members.where(GroupMember.removed_at.is_(None))


class GroupMember(Tenanted, Model):
    """A user in a group."""

    __tablename__ = "group_members"
    __table_args__ = (UniqueConstraint("group_id", "user_id"),)

    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("groups.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
