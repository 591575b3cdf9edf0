"""The tree of categories as it stands: paths, what is inherited, what can be chosen where. Loaded in one query."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpdesk.core.i18n import in_language, language

if TYPE_CHECKING:
    from helpdesk.tickets.category import Category

DEEPEST = 5
BETWEEN = " › "


@dataclass(frozen=True)
class Inherited:
    """A value, and the category that it comes from; `source` is None where nobody says anything."""

    value: Any
    source: "Category | None"


@dataclass(frozen=True)
class CategoryOption:
    """One line of a list to choose from. Its words are in the language of who reads it."""

    category: "Category"
    line: tuple["Category", ...]  # from the root to it

    @property
    def id(self) -> int:
        """What the form sends."""
        return self.category.id

    @property
    def depth(self) -> int:
        """1 for a root."""
        return len(self.line)

    @property
    def name(self) -> str:
        """Its own name."""
        return self.category.name

    @property
    def path(self) -> str:
        """`Delivery › Late`."""
        return path_in(self.line, language())


def path_in(line: Sequence["Category"], code: str) -> str:
    """The names from the root on, in one language."""
    return BETWEEN.join(in_language(category, "name", code) for category in line)


class CategoryTree:
    """The categories of an organizer, archived ones included, by parent and in their order."""

    def __init__(self, rows: Sequence["Category"]) -> None:
        self.by_id = {row.id: row for row in rows}
        self._below: dict[int | None, list[Category]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: (row.position, row.id)):
            self._below[row.parent_id].append(row)

    def below(self, category: "Category | None") -> list["Category"]:
        """Its children in their order; the roots for None."""
        return self._below[category.id if category else None]

    def end_of(self, parent: "Category | None") -> int:
        """The position behind its children."""
        return 1 + max((one.position for one in self.below(parent)), default=-1)

    def line(self, category: "Category") -> tuple["Category", ...]:
        """From the root to it."""
        found = [category]
        while (parent := self.by_id.get(found[-1].parent_id or 0)) and parent not in found:
            found.append(parent)
        return tuple(reversed(found))

    def branch(self, category: "Category") -> Iterator["Category"]:
        """It and everything below it, parents first."""
        yield category
        for child in self.below(category):
            yield from self.branch(child)

    def walk(self) -> Iterator["Category"]:
        """All of them as they are read: each followed by its children."""
        for root in self.below(None):
            yield from self.branch(root)

    def height(self, category: "Category") -> int:
        """How many levels its branch has."""
        return 1 + max((self.height(child) for child in self.below(category)), default=0)

    def names(self, category: "Category") -> dict[str, str]:
        """Its path in both languages, as events keep it."""
        line = self.line(category)
        return {code: path_in(line, code) for code in ("en", "vi")}

    def effective(self, category: "Category", attribute: str) -> Inherited:
        """Its own value, or that of the nearest ancestor that has one (CAT-002)."""
        for one in reversed(self.line(category)):
            if getattr(one, attribute):
                return Inherited(getattr(one, attribute), one)
        return Inherited(None, None)

    def merchants_of(self, category: "Category | None") -> frozenset[int] | None:
        """Whose it is: what it and all above it are limited to; None is everybody's."""
        limits = (
            [frozenset(one.merchant_ids) for one in self.line(category) if one.merchant_ids]
            if category
            else []
        )
        return frozenset.intersection(*limits) if limits else None

    def is_open_to(self, category: "Category", merchant_id: int) -> bool:
        """Whether a merchant's tickets can have it."""
        limit = self.merchants_of(category)
        return category.archived_at is None and (limit is None or merchant_id in limit)

    def options(self, merchant_id: int, present: int | None = None) -> list[CategoryOption]:
        """What a ticket of a merchant can be about; the one that it has stays, archived or not."""
        return [
            CategoryOption(one, self.line(one)) for one in self.walk()
            if one.id == present or self.is_open_to(one, merchant_id)
        ]  # fmt: skip

    def on_form(self, merchant_id: int) -> list[CategoryOption]:
        """What the customers of a merchant can choose."""
        return [option for option in self.options(merchant_id) if option.category.is_on_form]

    def parents_for(self, category: "Category | None") -> list[CategoryOption]:
        """Where it, with its branch, can be put under; for None, where a new one can."""
        levels, own = (self.height(category), set(self.branch(category))) if category else (1, set())
        lines = (self.line(one) for one in self.walk() if one.archived_at is None and one not in own)
        return [CategoryOption(line[-1], line) for line in lines if len(line) + levels <= DEEPEST]
