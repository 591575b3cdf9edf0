"""What all deeds of the ticket page share: how their ticket is found, and what they answer."""

from flask import Blueprint, Response, abort, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from helpdesk.accounts.roles import viewer
from helpdesk.agents.agent import Agent
from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.forms import Form, VersionedForm
from helpdesk.core.pages import invalid, respond
from helpdesk.tickets.conflict import Conflict
from helpdesk.tickets.own_mark import OwnMark
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import NUMBER, Ticket

bp = Blueprint("tickets", __name__)


class TicketNumber(BaseConverter):
    """`ACME-42` in addresses."""

    regex = NUMBER.pattern


@bp.record_once
def _know_numbers(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["number"] = TicketNumber


def found(number: str) -> Ticket:
    """The ticket of a deed, through its viewer, locked until the deed is done. 404 otherwise."""
    return Ticket.find(number, viewer(), lock=True) or abort(404)


def changed(
    ticket: Ticket, template: str = "tickets/changed.stream.html", to: str = "", **local: object
) -> Response:
    """The answer to a deed: the parts of the page that show the ticket's state.

    Who wrote something had seen what his page showed him then.
    """
    db.session.flush()
    seen = request.form.get("last_seen", "")
    if seen.isascii() and seen.isdecimal() and len(seen) < 19:
        ReadingMark.advance(ticket, int(seen), by=viewer())
    agents = Agent.able_for(ticket.merchant_id)
    to = to or url_for("desk.ticket_show", number=ticket.number)
    return respond(to, template, ticket=ticket, moves=ticket.moves, agents=agents, **local)


def mark_rows(ticket: Ticket) -> None:
    """What only he who asks knows of a ticket, to the lists that he has open elsewhere."""
    db.session.flush()
    topic, own = f"user.{viewer().id}", OwnMark.on([ticket], viewer())
    live.push(topic, "tickets/own_changed.stream.html", sequence=None, ticket=ticket, own=own[ticket.id])


def overtaken(ticket: Ticket, form: VersionedForm, name: str, mine: str, present: str) -> Response | None:
    """What answers an edit against an older state (TKT-008): both values, to choose. None: go on with the deed.

    Whoever keeps the other's value, or wanted the same one, is only shown how things are.
    """
    if form.keep.data or (ticket.is_newer_than(form.version.data) and mine == present):
        return changed(ticket)
    if not ticket.is_newer_than(form.version.data):
        return None
    conflict = Conflict.over(ticket, name, mine)
    agents = Agent.able_for(ticket.merchant_id)
    return again(
        f"tickets/_{name}_field.html", ticket, kind=name, form=conflict, conflict=conflict, agents=agents,
        moves=ticket.moves, code=409,
    )  # fmt: skip


def accepted(form: Form) -> Form:
    """A property form as it must be; 400 for values that its page cannot have sent."""
    return form if form.validate() else abort(400)


def again(template: str, ticket: Ticket, *, code: int = 422, **local: object) -> Response:
    """A form of the ticket's page with its errors: the form alone, or the page around it without JavaScript."""
    args = {"number": ticket.number}
    response = invalid(template, page="desk.ticket_show", args=args, ticket=ticket, **local)
    response.status_code = code
    return response
