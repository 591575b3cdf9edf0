"""What rules can name, and what it is called: each kind of thing read once, and only if somebody asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from babel.dates import get_day_names
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.core.db import db
from helpdesk.core.i18n import language
from helpdesk.core.name_order import by_name
from helpdesk.core.week import DAYS
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_tree import CategoryOption, CategoryTree
from helpdesk.tickets.tag import Tag, tag_names


class Person(NamedTuple):
    """A user, and whether he can be given work at all: he is active and has a profile."""

    id: int
    name: str
    is_able: bool


@dataclass
class RuleChoices:
    """Everything that is in use, and what some rules name already; `named` are those rules' values.

    A form offers both. So a rule whose team was archived meanwhile can be changed without losing it.
    """

    named: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def tree(self) -> CategoryTree:
        """The categories."""
        return Category.tree()

    @cached_property
    def all_merchants(self) -> dict[int, Merchant]:
        """By id, deleted ones too."""
        return {row.id: row for row in db.session.scalars(select(Merchant).order_by(Merchant.id))}

    @cached_property
    def all_groups(self) -> dict[int, Group]:
        """By id, archived ones too."""
        return {row.id: row for row in db.session.scalars(select(Group).order_by(Group.id))}

    @cached_property
    def staffed(self) -> frozenset[int]:
        """Groups in which somebody can be given work."""
        able = Agent.able().join(User, Agent.user_id == User.id).where(User.is_active)
        return frozenset(db.session.scalars(Group.with_some_of(able)))

    @cached_property
    def all_skills(self) -> dict[int, Skill]:
        """By id, archived ones too."""
        return {row.id: row for row in db.session.scalars(select(Skill).order_by(Skill.id))}

    @cached_property
    def all_people(self) -> dict[int, Person]:
        """By id, by name, those who cannot be given work too."""
        able = User.is_active & User.id.in_(Agent.able())
        rows = select(User.id, User.name, able.label("is_able"))
        found = by_name(db.session.execute(rows.order_by(User.id)))
        return {id_: Person(id_, name, bool(is_able)) for id_, name, is_able in found}

    @cached_property
    def tags(self) -> dict[int, Tag]:
        """Those that the rules name, by id."""
        ids = self._kept("tags")
        rows = db.session.scalars(select(Tag).where(Tag.id.in_(ids))) if ids else ()
        return {row.id: row for row in rows}

    def _kept(self, condition: str) -> set[int]:
        return {id_ for values in self.named for id_ in (values["conditions"] or {}).get(condition) or ()}

    def _asked(self, candidate: str) -> set[int]:
        found: set[int] = set()
        for values in self.named:
            held = (values["candidates"] or {}).get(candidate)
            found |= set(held) if isinstance(held, list) else {held} if held else set()
        return found

    @property
    def merchants(self) -> dict[int, str]:
        """Stores to choose from."""
        kept = {values["merchant_id"] for values in self.named}
        return {
            id_: row.name for id_, row in self.all_merchants.items() if row.deleted_at is None or id_ in kept
        }

    @property
    def categories(self) -> list[CategoryOption]:
        """Categories to choose from, as they are read: each followed by its children."""
        kept, tree = self._kept("categories"), self.tree
        return [
            CategoryOption(one, tree.line(one))
            for one in tree.walk()
            if not one.archived_at or one.id in kept
        ]

    @property
    def groups(self) -> list[Group]:
        """Teams to choose from."""
        kept = self._asked("group")
        return [row for row in self.all_groups.values() if not row.archived_at or row.id in kept]

    @property
    def skills(self) -> list[Skill]:
        """Skills to choose from."""
        asked = [(values["candidates"] or {}).get("skills") or () for values in self.named]
        kept = {one["skill"] for skills in asked for one in skills}
        return [row for row in self.all_skills.values() if not row.archived_at or row.id in kept]

    @property
    def people(self) -> list[Person]:
        """People to choose from."""
        kept = self._asked("users") | self._asked("fixed")
        return [one for one in self.all_people.values() if one.is_able or one.id in kept]

    @property
    def days(self) -> list[tuple[str, str]]:
        """The weekdays with their names."""
        names = get_day_names("abbreviated", locale=language())
        return [(day, names[place]) for place, day in enumerate(DAYS)]

    def tag_line(self, ids: Iterable[int]) -> str:
        """Tags as they are typed."""
        return ", ".join(self.tags[id_].name for id_ in ids if id_ in self.tags)

    def read_tags(self, words: str) -> tuple[list[int], list[str]]:
        """The ids of tags by what was typed, and the names that are none of a tag in use.

        A name that was merged away stands for the other tag. One that a rule names already counts, archived or not.
        """
        names = tag_names(words)
        rows = db.session.scalars(select(Tag).where(Tag.name.in_(names))).all() if names else ()
        survivors = {row.name: row.survivor for row in rows}
        kept = self._kept("tags")
        known = {name: row.id for name, row in survivors.items() if row.archived_at is None or row.id in kept}
        return sorted(set(known.values())), [name for name in names if name not in known]
