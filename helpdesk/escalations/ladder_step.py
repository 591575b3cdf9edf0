"""The ladder: what is raised when, and who is told."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable

SHIPPED = ((1, 0, ["assignee", "managers"]), (2, 60, ["managers"]), (3, 240, ["managers", "admins"]))


class LadderStep(Shippable, Model):
    """One rung: a level, how long after the trigger, whom to tell. Without a policy it is the shipped ladder."""

    __tablename__ = "ladder_steps"
    __table_args__ = (
        partial_index(
            "uq_ladder_steps_rung", "organizer_id", "policy_id", "trigger", "level", where="archived_at IS NULL",
            unique=True,
        ),
    )  # fmt: skip

    id: Mapped[Id]
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    trigger: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    delay_minutes: Mapped[int]
    told: Mapped[list[str]]
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))  # to which it is given
    priority_to: Mapped[str | None] = mapped_column(String(10))  # to which it is raised
    archived_at: Mapped[datetime | None]

    @classmethod
    def after(cls, trigger: str, level: int) -> "LadderStep | None":
        """The next rung of the ladder in force for a trigger; the shipped one stands for triggers without."""
        higher = select(cls).where(
            cls.trigger.in_((trigger, "breach")), cls.level > level, cls.policy_id.is_(None)
        )
        own_first = (cls.organizer_id.is_(None), cls.trigger != trigger, cls.level)
        return db.session.scalar(higher.order_by(*own_first).limit(1))


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped ladder is there. Twice changes nothing."""
    if db.session.scalar(select(LadderStep.id).where(LadderStep.organizer_id.is_(None)).limit(1)):
        return
    for level, minutes, told in SHIPPED:
        db.session.add(LadderStep(trigger="breach", level=level, delay_minutes=minutes, told=told))
