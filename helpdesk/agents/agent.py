"""The agent's profile: availability, shift, cap and load. One per user."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.availability import Availability
from helpdesk.agents.profile import Profile
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.name_order import by_name
from helpdesk.core.tenancy import Tenanted

AVAILABILITIES = ("online", "busy", "away", "offline")


class Agent(Availability, Profile, Tenanted, Model):
    """How many tickets a user may carry at once, how many he does, and when he works."""

    __tablename__ = "agents"
    __table_args__ = (
        partial_index("ix_agents_look", "organizer_id", "look_at", where="look_at IS NOT NULL"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), unique=True)
    availability: Mapped[str] = mapped_column(String(10), default="online")  # as it is now
    chosen: Mapped[str | None] = mapped_column(String(10))  # by hand; None: the schedule says it
    chosen_until: Mapped[datetime | None]
    schedule: Mapped[dict[str, Any] | None]  # as `Week.of` reads it; None: always on shift
    is_on_shift: Mapped[bool] = mapped_column(default=True)
    shift_changes_at: Mapped[datetime | None]
    hand_back_at: Mapped[datetime | None]  # when he will have been away for too long
    look_at: Mapped[datetime | None]  # the first instant at which any of this has to be settled again
    cap: Mapped[int] = mapped_column(default=20)
    load: Mapped[int] = mapped_column(
        default=0
    )  # tickets in ASSIGNED, IN_PROGRESS, WAITING_INTERNAL, ESCALATED
    languages: Mapped[list[str]] = mapped_column(default=list)
    substitute_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    last_assigned_at: Mapped[datetime | None]
    idle_since: Mapped[datetime | None]  # the last time that a ticket came or went
    relieved_at: Mapped[datetime | None]  # since then he is given no work; the profile waits for him
    version: Mapped[int] = mapped_column(default=1)  # of what a manager's form shows
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=user_id, viewonly=True)

    @classmethod
    def of(cls, user_id: int, *, lock: bool = False) -> "Agent | None":
        """The profile of a user, if he can be given work. With `lock`, as it is once others are done with it."""
        kept = cls.kept(user_id, lock=lock)
        return kept if kept and kept.relieved_at is None else None

    @classmethod
    def kept(cls, user_id: int, *, lock: bool = False) -> "Agent | None":
        """The same, also of who can be given none any more."""
        own = select(cls).where(cls.user_id == user_id)
        if lock:
            own = own.with_for_update(of=cls, key_share=True).execution_options(populate_existing=True)
        return db.session.scalar(own)

    @classmethod
    def able(cls) -> Select[tuple[int]]:
        """Ids of the users who can be given work, those among them, too, who are deactivated."""
        return select(cls.user_id).where(cls.relieved_at.is_(None))

    @classmethod
    def relieved(cls) -> Select[tuple[int]]:
        """Ids of the users who are given no work any more, by rules or by hand."""
        return select(cls.user_id).where(cls.relieved_at.is_not(None))

    @classmethod
    def is_relieved(cls, user_id: int) -> bool:
        """Whether somebody is one of them."""
        return db.session.scalar(cls.relieved().where(cls.user_id == user_id)) is not None

    @classmethod
    def able_for(cls, merchant_id: int) -> list[User]:
        """Whom a person can give a ticket of a merchant, by name."""
        return by_name(db.session.scalars(workers_of(merchant_id).where(User.id.not_in(cls.relieved()))))

    @classmethod
    def take(cls, user_id: int, *, within_cap: bool, seen: int | None = None, is_given: bool = False) -> bool:
        """Count one more ticket, in one statement that compares and swaps. `is_given`: it was another's, or nobody's.

        Within the cap it answers False, and counts nothing, when he is full or not at work: however many workers ask
        at once, none gets past it. So it does when his load is not the one that was `seen`, for then the choice was
        made of something that is not true any more. A person who gives work by hand may overshoot.
        """
        more = update(cls).where(cls.user_id == user_id).values(load=cls.load + 1)
        if is_given:
            more = more.values(last_assigned_at=(now := clock.now()), idle_since=now)
        if within_cap:
            more = more.where(cls.load < cls.cap, cls.availability == "online", cls.is_on_shift.is_(True))
            more = more.where(cls.relieved_at.is_(None))
        if seen is not None:
            more = more.where(cls.load == seen)
        return db.session.execute(more.execution_options(synchronize_session="fetch")).rowcount == 1

    @classmethod
    def give_back(cls, user_id: int) -> None:
        """Count one ticket less."""
        less = update(cls).where(cls.user_id == user_id, cls.load > 0)
        less = less.values(load=cls.load - 1, idle_since=clock.now())
        db.session.execute(less.execution_options(synchronize_session="fetch"))
