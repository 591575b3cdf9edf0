"""Policies: targets per priority, in versions that never change."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, case, func, or_, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.demand import Demand

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

    @classmethod
    def locked(cls, policy_id: int) -> "Policy | None":
        """One that is about to be changed, while nobody else changes any; a shipped one too, which refuses it."""
        Organizer.lock()
        own = select(cls).where(cls.id == policy_id)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def default(cls) -> "Policy":
        """The organizer's own default, else the shipped one."""
        defaults = select(cls).where(cls.is_default, cls.deleted_at.is_(None))
        return db.session.scalars(defaults.order_by(cls.organizer_id.is_(None), cls.id).limit(1)).one()

    @classmethod
    def create(cls, values: dict[str, Any], *, by: Actor) -> "Policy":
        """A new one with its first version."""
        Organizer.lock()
        demand = Demand.of(values)
        demand.check()
        policy = cls(name_en=values["name_en"], name_vi=values["name_vi"])
        db.session.add(policy)
        db.session.flush()
        policy._demands(demand, 1, by)
        record("policy.created", on=None, by=by, **policy._said, **demand.columns)
        policy._take_stores(values.get("merchant_ids", ()), by)
        if values.get("is_default"):
            policy.make_default(by=by)
        return policy

    def change(self, values: dict[str, Any], *, by: Actor, apply_to_running: bool = False) -> None:
        """Take over values of a form; what is the same stays unsaid.

        Other demands are its next version: that of new tickets, and where wanted of the running ones, which are then
        moved one after the other. Names, stores and being the default are no part of a version.
        """
        self._refuse_shipped()
        if self.deleted_at:
            raise Refusal(_("This policy is archived. Restore it first."))
        newest = self.newest
        before, demand = Demand.of(newest), Demand.of(values)
        changes = {
            name: [getattr(self, name), values[name]] for name in ("name_en", "name_vi")
            if getattr(self, name) != values[name]
        }  # fmt: skip
        for name in changes:
            setattr(self, name, values[name])
        if demand != before:
            demand.check(kept=before)
            self._demands(demand, newest.number + 1, by, moving=apply_to_running)
            changes |= demand.changes_from(before)
        if changes:
            flag_modified(self, "name_en")  # another state, also where only the demands are others
            running = {"running": apply_to_running} if demand != before else {}
            record("policy.changed", on=None, by=by, **self._said, changes=changes, **running)
        self._take_stores(values.get("merchant_ids", self.store_ids), by)
        if values.get("is_default", self.is_default) != self.is_default:
            (self if values["is_default"] else self.shipped_one()).make_default(by=by)

    def make_default(self, *, by: Actor) -> None:
        """Measure with it whatever no category and no store says anything about; the shipped one: no own default."""
        if self.deleted_at:
            raise Refusal(_("This policy is archived. Restore it first."))
        before = self.default()
        if before is self:
            return
        for policy in (before, self):
            if policy.organizer_id is not None:
                policy.is_default = policy is self
        record("policy.defaulted", on=None, by=by, **{"from": before._brief, "to": self._brief})

    def archive(self, replacement: "Policy | None" = None, *, by: Actor, is_named: bool = False) -> None:
        """Not to be chosen any more. Another takes its places; tickets that run keep the version they pinned.

        `is_named`: categories name it too. They are handed over by who keeps them (`PolicyUse.archive`).
        """
        self._refuse_shipped()
        if self.deleted_at:
            return
        if replacement is not None and (replacement is self or replacement.deleted_at):
            raise Refusal(_("Choose another policy that is in use."))
        if replacement is None and (is_named or self.is_default or self.store_ids):
            raise Refusal(_("This policy is in use. Choose the one that takes its place."))
        if replacement is not None:
            for merchant in self.stores:
                merchant.policy_id = replacement.id
            if self.is_default:
                replacement.make_default(by=by)
        self.deleted_at = clock.now()
        instead = replacement._brief if replacement else None
        record("policy.archived", on=None, by=by, **self._said, replacement=instead)

    def restore(self, *, by: Actor) -> None:
        """To be chosen again. Its former places stay with the one that took them."""
        if self.deleted_at is not None:
            self.deleted_at = None
            record("policy.restored", on=None, by=by, **self._said)

    @classmethod
    def shipped_one(cls) -> "Policy":
        """What comes with the product."""
        return db.session.scalars(select(cls).where(cls.key == SHIPPED_KEY)).one()

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the product."""
        return self.organizer_id is None

    @property
    def newest(self) -> "PolicyVersion":
        """What is in force for new tickets."""
        own = select(PolicyVersion).where(PolicyVersion.policy_id == self.id)
        return db.session.scalars(own.order_by(PolicyVersion.number.desc()).limit(1)).one()

    @property
    def stores(self) -> Sequence[Merchant]:
        """The merchants whose tickets it is for, where their category says nothing."""
        own = select(Merchant).where(Merchant.policy_id == self.id, Merchant.deleted_at.is_(None))
        return db.session.scalars(own.order_by(Merchant.id)).all()

    @property
    def store_ids(self) -> list[int]:
        """Their ids."""
        return [merchant.id for merchant in self.stores]

    @property
    def names(self) -> dict[str, str]:
        """Its name in both languages, as events keep it."""
        return {"en": self.name_en or "", "vi": self.name_vi or ""}

    def _demands(self, demand: Demand, number: int, by: Actor, *, moving: bool = False) -> None:
        """The next version. What an earlier one has not moved yet, this one moves."""
        if moving:
            earlier = select(PolicyVersion).where(
                PolicyVersion.policy_id == self.id, PolicyVersion.moved_to_id.is_not(None)
            )
            for version in db.session.scalars(earlier):
                version.moved_to_id = None
        db.session.add(PolicyVersion(
            policy_id=self.id, number=number, moved_to_id=0 if moving else None,
            created_by_id=by.id if isinstance(by, User) else None, **demand.columns,
        ))  # fmt: skip
        db.session.flush()

    def _take_stores(self, ids: Sequence[int], by: Actor) -> None:
        """Be for exactly these merchants. One that another policy had leaves it, which is told so."""
        before = self.store_ids
        if sorted(before) == sorted(ids):
            return
        known = {merchant.id: merchant for merchant in db.session.scalars(select(Merchant))}
        if any(id_ not in known or known[id_].deleted_at for id_ in ids):
            raise Refusal(_("Choose one of your stores."))
        for id_ in set(before) - set(ids):
            known[id_].policy_id = None
        for id_ in sorted(set(ids) - set(before)):
            if loser := db.session.get(Policy, known[id_].policy_id or 0):
                held = loser.store_ids
                loser._says_stores(held, [each for each in held if each != id_], by)
            known[id_].policy_id = self.id
            db.session.flush()
        self._says_stores(before, sorted(ids), by)

    def _says_stores(self, before: list[int], after: list[int], by: Actor) -> None:
        if not self.is_shipped:
            flag_modified(self, "name_en")  # who edits it meanwhile is told of this
        record("policy.changed", on=None, by=by, **self._said, changes={"merchant_ids": [before, after]})

    def _refuse_shipped(self) -> None:
        if self.is_shipped:
            raise Refusal(_("This policy comes with the product. Copy it to have one that you can change."))

    @property
    def _said(self) -> dict[str, Any]:
        return {"policy": self.id, "called": self.names}

    @property
    def _brief(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.names}


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

    @classmethod
    def newest_of_all(cls) -> Sequence["PolicyVersion"]:
        """What each policy demands now, in the order in which they were made; shipped ones last."""
        last = (
            select(func.max(cls.number)).where(cls.policy_id == Policy.id).correlate(Policy).scalar_subquery()
        )
        rows = select(cls).join(Policy).where(cls.number == last).options(contains_eager(cls.policy))
        return db.session.scalars(rows.order_by(Policy.organizer_id.is_(None), Policy.id)).all()

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
