"""Groups of agents, with a lead. Membership ends, and is never removed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User, refuse_all_but_managers, workers_of
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.naming import HALVES, refuse_taken_names
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer


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

    @classmethod
    def locked(cls, group_id: int) -> "Group | None":
        """One that is about to be changed, while nobody else changes it."""
        own = select(cls).where(cls.id == group_id).with_for_update(key_share=True)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, values: Mapping[str, Any], *, by: Actor) -> "Group":
        """A new one with its members and, perhaps, its lead (AGT-004)."""
        refuse_all_but_managers(by)
        group = cls(name_en=values["name_en"], name_vi=values["name_vi"], version=1)
        group._check_names(values)
        db.session.add(group)
        db.session.flush()
        group._take_over({"member_ids": [], "lead_id": None}, values)
        record("group.created", on=None, by=by, **group._said, members=group.values["member_ids"])
        return group

    @property
    def values(self) -> dict[str, Any]:
        """What can be changed, as `change` takes it."""
        members = sorted(db.session.scalars(self.member_ids(self.id)))
        return {
            "name_en": self.name_en,
            "name_vi": self.name_vi,
            "lead_id": self.lead_id,
            "member_ids": members,
        }

    def change(self, values: Mapping[str, Any], *, by: Actor) -> None:
        """Take over values of a form; what is the same stays unsaid. The caller holds the row."""
        refuse_all_but_managers(by)
        before = self.values
        changes = {name: [before[name], value] for name, value in values.items() if before[name] != value}
        if changes:
            self._check_names({name: new for name, (_old, new) in changes.items()})
            self._take_over(before, values)
            self.version += 1
            record("group.changed", on=None, by=by, **self._said, changes=changes)

    @classmethod
    def place(cls, user_id: int, group_ids: Collection[int], *, by: Actor) -> None:
        """Let somebody belong to exactly these groups; each that he comes into or leaves says so."""
        own = set(db.session.scalars(cls.ids_of(user_id)))
        for group_id in sorted(own ^ set(group_ids)):
            if group := cls.locked(group_id):
                members = {*group.values["member_ids"]} ^ {user_id}
                group.change({"member_ids": sorted(members)}, by=by)

    def archive(self, *, by: Actor) -> None:
        """Offer it no more. Its tickets stay with it, and its members in it."""
        refuse_all_but_managers(by)
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("group.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Offer it again."""
        refuse_all_but_managers(by)
        if self.archived_at is not None:
            self._check_names({"name_en": self.name_en, "name_vi": self.name_vi})
            self.archived_at = None
            record("group.restored", on=None, by=by, **self._said)

    def _check_names(self, new: Mapping[str, Any]) -> None:
        """Refuse names of others that are in use, while nobody else gives one."""
        if new.keys() & set(HALVES):
            Organizer.lock()
            refuse_taken_names(db.session.scalars(self.on_offer().where(Group.id != (self.id or 0))), new)

    @property
    def _said(self) -> dict[str, Any]:
        return {"group": self.id, "called": self.names}

    def _take_over(self, before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        new = {**before, **values}
        came = set(new["member_ids"]) - set(before["member_ids"])
        active = select(User.id).where(User.id.in_(came), User.is_active)
        if len(db.session.scalars(active).all()) < len(came):
            raise Refusal(_("Only active users can be members."))
        if new["lead_id"] is not None and new["lead_id"] not in new["member_ids"]:
            raise Refusal(_("“%(name)s” is led by a member. Choose another lead first.", name=self.name))
        for name in values.keys() - {"member_ids"}:
            setattr(self, name, values[name])
        GroupMember.set(self.id, new["member_ids"])


class GroupMember(Tenanted, Model):
    """A user in a group."""

    __tablename__ = "group_members"
    __table_args__ = (UniqueConstraint("group_id", "user_id"),)

    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("groups.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @classmethod
    def set(cls, group_id: int, user_ids: Collection[int]) -> None:
        """Let a group have exactly these members."""
        own = {row.user_id: row for row in db.session.scalars(select(cls).where(cls.group_id == group_id))}
        for user_id, row in own.items():
            row.removed_at = None if user_id in user_ids else row.removed_at or clock.now()
        db.session.add_all(
            cls(group_id=group_id, user_id=user_id) for user_id in user_ids if user_id not in own
        )
        db.session.flush()
