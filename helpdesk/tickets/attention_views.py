"""Who looks after a ticket, and when: following it, and putting it out of sight for a while."""

from typing import Any

from flask import Response, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import respond
from helpdesk.tickets.deed_views import again, bp, changed, found
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.forms import FollowingForm
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.snooze_form import WHENS, SnoozeForm


@bp.post("/tickets/<number:number>/following")
@allow(agent)
def following_update(number: str) -> Response:
    """Follow it, or follow it no more."""
    ticket, form = found(number), FollowingForm.of_request()
    (Follower.follow if form.follow.data == "1" else Follower.unfollow)(ticket, by=viewer())
    followers = Follower.of(ticket.id)
    return respond(
        url_for("desk.ticket_show", number=number), "tickets/_followers.html", ticket=ticket, followers=followers,
        is_followed=viewer() in followers,
    )  # fmt: skip


@bp.post("/tickets/<number:number>/snooze")
@allow(agent)
def snooze_create(number: str) -> Response:
    """Put it out of sight."""
    ticket, form = found(number), SnoozeForm.sent_by(viewer())
    if not form.validate():
        return again("tickets/_snooze.html", ticket, kind="snooze", form=form)
    Snooze.begin(ticket, form.instant, by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/waking")
@allow(agent)
def waking_create(number: str) -> Response:
    """Bring it back before its time."""
    ticket = found(number)
    Snooze.end(ticket, by=viewer())
    return changed(ticket)


@bp.app_template_global()
def snooze_times() -> list[tuple[str, Any]]:
    """Until when a ticket can be put out of sight."""
    return list(WHENS.items())
