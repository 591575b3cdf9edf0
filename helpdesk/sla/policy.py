"""Policies: targets per priority, in versions that never change."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, case, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.i18n import Localized
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable
from helpdesk.sla.calendar import Calendar

SHIPPED_KEY = "shipped"
HOUR = 3600
SHIPPED_TARGETS: dict[str, Any] = {  # seconds; None is no target
    "CRITICAL": {"first": 1 * HOUR, "next": None, "resolution": 4 * HOUR},
    "HIGH": {"first": 4 * HOUR, "next": None, "resolution": 24 * HOUR},
    "MEDIUM": {"first": 8 * HOUR, "next": None, "resolution": 72 * HOUR},
    "LOW": {"first": 24 * HOUR, "next": None, "resolution": 120 * HOUR},
}


class Policy(Shippable, Model):
    """A named set of targets. What it demands is in its versions."""

    __tablename__ = "sla_policies"

    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(String(40), unique=True)  # of shipped ones
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    name = Localized("name")
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def on_offer(cls) -> Select[tuple["Policy"]]:
        """Those in use, in the order in which they were made."""
        return select(cls).where(cls.deleted_at.is_(None)).order_by(cls.id)

    @classmethod
    def in_force(cls, *wanted: int | None) -> "PolicyVersion":
        """The newest version of the first wanted policy that is in use, else of the default one (SLA-004).

        `wanted` are ids, the nearest first: of the category, of the merchant. The organizer's default comes next,
        the shipped one last.
        """
        places = [(cls.id == policy_id, place) for place, policy_id in enumerate(wanted) if policy_id]
        nearest = case(*places, else_=len(wanted)) if places else cls.organizer_id.is_(None)
        newest = (
            select(PolicyVersion)
            .join(cls)
            .where(or_(cls.is_default, cls.id.in_([id for id in wanted if id])), cls.deleted_at.is_(None))
            .order_by(nearest, cls.organizer_id.is_(None), PolicyVersion.number.desc())
            .limit(1)
        )
        return db.session.scalars(newest).one()


class PolicyVersion(Shippable, Model):
    """What a policy demanded from one change to the next. A tracker pins the version it is measured with."""

    __tablename__ = "sla_policy_versions"
    __table_args__ = (
        UniqueConstraint("policy_id", "number"),
        partial_index("ix_sla_policy_versions_moving", "organizer_id", "id", where="moved_to_id IS NOT NULL"),
    )

    id: Mapped[Id]
    policy_id: Mapped[int] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    number: Mapped[int]
    targets: Mapped[dict[str, Any]]  # priority → kind of clock → seconds or None
    warn_percent: Mapped[int] = mapped_column(default=75)
    critical_percent: Mapped[int] = mapped_column(default=90)
    pausing_statuses: Mapped[list[str]] = mapped_column(default=lambda: ["WAITING_USER"])
    calendar_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_calendars.id"))  # None: all hours
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    moved_to_id: Mapped[int | None] = mapped_column(BigId)  # last tracker that was moved to it; None: done

    policy: Mapped[Policy] = relationship()
    calendar: Mapped[Calendar | None] = relationship()

    def target(self, priority: str, kind: str) -> int | None:
        """Seconds for a kind of clock (`first`, `next`, `resolution`); None is no target."""
        return self.targets.get(priority, {}).get(kind)


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped policy is there. Twice changes nothing."""
    if db.session.scalar(select(Policy).where(Policy.key == SHIPPED_KEY)):
        return
    policy = Policy(key=SHIPPED_KEY, name_en="Standard", name_vi="Tiêu chuẩn", is_default=True)
    db.session.add(policy)
    db.session.flush()
    db.session.add(PolicyVersion(policy_id=policy.id, number=1, targets=SHIPPED_TARGETS))
