"""The settings of agents: who is on now and how loaded, and everything about one of them."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.accounts.user import ROLE_NAMES, User
from helpdesk.agents.agent import Agent
from helpdesk.agents.forms import AvailabilityForm, HandBackForm, LeaveForm
from helpdesk.agents.group import Group
from helpdesk.agents.leave import Leave
from helpdesk.agents.profile_form import ProfileForm
from helpdesk.agents.profile_page import LANGUAGE_NAMES, ProfilePage
from helpdesk.agents.roster import STATES, Roster
from helpdesk.agents.settings import bp, clashes, is_stale, refusing, settings_page, tried
from helpdesk.core import live
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.pages import fragment
from helpdesk.organizers.organizer import Organizer

INDEX, SHOW = "agents.agents_index", "agents.agents_show"


@bp.get("/settings/agents")
@allow(manager)
def agents_index() -> Response:
    """Who is on now and how loaded."""
    return roster_page(HandBackForm(data={"hand_back_minutes": Organizer.present().hand_back_minutes}))


@bp.get("/agents/list")
@allow(manager)
def agents_list() -> Response:
    """The same, for the page that has heard of a change."""
    return fragment("settings/agents_changed.stream.html", **listed(Roster()), saved="")


@live.may_join("staff")
def _own_staff(user: object, organizer_id: int) -> bool:
    """Who is on is for managers."""
    return isinstance(user, User) and user.is_at_least("manager") and user.organizer_id == organizer_id


@bp.post("/settings/agents/hand-back")
@allow(manager)
def hand_back_update() -> Response:
    """Say after how long away others get what somebody has not begun."""
    form = HandBackForm.of_request()
    if not form.validate():
        return roster_page(form, 422)
    Organizer.present().hand_back_after(form.hand_back_minutes.data, by=viewer())
    return redirect(url_for(INDEX, saved="hand-back"), 303)


@bp.post("/settings/agents/<id:user_id>/profile")
@allow(manager)
def agents_create(user_id: int) -> Response:
    """Let a user be given work."""
    somebody = select(User).where(User.id == user_id, User.is_active)
    profile = Agent.make(db.session.scalar(somebody) or abort(404), by=viewer())
    return redirect(url_for(SHOW, user_id=profile.user_id), 303)


@bp.get("/settings/agents/<id:user_id>")
@allow(manager)
def agents_show(user_id: int) -> Response:
    """One agent, to be changed."""
    one = ProfilePage(Agent.of(user_id) or abort(404))
    return editor(one, one.form())


@bp.post("/settings/agents/<id:user_id>")
@allow(manager)
def agents_update(user_id: int) -> Response:
    """Change what is known of him."""
    one = locked(user_id)
    form = one.offered(ProfileForm.of_request())
    if not form.validate():
        return editor(one, form, 422)
    if is_stale(form, one) and (found := clashes(one.words(form.values), one.words(one.agent.values))):
        return editor(one, form, 409, clashes=found)
    groups = form.groups_after(db.session.scalars(Group.ids_of(user_id)))
    return tried(
        lambda: one.agent.change(form.values | {"groups": groups}, by=viewer()) or one.agent, INDEX,
        refusing(form, partial(editor, one)),
    )  # fmt: skip


@bp.post("/settings/agents/<id:user_id>/availability")
@allow(manager)
def agents_availability_update(user_id: int) -> Response:
    """Say on his behalf how available he is."""
    one, form = locked(user_id), AvailabilityForm.of_request()
    if not form.validate():
        abort(400)
    try:
        until = form.until(one.agent)
        one.agent.choose(form.chosen, by=viewer(), until=until, hand_back=form.hand_back.data)
    except Refusal as refusal:
        return refusing(one.form(), partial(editor, one))(refusal)
    return redirect(url_for(SHOW, user_id=user_id, saved="availability", _anchor="now"), 303)


@bp.post("/settings/agents/<id:user_id>/leave")
@allow(manager)
def agents_leave_create(user_id: int) -> Response:
    """Enter leave for him."""
    one, form = locked(user_id), LeaveForm.of_request()
    if took_leave(one.agent, form):
        return redirect(url_for(SHOW, user_id=user_id, saved="leave", _anchor="leave"), 303)
    return editor(one, one.form(), 422, leave_form=form)


@bp.post("/settings/agents/<id:user_id>/leave/<id:leave_id>/cancellation")
@allow(manager)
def agents_leave_cancel(user_id: int, leave_id: int) -> Response:
    """Let him work on these days after all."""
    one = locked(user_id)
    one.agent.cancel_leave(leave_of(one.agent, leave_id), by=viewer())
    return redirect(url_for(SHOW, user_id=user_id, saved="leave", _anchor="leave"), 303)


def locked(user_id: int) -> ProfilePage:
    """Somebody's profile, about to be changed. 404 for who has none."""
    return ProfilePage.to_change(user_id) or abort(404)


def took_leave(profile: Agent, form: LeaveForm) -> bool:
    """Enter what a form says; where that cannot be, the form says why."""
    if not form.validate():
        return False
    first, last = form.days
    try:
        profile.take_leave(first, last, by=viewer(), note=form.note.data or "")
    except Refusal as refusal:
        form.first_day.errors = [refusal.message]
        return False
    return True


def leave_of(profile: Agent, leave_id: int) -> Leave:
    """One of somebody's, cancelled or not. 404 otherwise."""
    own = select(Leave).where(Leave.id == leave_id, Leave.user_id == profile.user_id)
    return db.session.scalar(own) or abort(404)


def roster_page(form: HandBackForm, code: int = 200) -> Response:
    """The list, with what can be done beside it."""
    return settings_page(
        "settings/agents.html", section="agents", code=code, form=form, role_names=ROLE_NAMES,
        live_url=staff_socket(roster := Roster()), **listed(roster),
    )  # fmt: skip


def listed(roster: Roster) -> dict[str, Any]:
    """Everybody, or only those in the state that is asked for."""
    asked = request.args.get("state", "")
    state = asked if asked in STATES else ""
    return {"roster": roster, "states": STATES, "state": state, "language_names": LANGUAGE_NAMES}


def staff_socket(roster: Roster) -> str:
    """The address of the socket that says who comes and goes, and that tickets change hands."""
    stores = (f"queue.{id_}" for id_ in roster.merchant_ids)
    topics = [f"user.{viewer().id}", f"staff.{viewer().organizer_id}", *stores]
    return f"/ws?{urlencode({'topics': ','.join(topics[: live.MOST_TOPICS])})}"


def editor(one: ProfilePage, form: ProfileForm, code: int = 200, **local: Any) -> Response:
    """The page of one agent."""
    shown = {"clashes": [], "leave_form": LeaveForm()} | local
    return settings_page(
        "settings/agent.html", section="agents", code=code, one=one, agent=one.agent, form=form,
        language_names=LANGUAGE_NAMES, **shown,
    )  # fmt: skip
