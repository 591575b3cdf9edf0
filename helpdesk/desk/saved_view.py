"""Saved views: a view of the queue with filters and an order, under a name; somebody's own or a team's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import ForeignKey, Select, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.tenancy import Tenanted
from helpdesk.desk.filters import Filters
from helpdesk.desk.queries import VIEWS, View
from helpdesk.desk.saved_view_place import SavedViewPlace
from helpdesk.organizers.organizer import Organizer

MOST = 30  # of one person, and of one team
BESIDE = 12  # stand beside the list; the others have a page


class SavedView(Tenanted, Model):
    """Somebody's own (`group_id` is empty), or a team's, then with the name of who saved it.

    It holds what its address says and no ticket: who opens it finds what he himself may see.
    """

    __tablename__ = "saved_views"

    id: Mapped[Id]
    owner_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"), index=True)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    view: Mapped[str] = mapped_column(String(20))
    query: Mapped[str] = mapped_column(String(2000), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    owner: Mapped[User] = relationship(viewonly=True)
    group: Mapped[Group | None] = relationship(viewonly=True)
    __mapper_args__ = {"version_id_col": version}

    @property
    def base(self) -> View:
        """The view of the queue that it narrows."""
        return VIEWS.get(self.view, VIEWS["all"])

    @property
    def filters(self) -> Filters:
        """What it narrows it to."""
        return Filters.of(dict(parse_qsl(self.query)))

    @property
    def key(self) -> str:
        """What it is called among the views of the queue."""
        return f"saved-{self.id}"

    @classmethod
    def seen_by(cls, user: User) -> Select[tuple["SavedView"]]:
        """His own and those of his teams; of all teams for a manager."""
        of_teams = cls.group_id.is_not(None) if user.is_at_least("manager") else _of_teams_of(user)
        seen = select(cls).where(or_(and_(cls.owner_id == user.id, cls.group_id.is_(None)), of_teams))
        place = and_(SavedViewPlace.saved_view_id == cls.id, SavedViewPlace.user_id == user.id)
        seen = seen.outerjoin(SavedViewPlace, place).options(joinedload(cls.owner), joinedload(cls.group))
        pinned = func.coalesce(SavedViewPlace.position, SavedViewPlace.LAST)
        return seen.order_by(pinned, cls.id)

    @classmethod
    def beside(cls, user: User) -> Sequence["SavedView"]:
        """What stands beside the list: pinned ones in his order, then the others. A manager pins other teams'."""
        own = or_(cls.group_id.is_(None), _of_teams_of(user), SavedViewPlace.position.is_not(None))
        return db.session.scalars(cls.seen_by(user).where(cls.archived_at.is_(None), own).limit(BESIDE)).all()

    @classmethod
    def find(cls, id_: int, user: User, *, lock: bool = False) -> "SavedView | None":
        """One through its viewer, archived or not."""
        seen = cls.seen_by(user).where(cls.id == id_)
        return db.session.scalar(seen.with_for_update(of=cls, key_share=True) if lock else seen)

    @classmethod
    def create(cls, values: Mapping[str, Any], *, by: User) -> "SavedView":
        """Save a list under a name: `name_en name_vi group_id view query`."""
        row = cls(owner_id=by.id, **values)
        row._refuse_place(by, row.group_id)
        db.session.add(row)
        db.session.flush()
        record("view.created", on=None, by=by, **row._said)
        return row

    def change(self, values: Mapping[str, Any], *, by: User) -> None:
        """Another name, another team, another list; what is the same stays unsaid."""
        self.refuse_others(by)
        changes = {
            name: [getattr(self, name), new] for name, new in values.items() if getattr(self, name) != new
        }
        if not changes:
            return
        if "group_id" in changes:
            self._refuse_place(by, values["group_id"])
        for name, (_old, new) in changes.items():
            setattr(self, name, new)
        self.updated_at = clock.now()
        record("view.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: User) -> None:
        """Beside nobody's list any more."""
        self.refuse_others(by)
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("view.archived", on=None, by=by, **self._said)

    def restore(self, *, by: User) -> None:
        """There again."""
        self.refuse_others(by)
        if self.archived_at is not None:
            self._refuse_place(by, self.group_id)
            self.archived_at = None
            record("view.restored", on=None, by=by, **self._said)

    def may_be_edited_by(self, user: User) -> bool:
        """His own; a team's by who may make it."""
        return self.owner_id == user.id if self.group_id is None else self.may_be_made_by(user, self.group)

    @staticmethod
    def may_be_made_by(user: User, group: Group | None) -> bool:
        """Anybody's own; a team's by who leads it, and by managers."""
        return group is None or user.is_at_least("manager") or group.lead_id == user.id

    def refuse_others(self, by: User) -> None:
        """Raise NotAllowed for who only uses it."""
        if not self.may_be_edited_by(by):
            raise NotAllowed(_("Only who leads the team, or a manager, may change this view."))

    def readers(self) -> Select[tuple[int]]:
        """Ids of those who have it beside their lists."""
        if self.group_id is None:
            return select(User.id).where(User.id == self.owner_id)
        pinned = select(SavedViewPlace.user_id).where(
            SavedViewPlace.saved_view_id == self.id, SavedViewPlace.position.is_not(None)
        )
        return select(User.id).where(or_(User.id.in_(Group.member_ids(self.group_id)), User.id.in_(pinned)))

    def _refuse_place(self, by: User, group_id: int | None) -> None:
        """Teams' views are made by who leads them; nobody has more than can be looked through."""
        group = db.session.get(Group, group_id) if group_id else None
        if not self.may_be_made_by(by, group):
            raise NotAllowed(_("Only who leads the team, or a manager, may change this view."))
        Organizer.lock()
        alike = SavedView.group_id == group_id if group else _own(self.owner_id)
        used = select(func.count()).where(
            alike, SavedView.archived_at.is_(None), SavedView.id != (self.id or 0)
        )
        if (db.session.scalar(used) or 0) >= MOST:
            raise Refusal(_("There are %(n)s saved views already. Archive one first.", n=MOST))

    @property
    def _said(self) -> dict[str, Any]:
        return {"view": self.id, "called": {"en": self.name_en or "", "vi": self.name_vi or ""}}


def _own(owner_id: int) -> Any:
    return and_(SavedView.owner_id == owner_id, SavedView.group_id.is_(None))


def _of_teams_of(user: User) -> Any:
    return SavedView.group_id.in_(Group.ids_of(user.id))
