"""Assignment rules: which agents may get a ticket, and how one of them is chosen."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, bindparam, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.assignment.conditions import Conditions
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.strategy import STRATEGIES, Strategy
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.naming import refuse_taken_names
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable, Tenanted
from helpdesk.organizers.organizer import Organizer

SHIPPED_KEY = "shipped"
VALUES = ("name_en", "name_vi", "merchant_id", "conditions", "candidates", "strategy")  # of the editor


class Rule(Shippable, Model):
    """The first rule that fits and has an eligible agent wins.

    `candidates` says whom it is about: `{"group": id, "users": [id], "skills": [{"skill": id, "level": 1 to 5}],
    "category_skills": true, "language": true, "fixed": id}`. What is left out asks for nothing; nothing: everybody of
    the merchant. `category_skills` asks for what the ticket's category does, `language` for the customer's language.
    """

    __tablename__ = "assignment_rules"

    id: Mapped[Id]
    key: Mapped[str | None] = mapped_column(String(40), unique=True)  # of shipped ones
    merchant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("merchants.id"))  # None: of all
    position: Mapped[int] = mapped_column(default=0)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    candidates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    strategy: Mapped[str] = mapped_column(String(30), default="load_balanced")
    is_on: Mapped[bool] = mapped_column(default=True)
    turns: Mapped[int] = mapped_column(BigId, default=0)  # how many it has given
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None]

    name = Localized("name")

    @classmethod
    def in_force(cls, merchant_id: int) -> list["Rule"]:
        """The organizer's rules for a merchant in their order, the shipped one last."""
        return list(db.session.scalars(cls._of_merchant(), {"merchant": merchant_id}))

    @classmethod
    @cache
    def _of_merchant(cls) -> "Select[tuple[Rule]]":
        on = select(cls).where(cls.is_on, cls.deleted_at.is_(None))
        on = on.where(or_(cls.merchant_id.is_(None), cls.merchant_id == bindparam("merchant")))
        return on.order_by(cls.organizer_id.is_(None), cls.position, cls.id)

    @classmethod
    def all_in_order(cls, *, with_archived: bool = False) -> list["Rule"]:
        """Those of the organizer as they are tried, on or off, and the shipped one; then those that are archived."""
        every = select(cls) if with_archived else select(cls).where(cls.deleted_at.is_(None))
        order = (cls.deleted_at.is_not(None), cls.organizer_id.is_(None), cls.position, cls.id)
        return list(db.session.scalars(every.order_by(*order)))

    @classmethod
    def locked(cls, rule_id: int) -> "Rule | None":
        """One that is about to be changed, while nobody else changes any; a shipped one too, which refuses it."""
        Organizer.lock()
        own = select(cls).where(cls.id == rule_id)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, values: dict[str, Any], *, by: Actor) -> "Rule":
        """A new one, the last before the shipped one."""
        Organizer.lock()
        refuse_taken_names(db.session.scalars(cls._own()), values)
        rule = cls(**{name: values[name] for name in VALUES if name in values}, position=cls._end())
        db.session.add(rule)
        db.session.flush()
        asked = {"conditions": rule.conditions, "candidates": rule.candidates, "strategy": rule.strategy}
        record("rule.created", on=None, by=by, **rule._said, **asked)
        return rule

    def change(self, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of a form; what is the same stays unsaid."""
        self._refuse_fixed()
        new = {name: values[name] for name in VALUES if name in values}
        changes = {name: [getattr(self, name), new[name]] for name in new if getattr(self, name) != new[name]}
        if not changes:
            return
        others = db.session.scalars(self._own().where(Rule.id != self.id))
        refuse_taken_names(others, {name: new[name] for name in changes})
        for name in changes:
            setattr(self, name, new[name])
        self.version += 1
        record("rule.changed", on=None, by=by, **self._said, changes=changes)

    def switch(self, is_on: bool, *, by: Actor) -> None:
        """Try it on tickets, or not. Twice changes nothing."""
        self._refuse_fixed()
        if self.is_on != is_on:
            self.is_on = is_on
            record("rule.changed", on=None, by=by, **self._said, changes={"is_on": [not is_on, is_on]})

    def step(self, by_places: int, *, by: Actor) -> None:
        """Some places earlier (-1) or later (1); at the end nothing happens."""
        self._refuse_fixed()
        rules = self._ordered()
        self._place(rules, rules.index(self) + by_places, by)

    def move_to(self, place: int, *, by: Actor) -> None:
        """To a place of the order, the first is 0; beyond the end is the last."""
        self._refuse_fixed()
        self._place(self._ordered(), place, by)

    def _place(self, rules: list["Rule"], there: int, by: Actor) -> None:
        here, there = rules.index(self), min(max(there, 0), len(rules) - 1)
        if here == there:
            return
        rules.insert(there, rules.pop(here))
        for place, rule in enumerate(rules):
            if rule.position != place:  # past the version: who edits a rule is not to be told of this
                rule.position = place
        record("rule.changed", on=None, by=by, **self._said, changes={"position": [here, there]})

    @classmethod
    def _own(cls) -> Select[tuple["Rule"]]:
        """The organizer's, that are not archived."""
        return select(cls).where(cls.deleted_at.is_(None), cls.organizer_id.is_not(None))

    @classmethod
    def _ordered(cls) -> list["Rule"]:
        """The organizer's own, locked in the order in which workers hold them."""
        locked = cls._own().order_by(cls.position, cls.id).with_for_update(key_share=True)
        return list(db.session.scalars(locked.execution_options(populate_existing=True)))

    def archive(self, *, by: Actor) -> None:
        """Try it no more. Twice changes nothing."""
        if self.deleted_at:
            return
        self._refuse_fixed()
        self.deleted_at = clock.now()
        record("rule.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Try it again, as the last one."""
        if self.deleted_at is None:
            return
        refuse_taken_names(
            db.session.scalars(self._own()), {"name_en": self.name_en, "name_vi": self.name_vi}
        )
        self.deleted_at, self.position = None, self._end()
        record("rule.restored", on=None, by=by, **self._said)

    @classmethod
    def _end(cls) -> int:
        own = select(func.max(cls.position)).where(cls.deleted_at.is_(None), cls.organizer_id.is_not(None))
        last = db.session.scalar(own)
        return 0 if last is None else last + 1

    def _refuse_fixed(self) -> None:
        """Nobody changes what comes with the product, nor what is archived."""
        if self.is_shipped:
            raise Refusal(_("This rule comes with the product and stays as it is. Make your own from it."))
        if self.deleted_at:
            raise Refusal(_("This rule is archived. Restore it first."))

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the product."""
        return self.organizer_id is None

    @property
    def archived_at(self) -> datetime | None:
        """Since when it is tried no more."""
        return self.deleted_at

    @property
    def values(self) -> dict[str, Any]:
        """What its editor shows."""
        return {name: getattr(self, name) for name in VALUES}

    @property
    def _said(self) -> dict[str, Any]:
        return {"rule": self.id, "called": self.names}

    @property
    def names(self) -> dict[str, str]:
        """Its name in both languages, as events and decisions keep it."""
        return {"en": self.name_en or "", "vi": self.name_vi or ""}

    @property
    def way(self) -> Strategy:
        """How it chooses."""
        return STRATEGIES[self.strategy]

    @property
    def asks(self) -> Conditions:
        """Its conditions, as questions."""
        return Conditions(self.conditions or {})

    def failing(self, facts: Facts) -> str | None:
        """The condition that a ticket does not meet; None if the rule fits."""
        if self.merchant_id not in (None, facts.merchant_id):
            return "merchant"
        return self.asks.failing(facts)

    def wanted_skills(self, facts: Facts) -> dict[int, int]:
        """Skill → least level: its own, and where it says so those of the ticket's category; the higher one counts."""
        wanted = {one["skill"]: one["level"] for one in self.candidates.get("skills") or ()}
        for skill_id, level in facts.skills if self.candidates.get("category_skills") else ():
            wanted[skill_id] = max(level, wanted.get(skill_id, 0))
        return wanted

    def give_turn(self, user_id: int) -> None:
        """Note that it is somebody's turn now. The caller is the first in the line of decisions."""
        more = update(Rule).where(Rule.id == self.id).values(turns=Rule.turns + 1).returning(Rule.turns)
        number = db.session.execute(more.execution_options(synchronize_session=False)).scalar_one()
        own = update(Turn).where(Turn.rule_id == self.id, Turn.user_id == user_id).values(turn=number)
        if not db.session.execute(own.execution_options(synchronize_session=False)).rowcount:
            add_once(Turn(rule_id=self.id, user_id=user_id, turn=number))


class Turn(Tenanted, Model):
    """When somebody had his turn with a rule that goes in turn, by the rule's own count."""

    __tablename__ = "assignment_turns"
    __table_args__ = (UniqueConstraint("rule_id", "user_id"),)

    id: Mapped[Id]
    rule_id: Mapped[int] = mapped_column(BigId, ForeignKey("assignment_rules.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    turn: Mapped[int] = mapped_column(BigId)

    @classmethod
    def taken(cls, rule_id: int) -> dict[int, int]:
        """User → his last turn with a rule."""
        own = select(cls.user_id, cls.turn).where(cls.rule_id == rule_id)
        return dict(db.session.execute(own).all())


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped rule is there, and asks for the skills of categories. Twice changes nothing."""
    rule = db.session.scalar(select(Rule).where(Rule.key == SHIPPED_KEY))
    if rule is None:
        rule = Rule(key=SHIPPED_KEY, strategy="load_balanced", conditions={})
        db.session.add(rule)
    rule.candidates = {"category_skills": True}
    rule.name_en = "Whoever of the merchant's agents has the most room"
    rule.name_vi = "Nhân viên của cửa hàng còn nhiều chỗ trống nhất"
