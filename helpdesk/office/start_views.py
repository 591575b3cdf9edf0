"""The list of first steps: shown while the desk is not set up, put away and taken out again by hand."""

from flask import Response, redirect, request, url_for

from helpdesk.accounts.roles import manager
from helpdesk.agents.settings import settings_page
from helpdesk.core.access import allow
from helpdesk.office.audit_views import bp
from helpdesk.office.first_steps import FirstSteps
from helpdesk.organizers.organizer import Organizer


@bp.app_template_global()
def first_steps() -> FirstSteps | None:
    """What is still to do before the first ticket; None once it is done, or where nobody wants to see it."""
    steps = FirstSteps()
    return None if Organizer.present().hides_start or steps.are_over else steps


@bp.get("/settings/start")
@allow(manager)
def start_show() -> Response:
    """From nothing to the first ticket."""
    hides = Organizer.present().hides_start
    return settings_page("settings/start.html", section="start", steps=FirstSteps(), hides=hides)


@bp.post("/settings/start")
@allow(manager)
def start_update() -> Response:
    """Put the list away, or take it out again; it can be opened either way."""
    Organizer.present().hides_start = request.form.get("show") != "1"
    return redirect(url_for("office.start_show"), 303)
