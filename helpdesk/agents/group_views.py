"""The settings of teams."""

from functools import partial
from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import func, or_, select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.group_form import GroupForm
from helpdesk.agents.settings import bp, clashes, is_stale, refusing, settings_page, tried
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.i18n import _
from helpdesk.core.name_order import by_name

INDEX = "agents.groups_index"


@bp.get("/settings/groups")
@allow(manager)
def groups_index() -> Response:
    """All teams, with how many are in them and who leads."""
    rows = select(Group, User.name).outerjoin(User, User.id == Group.lead_id).order_by(Group.id)
    counted = select(GroupMember.group_id, func.count()).where(GroupMember.removed_at.is_(None))
    counts = dict(db.session.execute(counted.group_by(GroupMember.group_id)).all())
    return settings_page(
        "settings/groups.html", section="groups", groups=db.session.execute(rows).all(), counts=counts,
        with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/groups/new")
@allow(manager)
def groups_new() -> Response:
    """An empty form."""
    return editor(None, GroupForm())


@bp.post("/settings/groups")
@allow(manager)
def groups_create() -> Response:
    """A new team."""
    form = GroupForm.of_request().offer(people(None))
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Group.create(form.values, by=viewer()), INDEX, refusing(form, partial(editor, None)))


@bp.get("/settings/groups/<id:group_id>")
@allow(manager)
def groups_show(group_id: int) -> Response:
    """One team, to be changed."""
    group = db.session.get(Group, group_id) or abort(404)
    return editor(group, GroupForm.holding(group.values, version=group.version))


@bp.post("/settings/groups/<id:group_id>")
@allow(manager)
def groups_update(group_id: int) -> Response:
    """Change its name, its members, its lead."""
    group = Group.locked(group_id) or abort(404)
    names = people(group)
    form = GroupForm.of_request().offer(names)
    if not form.validate():
        return editor(group, form, 422)
    if is_stale(form, group) and (found := clashes(words(form.values, names), words(group.values, names))):
        return editor(group, form, 409, clashes=found)
    return tried(
        lambda: group.change(form.values, by=viewer()) or group, INDEX, refusing(form, partial(editor, group))
    )


@bp.post("/settings/groups/<id:group_id>/archival")
@allow(manager)
def groups_archive(group_id: int) -> Response:
    """Offer it no more."""
    group = Group.locked(group_id) or abort(404)
    group.archive(by=viewer())
    return redirect(url_for(INDEX, archived="", saved=group.id), 303)


@bp.post("/settings/groups/<id:group_id>/restoration")
@allow(manager)
def groups_restore(group_id: int) -> Response:
    """Offer it again."""
    group = Group.locked(group_id) or abort(404)
    group.restore(by=viewer())
    return redirect(url_for(INDEX, saved=group.id), 303)


def people(group: Group | None) -> dict[int, str]:
    """Who can be a member, names by id: active users, and whoever is one already."""
    members = Group.member_ids(group.id) if group else select(User.id).where(User.id.is_(None))
    rows = select(User.id, User.name).where(or_(User.is_active, User.id.in_(members)))
    return dict(by_name(db.session.execute(rows.order_by(User.id)).all()))


def words(values: dict[str, Any], names: dict[int, str]) -> list[tuple[str, str]]:
    """A state of the form in words, field by field."""
    return [
        (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
        (_("Members"), ", ".join(names.get(id_, "?") for id_ in values["member_ids"])),
        (_("Lead"), names.get(values["lead_id"], "")),
    ]  # fmt: skip


def editor(group: Group | None, form: GroupForm, code: int = 200, **local: Any) -> Response:
    """The page of one team, or of a new one."""
    return settings_page(
        "settings/group.html", section="groups", code=code, group=group, form=form, people=people(group),
        **({"clashes": []} | local),
    )  # fmt: skip
