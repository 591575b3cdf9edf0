"""What an agent did on a day: counts and sums, so that a figure over any days is one addition.

Knows nothing of tickets: who counts something says how much of what. What stands for a figure is a sum and a count,
never an average, so that days are weighted rightly when they are put together.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted

Amounts = dict[str, int]  # what of `AMOUNTS` → how much; what is not in it is 0
AMOUNTS = (
    "handled", "responses", "response_seconds", "response_wall_seconds", "resolutions", "resolution_seconds",
    "resolution_wall_seconds", "kept", "broken", "ratings", "rating_sum",
)  # fmt: skip


def day_of(zone: str, at: datetime) -> date:
    """The local date of an instant where somebody is; UTC where nothing is known of that."""
    try:
        return at.astimezone(ZoneInfo(zone) if zone else UTC).date()
    except (KeyError, ValueError, OSError):  # a zone that this machine does not know (any more)
        return at.astimezone(UTC).date()


def _count() -> Any:
    return mapped_column(BigId, default=0)


class Counted:
    """The columns of everything that is counted; seconds are of the policy's time unless they say wall."""

    handled: Mapped[int] = _count()  # tickets
    responses: Mapped[int] = _count()  # first ones
    response_seconds: Mapped[int] = _count()
    response_wall_seconds: Mapped[int] = _count()
    resolutions: Mapped[int] = _count()
    resolution_seconds: Mapped[int] = _count()
    resolution_wall_seconds: Mapped[int] = _count()
    kept: Mapped[int] = _count()  # promises
    broken: Mapped[int] = _count()
    ratings: Mapped[int] = _count()
    rating_sum: Mapped[int] = _count()

    @property
    def amounts(self) -> Amounts:
        """What is not zero."""
        return {name: value for name in AMOUNTS if (value := getattr(self, name))}


class AgentDay(Counted, Tenanted, Model):
    """One agent, one merchant, one day by the agent's own calendar."""

    __tablename__ = "agent_days"
    __table_args__ = (
        UniqueConstraint("user_id", "day", "merchant_id"),
        Index("ix_agent_days_day", "organizer_id", "day"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    day: Mapped[date]

    @classmethod
    def add(cls, user_id: int, merchant_id: int, day: date, **amounts: int) -> None:
        """Count more of something, or less. Whoever else counts at the same time, nothing is lost.

        Who counts on several rows in one transaction does it in the order of these arguments, or two could wait for
        each other.
        """
        own = (cls.user_id == user_id, cls.day == day, cls.merchant_id == merchant_id)
        more = update(cls).where(*own).values({name: getattr(cls, name) + n for name, n in amounts.items()})
        more = more.execution_options(synchronize_session=False)
        if not db.session.execute(more).rowcount:
            add_once(cls(user_id=user_id, day=day, merchant_id=merchant_id))  # of two at once, one makes it
            db.session.execute(more)

    @classmethod
    def by_agent(cls, since: Mapping[int, date], merchant_id: int | None = None) -> dict[int, Amounts]:
        """The sums of some agents, each from a day of his on."""
        return cls._sums(cls.user_id, since, merchant_id)

    @classmethod
    def by_day(cls, since: Mapping[int, date], merchant_id: int | None = None) -> dict[date, Amounts]:
        """The sums of some agents together, for each day on which there was anything."""
        return cls._sums(cls.day, since, merchant_id)

    @classmethod
    def records(cls, user_ids: Collection[int], since: date) -> dict[int, tuple[int, int]]:
        """How many promises each of these agents kept, and how many were broken, from a day on."""
        sums = cls.by_agent(dict.fromkeys(user_ids, since))
        none: Amounts = {}
        return {
            id_: (sums.get(id_, none).get("kept", 0), sums.get(id_, none).get("broken", 0))
            for id_ in user_ids
        }

    @classmethod
    def active_since(cls, day: date, merchant_id: int | None = None) -> Select[tuple[int]]:
        """Ids of the agents of whom anything was counted from a day on."""
        found = select(cls.user_id).where(cls.day >= day)
        return found if merchant_id is None else found.where(cls.merchant_id == merchant_id)

    @classmethod
    def _sums(cls, key: Any, since: Mapping[int, date], merchant_id: int | None) -> dict[Any, Amounts]:
        if not since:
            return {}
        sums = select(key, *(func.sum(getattr(cls, name)) for name in AMOUNTS)).where(cls._from(since))
        if merchant_id is not None:
            sums = sums.where(cls.merchant_id == merchant_id)
        rows = db.session.execute(sums.group_by(key))
        return {key: dict(zip(AMOUNTS, map(int, numbers), strict=True)) for key, *numbers in rows}

    @classmethod
    def _from(cls, since: Mapping[int, date]) -> ColumnElement[bool]:
        """Today is another day in other zones: agents who begin on one day are asked for together."""
        agents: dict[date, list[int]] = defaultdict(list)
        for user_id, day in since.items():
            agents[day].append(user_id)
        return or_(*(and_(cls.user_id.in_(ids), cls.day >= day) for day, ids in agents.items()))
