"""Saved views: their lists, and their keeping. Each is found through its viewer; nobody else's private one is there."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import agent, viewer
from helpdesk.agents.group import Group
from helpdesk.agents.settings import clashes, is_stale
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.pages import page
from helpdesk.desk.filters import Filters
from helpdesk.desk.frame_views import asked, bp, nav
from helpdesk.desk.listing import Listing
from helpdesk.desk.listing_views import rows_alone, shown
from helpdesk.desk.saved_view import SavedView
from helpdesk.desk.saved_view_form import OWN, PinForm, PlaceForm, SavedListForm, SavedNameForm, SavedViewForm
from helpdesk.desk.saved_view_place import SavedViewPlace

STEPS = {"up": -1, "down": 1}


@bp.get("/queue/saved/<id:saved_id>")
@allow(agent)
def saved_show(saved_id: int) -> Response:
    """The queue as somebody saved it, or as it was narrowed further but not saved."""
    return shown(listing_of(saved_id))


@bp.get("/queue/saved/<id:saved_id>/rows")
@allow(agent)
def saved_rows(saved_id: int) -> Response:
    """Its rows alone."""
    return rows_alone(listing_of(saved_id))


@bp.get("/queue/saved")
@allow(agent)
def saved_index() -> Response:
    """All that he has, in his order: for pinning, renaming, archiving."""
    views = db.session.scalars(SavedView.seen_by(viewer())).all()
    return page(
        "desk/saved.html", views=nav(None)[0], saved_views=views, pinned=SavedViewPlace.pinned_by(viewer()),
        archived=request.args.get("archived", ""), chosen=request.args.get("saved", ""),
    )  # fmt: skip


@bp.post("/queue/saved")
@allow(agent)
def saved_create() -> Response:
    """Save the list that somebody looks at."""
    form = SavedViewForm.of_request().offer(teams())
    if not form.validate():
        return abort(400) if form.errors.keys() & {"view", "query"} else editor(None, form, 422)
    try:
        saved = SavedView.create(form.values | form.list_values, by=viewer())
    except Refusal as refusal:
        return refused(None, form, refusal)
    return redirect(url_for("desk.saved_show", saved_id=saved.id), 303)


@bp.get("/queue/saved/<id:saved_id>/edit")
@allow(agent)
def saved_edit(saved_id: int) -> Response:
    """Its name and who has it."""
    saved = own(saved_id)
    scope = str(saved.group_id or OWN)
    names = {name: getattr(saved, name) for name in ("name_en", "name_vi", "version")}
    return editor(saved, SavedNameForm(data=names | {"scope": scope}).offer(teams(), scope))


@bp.post("/queue/saved/<id:saved_id>")
@allow(agent)
def saved_update(saved_id: int) -> Response:
    """Call it otherwise, or give it to others."""
    saved = own(saved_id, lock=True)
    form = SavedNameForm.of_request().offer(teams(), str(saved.group_id or OWN))
    if not form.validate():
        return editor(saved, form, 422)
    if is_stale(form, saved) and (found := clashes(words(form.values), words(vars(saved)))):
        return editor(saved, form, 409, clashes=found)
    try:
        saved.change(form.values, by=viewer())
    except Refusal as refusal:
        return refused(saved, form, refusal)
    return redirect(url_for("desk.saved_index", saved=saved_id), 303)


@bp.post("/queue/saved/<id:saved_id>/filter")
@allow(agent)
def saved_filter(saved_id: int) -> Response:
    """What is looked at takes the place of what was saved."""
    saved, form = own(saved_id, lock=True), SavedListForm.of_request()
    if not form.validate() or not form.values["query"]:
        abort(400)
    if is_stale(form, saved) and form.values != {name: getattr(saved, name) for name in form.values}:
        raise Refusal(_("Somebody has changed this view since. Look at it as it is now, then save yours."))
    saved.change(form.values, by=viewer())
    return redirect(url_for("desk.saved_show", saved_id=saved_id), 303)


@bp.post("/queue/saved/<id:saved_id>/archival")
@allow(agent)
def saved_archive(saved_id: int) -> Response:
    """Beside no list any more; the page that follows offers to undo it."""
    own(saved_id, lock=True).archive(by=viewer())
    return redirect(url_for("desk.saved_index", archived=saved_id), 303)


@bp.post("/queue/saved/<id:saved_id>/restoration")
@allow(agent)
def saved_restore(saved_id: int) -> Response:
    """There again."""
    own(saved_id, lock=True).restore(by=viewer())
    return redirect(url_for("desk.saved_index", saved=saved_id), 303)


@bp.post("/queue/saved/<id:saved_id>/pin")
@allow(agent)
def saved_pin(saved_id: int) -> Response:
    """Among the first of his list, or not any more."""
    saved, form = found(saved_id), PinForm.of_request()
    if not form.validate():
        abort(400)
    (SavedViewPlace.pin if form.pinned.data == "1" else SavedViewPlace.unpin)(saved.id, by=viewer())
    return redirect(url_for("desk.saved_index", saved=saved_id), 303)


@bp.post("/queue/saved/<id:saved_id>/place")
@allow(agent)
def saved_place(saved_id: int) -> Response:
    """Up or down among what he has pinned."""
    saved, form = found(saved_id), PlaceForm.of_request()
    if not form.validate():
        abort(400)
    SavedViewPlace.step(saved.id, STEPS[form.direction.data], by=viewer())
    return redirect(url_for("desk.saved_index", saved=saved_id), 303)


def found(saved_id: int, *, lock: bool = False) -> SavedView:
    """One that he sees."""
    return SavedView.find(saved_id, viewer(), lock=lock) or abort(404)


def own(saved_id: int, *, lock: bool = False) -> SavedView:
    """One that he may change."""
    saved = found(saved_id, lock=lock)
    saved.refuse_others(by=viewer())
    return saved


def listing_of(saved_id: int) -> Listing:
    """Its list. Where the address says anything of filters, that counts instead of what was saved."""
    is_asked = bool(request.args.keys() & (vars(Filters()).keys() - {"size"}))
    return Listing.of_saved(found(saved_id), asked(), is_asked=is_asked)


def teams() -> list[Group]:
    """For which he may save views."""
    return [team for team in db.session.scalars(Group.on_offer()) if SavedView.may_be_made_by(viewer(), team)]


def editor(saved: SavedView | None, form: Any, code: int = 200, **local: Any) -> Response:
    """The page of its name, or of a new one that could not be saved yet."""
    answer = page(
        "desk/saved_view.html", views=nav(None)[0], saved=saved, form=form,
        teams={str(team.id): team.name for team in db.session.scalars(select(Group))}, **({"clashes": []} | local),
    )  # fmt: skip
    answer.status_code = code
    return answer


def refused(saved: SavedView | None, form: Any, refusal: Refusal) -> Response:
    """The form again, with what stands in its way."""
    form.form_errors.append(refusal.message)
    return editor(saved, form, refusal.code)


def words(values: Any) -> list[tuple[str, str]]:
    """What a form says of it, in words."""
    return [(_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"])]
