"""The settings of tags."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.tickets.category_form import MergeTagForm, TagForm
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.tag import Tag, TicketTag, tag_names

INDEX = "tickets.tags_index"


@bp.get("/settings/tags")
@allow(manager)
def tags_index() -> Response:
    """All tags, with how much each is used."""
    words = request.args.get("q", "")[:40]
    known = select(Tag).where(Tag.merged_into_id.is_(None)).order_by(Tag.archived_at.is_not(None), Tag.name)
    if name := "-".join(tag_names(words)):
        known = known.where(Tag.name.contains(name, autoescape=True))
    tags = db.session.scalars(known.limit(1000)).all()
    return settings_page("settings/tags.html", section="tags", tags=tags, counts=_counts(), q=words)


@bp.get("/settings/tags/<id:tag_id>")
@allow(manager)
def tags_show(tag_id: int) -> Response:
    """One tag, to be renamed or merged."""
    own = select(Tag).where(Tag.id == tag_id, Tag.merged_into_id.is_(None))
    tag = db.session.scalar(own) or abort(404)
    return editor(tag, TagForm(data={"name": tag.name, "version": tag.version}), MergeTagForm())


@bp.post("/settings/tags/<id:tag_id>")
@allow(manager)
def tags_update(tag_id: int) -> Response:
    """Rename it on all its tickets."""
    tag, form = Tag.locked(tag_id) or abort(404), TagForm.of_request()
    if not form.validate():
        return editor(tag, form, MergeTagForm(), 422)
    if is_stale(form, tag) and (found := clashes([(_("Name"), form.name.data)], [(_("Name"), tag.name)])):
        return editor(tag, form, MergeTagForm(), 409, clashes=found)

    def again(refusal: Refusal) -> Response:
        taken = next(iter(tag_names(form.name.data)), "")
        form.name.errors = [refusal.message]
        return editor(tag, form, MergeTagForm(data={"into": taken if Tag.called(taken) else ""}), 409)

    return tried(lambda: tag.rename(form.name.data, by=viewer()) or tag, INDEX, again)


@bp.post("/settings/tags/<id:tag_id>/merge")
@allow(manager)
def tags_merge(tag_id: int) -> Response:
    """Give its tickets another tag instead."""
    tag, form = Tag.locked(tag_id) or abort(404), MergeTagForm.of_request()
    own = TagForm(data={"name": tag.name, "version": tag.version})
    if not form.validate():
        return editor(tag, own, form, 422)
    target = Tag.called(next(iter(tag_names(form.into.data)), ""))
    if target is None:
        form.into.errors = [_("There is no tag with this name.")]
        return editor(tag, own, form, 422)

    def again(refusal: Refusal) -> Response:
        form.into.errors = [refusal.message]
        return editor(tag, own, form, 409)

    return tried(lambda: tag.merge_into(target, by=viewer()) or target.survivor, INDEX, again)


@bp.post("/settings/tags/<id:tag_id>/archival")
@allow(manager)
def tags_archive(tag_id: int) -> Response:
    """Not to be put on more tickets."""
    tag = Tag.locked(tag_id) or abort(404)
    tag.archive(by=viewer())
    return redirect(url_for(INDEX, saved=tag.id), 303)


@bp.post("/settings/tags/<id:tag_id>/restoration")
@allow(manager)
def tags_restore(tag_id: int) -> Response:
    """To be used again."""
    tag = Tag.locked(tag_id) or abort(404)
    tag.restore(by=viewer())
    return redirect(url_for(INDEX, saved=tag.id), 303)


def editor(tag: Tag, form: TagForm, merge_form: MergeTagForm, code: int = 200, **local: Any) -> Response:
    """The page of one tag."""
    merged = db.session.scalars(select(Tag.name).where(Tag.merged_into_id == tag.id).order_by(Tag.name)).all()
    return settings_page(
        "settings/tag.html", section="tags", code=code, tag=tag, form=form, merge_form=merge_form, merged=merged,
        tickets=_counts().get(tag.id, 0), names=Tag.offered(), **({"clashes": []} | local),
    )  # fmt: skip


def _counts() -> dict[int, int]:
    return dict(db.session.execute(TicketTag.counts()).all())
