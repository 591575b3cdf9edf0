"""The agent's profile: availability, cap and load. One per user."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted

AVAILABILITIES = ("online", "busy", "away", "offline")


class Agent(Tenanted, Model):
    """How many tickets a user may carry at once, and how many he does."""

    __tablename__ = "agents"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), unique=True)
    availability: Mapped[str] = mapped_column(String(10), default="online")
    cap: Mapped[int] = mapped_column(default=20)
    load: Mapped[int] = mapped_column(
        default=0
    )  # tickets in ASSIGNED, IN_PROGRESS, WAITING_INTERNAL, ESCALATED
    languages: Mapped[list[str]] = mapped_column(default=list)
    last_assigned_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def of(cls, user_id: int) -> "Agent | None":
        """The profile of a user, if he can be given work."""
        return db.session.scalar(select(cls).where(cls.user_id == user_id))

    @classmethod
    def take(cls, user_id: int, *, within_cap: bool) -> bool:
        """Count one more ticket, in one statement that compares and swaps.

        Within the cap it answers False, and counts nothing, when he is full: however many workers ask at
        once, none gets past it. A person who gives work by hand may overshoot.
        """
        more = update(cls).where(cls.user_id == user_id).values(load=cls.load + 1)
        if within_cap:
            more = more.where(cls.load < cls.cap, cls.availability == "online")
        return db.session.execute(more.execution_options(synchronize_session="fetch")).rowcount == 1

    @classmethod
    def give_back(cls, user_id: int) -> None:
        """Count one ticket less."""
        less = update(cls).where(cls.user_id == user_id, cls.load > 0).values(load=cls.load - 1)
        db.session.execute(less.execution_options(synchronize_session="fetch"))

    @classmethod
    def was_given(cls, user_id: int) -> None:
        """Remember when he got the last ticket; breaks ties between equals."""
        given = update(cls).where(cls.user_id == user_id).values(last_assigned_at=clock.now())
        db.session.execute(given.execution_options(synchronize_session="fetch"))
