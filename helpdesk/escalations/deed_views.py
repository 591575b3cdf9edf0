"""Raising and acknowledging by hand."""

from flask import Blueprint, Response, abort, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import failure
from helpdesk.core.pages import respond
from helpdesk.escalations.escalation import Escalation, deeds_of
from helpdesk.escalations.forms import EscalationForm
from helpdesk.escalations.ladder_step import TRIGGERS
from helpdesk.tickets.ticket import Ticket

bp = Blueprint("escalations", __name__)
bp.add_app_template_global(deeds_of)


@bp.app_template_global()
def trigger_label(trigger: str) -> str:
    """What raises escalations, in the reader's words."""
    return str(TRIGGERS[trigger])


@bp.post("/tickets/<number:number>/escalations")
@allow(agent)
def escalations_create(number: str) -> Response:
    """Ask for more attention, with a reason."""
    ticket = Ticket.find(number, viewer(), lock=True) or abort(404)
    form = EscalationForm.of_request()
    if not form.validate():
        return failure(422, next(iter(form.errors.values()))[0])
    Escalation.raise_by_hand(ticket, by=viewer(), level=int(form.level.data), reason=form.reason.data)
    return _changed(ticket)


@bp.post("/escalations/<id:escalation_id>/acknowledgement")
@allow(agent)
def acknowledgement_create(escalation_id: int) -> Response:
    """Say that one looks after it."""
    row = db.session.get(Escalation, escalation_id) or abort(404)
    ticket = Ticket.find(row.ticket.number, viewer(), lock=True) or abort(404)
    row.acknowledge(by=viewer())
    return _changed(ticket)


def _changed(ticket: Ticket) -> Response:
    escalations = db.session.scalars(Escalation.of(ticket.id)).all()
    to = url_for("desk.ticket_show", number=ticket.number)
    return respond(to, "escalations/changed.stream.html", ticket=ticket, escalations=escalations)
