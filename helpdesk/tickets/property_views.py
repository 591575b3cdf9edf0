"""What a ticket is: its status, priority, assignee."""

import re

from flask import Response, abort

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import StrictId
from helpdesk.tickets.deed_views import accepted, bp, changed, found
from helpdesk.tickets.forms import AssignmentForm, PriorityForm, StatusForm
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket


@bp.post("/tickets/<number:number>/status")
@allow(agent)
def status_update(number: str) -> Response:
    """Go to another status."""
    ticket, form = found(number), accepted(StatusForm.of_request())
    ticket.check_version(form.version.data)
    ticket.move_to(Status(form.status.data), by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/priority")
@allow(agent)
def priority_update(number: str) -> Response:
    """Change the priority."""
    ticket, form = found(number), accepted(PriorityForm.of_request())
    ticket.check_version(form.version.data)
    ticket.reprioritise(Priority(form.priority.data), by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/assignment")
@allow(agent)
def assignment_update(number: str) -> Response:
    """Take it, give it to somebody, or hand it back."""
    ticket, form = found(number), accepted(AssignmentForm.of_request())
    ticket.check_version(form.version.data)
    _assign(ticket, form.agent.data)
    return changed(ticket)


def _assign(ticket: Ticket, whom: str | None) -> None:
    if whom is None:
        abort(400)  # an empty choice hands the ticket back; no choice at all is no form of ours
    if whom in ("", "auto"):
        ticket.release(by=viewer())
    elif whom in ("me", str(viewer().id)):
        ticket.assign_to(viewer(), by=viewer()) if viewer().is_at_least("manager") else ticket.take(
            by=viewer()
        )
    else:
        ticket.give_to(_colleague(whom), by=viewer())


def _colleague(whom: str) -> User:
    if not re.fullmatch(StrictId.regex, whom):
        abort(400)
    return db.session.get(User, int(whom)) or abort(404)
