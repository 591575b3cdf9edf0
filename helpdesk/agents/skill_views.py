"""The settings of skills."""

from functools import partial
from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import func, select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.settings import bp, clashes, is_stale, refusing, settings_page, tried
from helpdesk.agents.skill import Skill
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import NamedForm
from helpdesk.core.i18n import _

INDEX = "agents.skills_index"


@bp.get("/settings/skills")
@allow(manager)
def skills_index() -> Response:
    """All skills, with how many have each."""
    counted = select(AgentSkill.skill_id, func.count()).join(User, User.id == AgentSkill.user_id)
    counted = counted.where(AgentSkill.removed_at.is_(None), User.is_active).group_by(AgentSkill.skill_id)
    return settings_page(
        "settings/skills.html", section="skills", skills=db.session.scalars(select(Skill).order_by(Skill.id)).all(),
        counts=dict(db.session.execute(counted).all()), with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/skills/new")
@allow(manager)
def skills_new() -> Response:
    """An empty form."""
    return editor(None, NamedForm())


@bp.post("/settings/skills")
@allow(manager)
def skills_create() -> Response:
    """A new skill."""
    form = NamedForm.of_request()
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Skill.create(names(form), by=viewer()), INDEX, refusing(form, partial(editor, None)))


@bp.get("/settings/skills/<id:skill_id>")
@allow(manager)
def skills_show(skill_id: int) -> Response:
    """One skill, to be called otherwise."""
    skill = db.session.get(Skill, skill_id) or abort(404)
    return editor(skill, NamedForm(obj=skill))


@bp.post("/settings/skills/<id:skill_id>")
@allow(manager)
def skills_update(skill_id: int) -> Response:
    """Call it otherwise."""
    skill, form = Skill.locked(skill_id) or abort(404), NamedForm.of_request()
    if not form.validate():
        return editor(skill, form, 422)
    present = {"name_en": skill.name_en, "name_vi": skill.name_vi}
    if is_stale(form, skill) and (found := clashes(words(names(form)), words(present))):
        return editor(skill, form, 409, clashes=found)
    return tried(
        lambda: skill.change(names(form), by=viewer()) or skill, INDEX, refusing(form, partial(editor, skill))
    )


@bp.post("/settings/skills/<id:skill_id>/archival")
@allow(manager)
def skills_archive(skill_id: int) -> Response:
    """Offer it no more."""
    skill = Skill.locked(skill_id) or abort(404)
    skill.archive(by=viewer())
    return redirect(url_for(INDEX, archived="", saved=skill.id), 303)


@bp.post("/settings/skills/<id:skill_id>/restoration")
@allow(manager)
def skills_restore(skill_id: int) -> Response:
    """Offer it again."""
    skill = Skill.locked(skill_id) or abort(404)
    skill.restore(by=viewer())
    return redirect(url_for(INDEX, saved=skill.id), 303)


def names(form: NamedForm) -> dict[str, str]:
    """As a skill takes them."""
    return {"name_en": form.name_en.data or "", "name_vi": form.name_vi.data or ""}


def words(values: dict[str, str]) -> list[tuple[str, str]]:
    """A state of the form in words, field by field."""
    return [(_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"])]


def editor(skill: Skill | None, form: NamedForm, code: int = 200, **local: Any) -> Response:
    """The page of one skill, or of a new one, with who has it."""
    held = select(User.id, User.name, AgentSkill.level).join(AgentSkill, AgentSkill.user_id == User.id)
    held = held.where(AgentSkill.skill_id == (skill.id if skill else 0), AgentSkill.removed_at.is_(None))
    holders = db.session.execute(
        held.where(User.is_active).order_by(AgentSkill.level.desc(), User.name)
    ).all()
    return settings_page(
        "settings/skill.html", section="skills", code=code, skill=skill, form=form, holders=holders,
        **({"clashes": []} | local),
    )  # fmt: skip
