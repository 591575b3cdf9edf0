"""The agent's own switches."""

from flask import Response, abort, redirect, request

from helpdesk.accounts.roles import agent, viewer
from helpdesk.agents.agent import Agent
from helpdesk.agents.forms import AvailabilityForm
from helpdesk.agents.settings import bp
from helpdesk.core.access import allow
from helpdesk.core.security import local_path

__all__ = ["bp"]


@bp.post("/me/availability")
@allow(agent)
def availability_update() -> Response:
    """Say whether new work is welcome."""
    form, profile = AvailabilityForm.of_request(), Agent.of(viewer().id, lock=True)
    if profile is None or not form.validate():
        abort(400)
    profile.choose(form.availability.data, by=viewer())
    return redirect(local_path(request.form.get("next"), "/queue"), 303)
