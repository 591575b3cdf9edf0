"""Where somebody has pinned a saved view among his others. Taken off, never removed."""

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import live
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted


class SavedViewPlace(Tenanted, Model):
    """A pin of one person; without a position it was taken off."""

    __tablename__ = "saved_view_places"
    __table_args__ = (UniqueConstraint("user_id", "saved_view_id"),)
    LAST = 1_000_000  # behind everything that is pinned

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    saved_view_id: Mapped[int] = mapped_column(BigId, ForeignKey("saved_views.id"), index=True)
    position: Mapped[int | None]

    @classmethod
    def pin(cls, saved_view_id: int, *, by: User) -> None:
        """Among the first, behind those that are there."""
        own = cls._all_of(by)
        row = own.get(saved_view_id) or cls(user_id=by.id, saved_view_id=saved_view_id)
        if row.position is None:
            row.position = 1 + max((one.position or 0 for one in own.values()), default=0)
            db.session.add(row)
            db.session.flush()
            _ring(by)

    @classmethod
    def unpin(cls, saved_view_id: int, *, by: User) -> None:
        """Behind the pinned ones again."""
        if (row := cls._all_of(by).get(saved_view_id)) and row.position is not None:
            row.position = None
            _ring(by)

    @classmethod
    def step(cls, saved_view_id: int, by_places: int, *, by: User) -> None:
        """Change places with the one before (-1) or after it (1); at the end nothing happens."""
        pinned = [row for row in cls._all_of(by).values() if row.position is not None]
        pinned.sort(key=lambda row: (row.position, row.id))
        at = next((n for n, row in enumerate(pinned) if row.saved_view_id == saved_view_id), None)
        if at is None or not 0 <= at + by_places < len(pinned):
            return
        pinned.insert(at + by_places, pinned.pop(at))
        for place, row in enumerate(pinned, 1):
            row.position = place
        _ring(by)

    @classmethod
    def pinned_by(cls, user: User) -> list[int]:
        """Ids of the views that he has pinned, in his order."""
        own = select(cls.saved_view_id).where(cls.user_id == user.id, cls.position.is_not(None))
        return list(db.session.scalars(own.order_by(cls.position, cls.saved_view_id)))

    @classmethod
    def _all_of(cls, user: User) -> dict[int, "SavedViewPlace"]:
        """Locked through their person, so that two clicks at once wait for each other."""
        db.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
        rows = db.session.scalars(select(cls).where(cls.user_id == user.id))
        return {row.saved_view_id: row for row in rows.all()}


def _ring(user: User) -> None:
    """His other open pages show them in the new order."""
    live.ring(f"user.{user.id}", sequence=None, views=True)
