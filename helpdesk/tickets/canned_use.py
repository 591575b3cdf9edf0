"""The canned use: how often somebody has put a canned reply into his words. What he uses most is offered first."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted


class CannedUse(Tenanted, Model):
    """One user and one canned reply."""

    __tablename__ = "canned_uses"
    __table_args__ = (UniqueConstraint("canned_id", "user_id"),)

    id: Mapped[Id]
    canned_id: Mapped[int] = mapped_column(BigId, ForeignKey("canned_replies.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    count: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def note(cls, canned_id: int, *, by: User) -> None:
        """He used it once more."""
        more = update(cls).where(cls.canned_id == canned_id, cls.user_id == by.id)
        more = more.values(count=cls.count + 1, last_at=clock.now())
        if db.session.execute(more.execution_options(synchronize_session=False)).rowcount == 0:
            fresh = cls(canned_id=canned_id, user_id=by.id, count=1, last_at=clock.now())
            if not add_once(fresh):
                db.session.execute(more.execution_options(synchronize_session=False))

    @classmethod
    def counts_of(cls, user: User) -> dict[int, int]:
        """Canned reply → how often he used it."""
        own = select(cls.canned_id, cls.count).where(cls.user_id == user.id)
        return dict(db.session.execute(own).all())
