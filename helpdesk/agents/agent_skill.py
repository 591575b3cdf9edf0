"""What somebody can do, and how well. Taken away, never removed."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted

LEVELS = (1, 2, 3, 4, 5)


class AgentSkill(Tenanted, Model):
    """A skill of a user at a level from 1 to 5."""

    __tablename__ = "agent_skills"
    __table_args__ = (UniqueConstraint("user_id", "skill_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    skill_id: Mapped[int] = mapped_column(BigId, ForeignKey("skills.id"), index=True)
    level: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]

    @classmethod
    def levels_of(cls, user_id: int) -> dict[int, int]:
        """Skill → level of one user."""
        own = select(cls.skill_id, cls.level).where(cls.user_id == user_id, cls.removed_at.is_(None))
        return dict(db.session.execute(own).all())

    @classmethod
    def levels(cls, skill_ids: Collection[int]) -> dict[tuple[int, int], int]:
        """(User, skill) → level, of everybody who has one of these skills."""
        if not skill_ids:
            return {}
        held = select(cls.user_id, cls.skill_id, cls.level)
        held = held.where(cls.skill_id.in_(skill_ids), cls.removed_at.is_(None))
        return {(user_id, skill_id): level for user_id, skill_id, level in db.session.execute(held)}

    @classmethod
    def set(cls, user_id: int, levels: Mapping[int, int]) -> None:
        """Let somebody have exactly these skills at these levels."""
        own = {row.skill_id: row for row in db.session.scalars(select(cls).where(cls.user_id == user_id))}
        for skill_id, row in own.items():
            row.removed_at = None if skill_id in levels else row.removed_at or clock.now()
            row.level = levels.get(skill_id, row.level)
        db.session.add_all(
            cls(user_id=user_id, skill_id=skill_id, level=level)
            for skill_id, level in levels.items() if skill_id not in own
        )  # fmt: skip
        db.session.flush()
