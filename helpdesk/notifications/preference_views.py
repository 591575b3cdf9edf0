"""The page on which somebody chooses what he is told, how and when."""

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import invalid, page
from helpdesk.core.week import DAYS
from helpdesk.notifications.preference import Preference
from helpdesk.notifications.preference_form import PreferenceForm
from helpdesk.notifications.preference_topic import CHANNELS, OF_USERS
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar_words import day_name

bp = Blueprint("notifications", __name__)
PAGE = "notifications/preferences.html"


def _offered(form: PreferenceForm) -> dict[str, Any]:
    """What the page shows."""
    zone = Preference.of(viewer().id).times(viewer()).zone
    return {
        "form": form, "topics": OF_USERS, "channels": CHANNELS, "zone": zone, "availability": None,
        "days": [(day, day_name(day, "abbreviated")) for day in DAYS],
        "window_seconds": Organizer.present().mail_window_seconds,
    }  # fmt: skip


@bp.get("/me/notifications")
@allow(agent)
def preferences_show() -> Response:
    """What I am told."""
    form = PreferenceForm.showing(Preference.of(viewer().id), Preference.shown_to(viewer()))
    return page(PAGE, **_offered(form), saved=request.args.get("saved", ""))


@bp.post("/me/notifications")
@allow(agent)
def preferences_update() -> Response:
    """Choose."""
    form = PreferenceForm.sent(Preference.shown_to(viewer()), request.form)
    if not form.validate():
        return invalid(PAGE, **_offered(form), saved="")
    Preference.choose(form.channels, form.times, by=viewer())
    return redirect(url_for("notifications.preferences_show", saved="chosen"), 303)


@bp.post("/me/notifications/defaults")
@allow(agent)
def preferences_delete() -> Response:
    """Back to what is shipped."""
    Preference.reset(by=viewer())
    return redirect(url_for("notifications.preferences_show", saved="reset"), 303)
