"""The settings of the category tree."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import func, select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.group import Group
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.agents.skill import Skill
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import UNKNOWN
from helpdesk.core.i18n import _, lazy
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.category_form import CategoryForm, ParentForm, StepForm
from helpdesk.tickets.category_tree import CategoryTree
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, Priority
from helpdesk.tickets.ticket import Ticket

INDEX = "tickets.categories_index"
HANDED = {  # what categories below have from it
    "default_priority": lazy("Default priority"), "group_id": lazy("Team"), "policy_id": lazy("SLA policy"),
    "required_skills": lazy("Required skills"), "incident_tickets": lazy("Incident"),
}  # fmt: skip


@bp.get("/settings/categories")
@allow(manager)
def categories_index() -> Response:
    """The tree, with how much each is used."""
    tree = Category.tree()
    return settings_page(
        "settings/categories.html", section="categories", tree=tree, counts=counts(), merchants=_merchants(),
        with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/categories/new")
@allow(manager)
def categories_new() -> Response:
    """An empty form, perhaps for a child."""
    return editor(None, CategoryForm(data={"parent": request.args.get("parent", ""), "is_on_form": True}))


@bp.post("/settings/categories")
@allow(manager)
def categories_create() -> Response:
    """A new category."""
    choices = Choices(Category.tree(lock=True), None)
    form = choices.offer(CategoryForm.of_request())
    if not form.validate():
        return editor(None, form, 422)
    parent = choices.tree.by_id.get(int(form.parent.data or 0))
    return tried(
        lambda: Category.create(form.values, parent=parent, by=viewer()), INDEX, refusing(None, form)
    )


@bp.get("/settings/categories/<id:category_id>")
@allow(manager)
def categories_show(category_id: int) -> Response:
    """One category, to be changed."""
    category = Category.tree().by_id.get(category_id) or abort(404)
    return editor(category, form_of(category))


@bp.post("/settings/categories/<id:category_id>")
@allow(manager)
def categories_update(category_id: int) -> Response:
    """Change its values."""
    category = locked(category_id)
    choices = Choices(Category.tree(), category)
    form = choices.offer(CategoryForm.of_request())
    if not form.validate():
        return editor(category, form, 422)
    if is_stale(form, category) and (
        found := clashes(choices.words(form.values), choices.words(_values(category)))
    ):
        return editor(category, form, 409, clashes=found)
    return tried(
        lambda: category.change(form.values, by=viewer()) or category, INDEX, refusing(category, form)
    )


@bp.post("/settings/categories/<id:category_id>/parent")
@allow(manager)
def categories_move(category_id: int) -> Response:
    """Put its branch elsewhere."""
    category, form = locked(category_id), ParentForm.of_request()
    tree = Category.tree()
    word = form.parent.data or ""
    if not form.validate() or not (word == "" or (word.isdecimal() and int(word) in tree.by_id)):
        return refusing(category)(Refusal(UNKNOWN), 422)
    parent = tree.by_id[int(word)] if word else None
    return tried(lambda: category.move_to(parent, by=viewer()) or category, INDEX, refusing(category))


@bp.post("/settings/categories/<id:category_id>/position")
@allow(manager)
def categories_step(category_id: int) -> Response:
    """One place up or down."""
    category, form = locked(category_id), StepForm.of_request()
    if not form.validate():
        abort(400)
    category.step(-1 if form.direction.data == "up" else 1, by=viewer())
    return redirect(url_for(INDEX, _anchor=f"category-{category.id}"), 303)


@bp.post("/settings/categories/<id:category_id>/archival")
@allow(manager)
def categories_archive(category_id: int) -> Response:
    """Take its branch out of every list."""
    category = locked(category_id)
    category.archive(by=viewer())
    return redirect(url_for(INDEX, archived="", saved=category.id), 303)


@bp.post("/settings/categories/<id:category_id>/restoration")
@allow(manager)
def categories_restore(category_id: int) -> Response:
    """Put it back."""
    category = locked(category_id)
    return tried(lambda: category.restore(by=viewer()) or category, INDEX, refusing(category))


def locked(category_id: int) -> Category:
    """One of the tree, while nobody else changes the tree. 404 otherwise."""
    return Category.tree(lock=True).by_id.get(category_id) or abort(404)


def counts() -> dict[int, int]:
    """Category → how many tickets have it."""
    held = select(Ticket.category_id, func.count()).where(
        Ticket.deleted_at.is_(None), Ticket.category_id.is_not(None)
    )
    return dict(db.session.execute(held.group_by(Ticket.category_id)).all())


def refusing(category: Category | None, form: CategoryForm | None = None) -> Callable[..., Response]:
    """Shows the editor again, with the sentence that says why not."""

    def again(refusal: Refusal, code: int = 409) -> Response:
        shown = form or form_of(category)
        shown.form_errors = [*shown.form_errors, refusal.message]
        return editor(category, shown, code)

    return again


def editor(category: Category | None, form: CategoryForm, code: int = 200, **local: Any) -> Response:
    """The page of one category, or of a new one."""
    choices = Choices(Category.tree(), category)
    choices.offer(form)
    tickets = sum(counts().get(one.id, 0) for one in choices.tree.branch(category)) if category else 0
    return settings_page(
        "settings/category.html", section="categories", code=code, category=category, form=form, choices=choices,
        tickets=tickets, **({"clashes": []} | local),
    )  # fmt: skip


def form_of(category: Category | None) -> CategoryForm:
    """Filled with what is there."""
    if category is None:
        return CategoryForm()
    values = _values(category) | {
        "required_skills": [f"{one['skill']}:{one['level']}" for one in category.required_skills],
        "merchant_ids": [str(id_) for id_ in category.merchant_ids], "version": category.version,
        "group_id": str(category.group_id or ""), "policy_id": str(category.policy_id or ""),
        "default_priority": category.default_priority or "",
    }  # fmt: skip
    return CategoryForm(data=values)


def _values(category: Category) -> dict[str, Any]:
    names = (
        "name_en",
        "name_vi",
        "default_priority",
        "group_id",
        "policy_id",
        "required_skills",
        "merchant_ids",
    )
    more = ("is_on_form", "incident_tickets", "incident_minutes")
    return {name: getattr(category, name) for name in (*names, *more)}


def _incident(values: dict[str, Any]) -> tuple[int, int] | None:
    found = values["incident_tickets"], values["incident_minutes"]
    return found if all(found) else None


def _merchants() -> dict[int, str]:
    rows = db.session.execute(select(Merchant.id, Merchant.name).where(Merchant.deleted_at.is_(None)))
    return dict(rows.all())


@dataclass
class Choices:
    """What a category's form offers, and what it inherits."""

    tree: CategoryTree
    category: Category | None

    @cached_property
    def groups(self) -> dict[int, Group]:
        """By id."""
        return {group.id: group for group in db.session.scalars(Group.on_offer())}

    @cached_property
    def policies(self) -> dict[int, Policy]:
        """By id."""
        return {policy.id: policy for policy in db.session.scalars(Policy.on_offer())}

    @cached_property
    def skills(self) -> dict[int, Skill]:
        """By id."""
        return {skill.id: skill for skill in db.session.scalars(Skill.on_offer())}

    @cached_property
    def merchants(self) -> dict[int, str]:
        """Names by id."""
        return _merchants()

    def offer(self, form: CategoryForm) -> CategoryForm:
        """Say to the form what can be chosen; what is chosen already stays."""
        own = self.category
        return form.offer(
            parent=[option.id for option in self.tree.parents_for(None)],
            group_id={*self.groups, own.group_id or 0} if own else self.groups,
            policy_id={*self.policies, own.policy_id or 0} if own else self.policies,
            required_skills={*self.skills, *(one["skill"] for one in own.required_skills)} if own else self.skills,
            merchant_ids={*self.merchants, *own.merchant_ids} if own else self.merchants,
        )  # fmt: skip

    def unsaid(self, attribute: str) -> str:
        """What it has from above while it says nothing itself, in words."""
        parent = self.tree.by_id.get(self.category.parent_id or 0) if self.category else None
        held = "incident_tickets" if attribute == "incident" else attribute
        above = self.tree.effective(parent, held) if parent else None
        if above is None or above.source is None:
            return _("Not set")
        value = self.word(
            attribute, _incident(vars(above.source)) if attribute == "incident" else above.value
        )
        return _("%(value)s (from “%(name)s”)", value=value, name=above.source.name)

    @property
    def handed_down(self) -> list[tuple[Category, list[str]]]:
        """Each category below, with what it has from this one because it says nothing itself."""
        own, tree = self.category, self.tree
        below = [one for one in tree.branch(own) if one is not own and not one.archived_at] if own else []
        return [
            (one, [str(word) for name, word in HANDED.items() if tree.effective(one, name).source is own])
            for one in below
        ]

    def word(self, attribute: str, value: Any) -> str:
        """A value in words; empty for none."""
        if not value:
            return ""
        if attribute == "incident":
            return _("%(count)s tickets within %(minutes)s minutes", count=value[0], minutes=value[1])
        if attribute == "required_skills":
            known = ((self.skills.get(one["skill"]), one["level"]) for one in value)
            return ", ".join(f"{skill.name if skill else '?'} {level}" for skill, level in known)
        if attribute == "merchant_ids":
            return ", ".join(self.merchants.get(id_, "?") for id_ in value)
        if attribute == "default_priority":
            return str(PRIORITY_LABELS[Priority(value)])
        held = {"group_id": self.groups, "policy_id": self.policies}[attribute].get(value)
        return held.name if held else "?"

    def words(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        """A state of the form in words, field by field."""
        return [
            (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
            (_("Default priority"), self.word("default_priority", values["default_priority"])),
            (_("Team"), self.word("group_id", values["group_id"])),
            (_("SLA policy"), self.word("policy_id", values["policy_id"])),
            (_("Required skills"), self.word("required_skills", values["required_skills"])),
            (_("Stores"), self.word("merchant_ids", values["merchant_ids"])),
            (_("Customers can choose it on the form"), _("Yes") if values["is_on_form"] else _("No")),
            (_("Incident"), self.word("incident", _incident(values))),
        ]  # fmt: skip
