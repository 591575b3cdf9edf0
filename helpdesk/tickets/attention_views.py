"""Who looks after a ticket, and when: following it, and putting it out of sight for a while."""

from typing import Any

from flask import Response, abort, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.forms import one_line
from helpdesk.core.pages import fragment, respond
from helpdesk.tickets.deed_views import again, bp, changed, found
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.forms import FollowingForm
from helpdesk.tickets.mention import Mention
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.snooze_form import WHENS, SnoozeForm
from helpdesk.tickets.ticket import Ticket


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
    return changed(ticket, "tickets/snooze_create.stream.html")


@bp.post("/tickets/<number:number>/waking")
@allow(agent)
def waking_create(number: str) -> Response:
    """Bring it back before its time."""
    ticket = found(number)
    Snooze.end(ticket, by=viewer())
    return changed(ticket)


@bp.get("/tickets/<number:number>/mentions")
@allow(agent)
def mentions_show(number: str) -> Response:
    """Who can be addressed in a note on this ticket, as lines of a listbox."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    people = Mention.offered(ticket.merchant_id, one_line(request.args.get("q", "")[:100]))
    return fragment(
        "tickets/_mention_matches.html", people=[(each.user, each.call(people)) for each in people]
    )


@bp.app_template_global()
def snooze_times() -> list[tuple[str, Any]]:
    """Until when a ticket can be put out of sight."""
    return list(WHENS.items())
