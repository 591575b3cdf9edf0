"""Categories: what a request is about. A tree; what a category leaves empty it takes from its parent."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, _
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.category_tree import DEEPEST, CategoryOption, CategoryTree, Inherited

VALUES = (
    "name_en", "name_vi", "default_priority", "group_id", "policy_id", "required_skills", "merchant_ids", "is_on_form",
    "incident_tickets", "incident_minutes",
)  # fmt: skip


class Category(Tenanted, Model):
    """One kind of request of an organizer."""

    __tablename__ = "categories"

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"))
    position: Mapped[int] = mapped_column(default=0)
    name_en: Mapped[str] = mapped_column(String(200), default="")
    name_vi: Mapped[str] = mapped_column(String(200), default="")
    default_priority: Mapped[str | None] = mapped_column(String(10))
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    required_skills: Mapped[list[Any]] = mapped_column(default=list)  # [{"skill": id, "level": 1 to 5}]
    merchant_ids: Mapped[list[Any]] = mapped_column(default=list)  # empty: for every merchant
    is_on_form: Mapped[bool] = mapped_column(default=True)  # whether customers can choose it
    incident_tickets: Mapped[
        int | None
    ]  # so many requests within so many minutes are an incident; None: inherited
    incident_minutes: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    archived_at: Mapped[datetime | None]

    name = Localized("name")
    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def tree(cls, *, lock: bool = False) -> CategoryTree:
        """All of them. With `lock`, as they are once everybody else who changes the tree is done."""
        if lock:
            Organizer.lock()
        every = select(cls).order_by(cls.id).execution_options(populate_existing=lock)
        return CategoryTree(db.session.scalars(every).all())

    @classmethod
    def on_offer(cls, merchant_id: int) -> list[CategoryOption]:
        """What the customers of a merchant can choose for a new request."""
        return cls.tree().on_form(merchant_id)

    @classmethod
    def create(cls, values: dict[str, Any], *, parent: "Category | None" = None, by: Actor) -> "Category":
        """A new one, the last of its siblings."""
        tree = cls.tree(lock=True)
        category = cls(**{name: values[name] for name in VALUES if name in values})
        category.merchant_ids = category.merchant_ids or []
        category._refuse_place(tree, parent, levels=1)
        category._refuse_limit(tree, parent, category.merchant_ids, [])
        category.parent_id, category.position = parent and parent.id, tree.end_of(parent)
        db.session.add(category)
        db.session.flush()
        record("category.created", on=None, by=by, **category._said, parent=_brief(parent))
        return category

    def change(self, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of a form; what is the same stays unsaid."""
        new = {name: values[name] for name in VALUES if name in values}
        changes = {name: [getattr(self, name), new[name]] for name in new if getattr(self, name) != new[name]}
        if not changes:
            return
        tree = self.tree(lock=True)
        if "merchant_ids" in changes:
            parent = tree.by_id.get(self.parent_id or 0)
            self._refuse_limit(tree, parent, new["merchant_ids"], tree.below(self))
        for name in changes:
            setattr(self, name, new[name])
        record("category.changed", on=None, by=by, **self._said, changes=changes)

    def move_to(self, parent: "Category | None", *, by: Actor) -> None:
        """Put its whole branch under another one, behind what is there (CAT-001)."""
        tree = self.tree(lock=True)
        if self.parent_id == (parent and parent.id):
            return
        if parent and parent in tree.branch(self):
            raise Refusal(_("A category cannot be moved into itself or into what is below it."))
        self._refuse_place(tree, parent, levels=tree.height(self))
        self._refuse_limit(tree, parent, self.merchant_ids, tree.below(self), strictly=False)
        before = tree.by_id.get(self.parent_id or 0)
        self.parent_id, self.position = parent and parent.id, tree.end_of(parent)
        record("category.moved", on=None, by=by, **self._said, parent=[_brief(before), _brief(parent)])

    def step(self, by_places: int, *, by: Actor) -> None:
        """Change places with the sibling before (-1) or after it (1); at the end nothing happens."""
        tree = self.tree(lock=True)
        siblings = [
            one
            for one in tree.below(tree.by_id.get(self.parent_id or 0))
            if not one.archived_at or one is self
        ]
        here = siblings.index(self)
        there = here + by_places
        if not 0 <= there < len(siblings):
            return
        siblings[here], siblings[there] = siblings[there], siblings[here]
        for place, one in enumerate(siblings):
            if (
                one.position != place
            ):  # past the version: who edits a sibling's name is not to be told of this
                placed = update(Category).where(Category.id == one.id).values(position=place)
                db.session.execute(placed.execution_options(synchronize_session="fetch"))
        record("category.moved", on=None, by=by, **self._said, position=[here, there])

    def archive(self, *, by: Actor) -> None:
        """Take it and everything below it out of every list; tickets keep it (CAT-005)."""
        if self.archived_at:
            return
        now = clock.now()
        for one in self.tree(lock=True).branch(self):
            one.archived_at = one.archived_at or now
        record("category.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Put it back, with what was archived together with it."""
        if self.archived_at is None:
            return
        tree, then = self.tree(lock=True), self.archived_at
        parent = tree.by_id.get(self.parent_id or 0)
        if parent and parent.archived_at:
            raise Refusal(_("Restore “%(name)s” first, which it belongs to.", name=parent.name))
        for one in [one for one in tree.branch(self) if one.archived_at == then]:
            one.archived_at = None
        record("category.restored", on=None, by=by, **self._said)

    def effective(self, attribute: str) -> Inherited:
        """Its own value or its nearest ancestor's, and where it comes from (CAT-002)."""
        return self.tree().effective(self, attribute)

    @property
    def names(self) -> dict[str, str]:
        """Its name in both languages, as events keep it."""
        return {"en": self.name_en or "", "vi": self.name_vi or ""}

    @property
    def _said(self) -> dict[str, Any]:
        return {"category": self.id, "called": self.names}

    @staticmethod
    def _refuse_place(tree: CategoryTree, parent: "Category | None", *, levels: int) -> None:
        if parent and parent.archived_at:
            raise Refusal(_("“%(name)s” is archived. Choose another category.", name=parent.name))
        if parent and len(tree.line(parent)) + levels > DEEPEST:
            raise Refusal(_("Categories can be at most %(n)s levels deep.", n=DEEPEST))

    def _refuse_limit(
        self, tree: CategoryTree, parent: "Category | None", own: list[int], below: list["Category"], *,
        strictly: bool = True,
    ) -> None:  # fmt: skip
        """A category is for none but its parent's merchants, and nothing may be left that is for nobody."""
        limit = tree.merchants_of(parent)
        if strictly and own and limit is not None and not limit.issuperset(own):
            raise Refusal(
                _("“%(name)s” is limited to fewer stores than that.", name=parent.name if parent else "")
            )
        _refuse_nobodys(tree, self, frozenset(own), limit, below)


def _refuse_nobodys(
    tree: CategoryTree, category: Category, own: frozenset[int], limit: frozenset[int] | None, below: list[Category]
) -> None:  # fmt: skip
    limit = limit if not own else own if limit is None else own & limit
    if limit is not None and not limit:
        raise Refusal(_("“%(name)s” would be for no store at all.", name=category.name))
    for child in below:
        _refuse_nobodys(tree, child, frozenset(child.merchant_ids), limit, tree.below(child))


def _brief(category: Category | None) -> dict[str, Any] | None:
    return {"id": category.id, "name": category.names} if category else None
