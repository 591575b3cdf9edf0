"""Who is at a ticket: what open pages say of their readers, and what they ask about others."""

from flask import Response, abort, request, url_for

from helpdesk.accounts.roles import agent, unattended, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import fragment, respond
from helpdesk.desk.filters import SIZES
from helpdesk.desk.forms import PresenceForm
from helpdesk.desk.frame_views import bp
from helpdesk.desk.presence import Presence
from helpdesk.tickets.ticket import Ticket


@bp.post("/tickets/<number:number>/presence")
@allow(agent)
def presence_update(number: str) -> Response:
    """A page says what its reader does here, and hears who else is here."""
    ticket = db.session.scalar(Ticket.visible_to(viewer()).where(Ticket.number == number)) or abort(404)
    form = PresenceForm.of_request()
    if not form.validate():
        abort(400)
    unattended()
    people = Presence.tell(ticket, viewer(), form.tab.data, form.state.data)
    to = url_for("desk.ticket_show", number=number)
    return respond(to, "desk/presence_changed.stream.html", ticket=ticket, people=people)


@bp.get("/queue/presence")
@allow(agent)
def presence_index() -> Response:
    """Who is at the tickets of a list, for a page that shows it."""
    unattended()
    asked = request.args.get("tickets", "").split(",")[: max(SIZES)]
    ids = [int(each) for each in asked if each.isascii() and each.isdecimal() and len(each) < 19]
    tickets = db.session.scalars(Ticket.visible_to(viewer()).where(Ticket.id.in_(ids))).all()
    present = Presence.on([ticket.id for ticket in tickets])
    return fragment("desk/presence_index.stream.html", tickets=tickets, present=present)
