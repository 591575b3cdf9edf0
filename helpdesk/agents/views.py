"""What an agent says about himself: how available he is, when he works, when he is on leave."""

# ruff: noqa: F401 - imported to be registered with the blueprint
from typing import Any

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.agents import agent_views, group_views, skill_views
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_views import leave_of, took_leave
from helpdesk.agents.forms import AvailabilityForm, LeaveForm
from helpdesk.agents.profile_form import WeekForm
from helpdesk.agents.profile_page import ProfilePage
from helpdesk.agents.settings import bp, clashes, is_stale
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.pages import page, respond
from helpdesk.core.security import local_path

__all__ = ["bp"]

OWN = "agents.schedule_show"


@bp.post("/me/availability")
@allow(agent)
def availability_update() -> Response:
    """Say whether new work is welcome."""
    form, profile = AvailabilityForm.of_request(), Agent.of(viewer().id, lock=True)
    if profile is None:
        raise Refusal(_("You are given no work at present; a manager can change that."))
    if not form.validate():
        abort(400)
    until = form.until(profile)
    profile.choose(form.chosen, by=viewer(), until=until, hand_back=form.hand_back.data)
    back = local_path(request.form.get("next"), "/queue")
    return respond(back, "agents/availability_update.stream.html", profile=profile)


@bp.get("/me/schedule")
@allow(agent)
def schedule_show() -> Response:
    """When I work."""
    own = ProfilePage(Agent.of(viewer().id) or abort(404))
    return schedule_page(own, own.week_form(), LeaveForm())


@bp.post("/me/schedule")
@allow(agent)
def schedule_update() -> Response:
    """Say when and where I work, and who stands in for me."""
    own = mine()
    form = own.offered(WeekForm.of_request())
    if not form.validate():
        return schedule_page(own, form, LeaveForm(), 422)
    before = own.words(own.week_form().values)
    if is_stale(form, own) and (found := clashes(own.words(form.values), before)):
        return schedule_page(own, form, LeaveForm(), 409, clashes=found)
    try:
        own.agent.change(form.values, by=viewer())
    except Refusal as refusal:
        form.form_errors = [refusal.message]
        return schedule_page(own, form, LeaveForm(), 409)
    return redirect(url_for(OWN, saved=1), 303)


@bp.post("/me/leave")
@allow(agent)
def leave_create() -> Response:
    """Enter leave."""
    own, form = mine(), LeaveForm.of_request()
    if took_leave(own.agent, form):
        return redirect(url_for(OWN, saved=1, _anchor="leave"), 303)
    return schedule_page(own, own.week_form(), form, 422)


@bp.post("/me/leave/<id:leave_id>/cancellation")
@allow(agent)
def leave_cancel(leave_id: int) -> Response:
    """Work on these days after all."""
    own = mine()
    own.agent.cancel_leave(leave_of(own.agent, leave_id), by=viewer())
    return redirect(url_for(OWN, saved=1, _anchor="leave"), 303)


def mine() -> ProfilePage:
    """My own profile, locked. 404 for who has none."""
    return ProfilePage.to_change(viewer().id) or abort(404)


def schedule_page(
    own: ProfilePage, form: WeekForm, leave_form: LeaveForm, code: int = 200, **local: Any
) -> Response:
    """The page of one's own working hours."""
    answer = page(
        "agents/schedule.html", own=own, agent=own.agent, form=form, leave_form=leave_form,
        saved="saved" in request.args, **({"clashes": []} | local),
    )  # fmt: skip
    answer.status_code = code
    return answer
