"""What is somebody's own (`owner_id`), a team's (`group_id`), or everybody's (neither): who finds it, who edits it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, or_, select

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core.db import db


class Sharing:
    """The trait of texts and steps that agents keep for themselves or share."""

    if TYPE_CHECKING:
        id: Any
        owner_id: Any
        group_id: Any
        used_count: Any
        archived_at: Any

    @classmethod
    def usable_by(cls, user: User) -> Select[Any]:
        """His own, those of his teams, and everybody's, that are in use; most used first."""
        return cls._his(user).where(cls.archived_at.is_(None))

    @classmethod
    def seen_by(cls, user: User) -> Select[Any]:
        """What the settings show him, archived ones too: everything to a manager."""
        if user.is_at_least("manager"):
            return select(cls).order_by(cls.used_count.desc(), cls.id)
        return cls._his(user)

    @classmethod
    def _his(cls, user: User) -> Select[Any]:
        everybodys = and_(cls.owner_id.is_(None), cls.group_id.is_(None))
        his = or_(cls.owner_id == user.id, cls.group_id.in_(Group.ids_of(user.id)), everybodys)
        return select(cls).where(his).order_by(cls.used_count.desc(), cls.id)

    def may_be_edited_by(self, user: User, groups: set[int] | None = None) -> bool:
        """A manager edits all, an agent his own and those of his teams; `groups` are their ids, where known."""
        if user.is_at_least("manager") or self.owner_id == user.id:
            return True
        own = set(db.session.scalars(Group.ids_of(user.id))) if groups is None else groups
        return self.group_id is not None and self.group_id in own

    @property
    def scope(self) -> str:
        """Whose it is, as the form says it: `own`, `all` or the id of a team."""
        return "own" if self.owner_id else str(self.group_id or "all")
