"""What a ticket is: its status, priority, assignee; and how far somebody has read it."""

import re

from flask import Response, abort

from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.user import User
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import StrictId
from helpdesk.tickets.deed_views import accepted, bp, changed, found, mark_rows, overtaken
from helpdesk.tickets.forms import AssignmentForm, PriorityForm, ReadingForm, StatusForm
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket


@bp.post("/tickets/<number:number>/status")
@allow(agent)
def status_update(number: str) -> Response:
    """Go to another status."""
    ticket, form = found(number), accepted(StatusForm.of_request())
    if answer := overtaken(ticket, form, "status", form.status.data, ticket.status):
        return answer
    ticket.move_to(Status(form.status.data), by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/priority")
@allow(agent)
def priority_update(number: str) -> Response:
    """Change the priority."""
    ticket, form = found(number), accepted(PriorityForm.of_request())
    if answer := overtaken(ticket, form, "priority", form.priority.data, ticket.priority):
        return answer
    ticket.reprioritise(Priority(form.priority.data), by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/assignment")
@allow(agent)
def assignment_update(number: str) -> Response:
    """Take it, give it to somebody, or hand it back."""
    ticket, form = found(number), accepted(AssignmentForm.of_request())
    if form.agent.data is None:
        abort(400)  # an empty choice hands the ticket back; no choice at all is no form of ours
    if answer := overtaken(ticket, form, "assignment", _whom(form.agent.data), str(ticket.assignee_id or "")):
        return answer
    _assign(ticket, form.agent.data)
    return changed(ticket)


@bp.post("/tickets/<number:number>/reading")
@allow(agent)
def reading_update(number: str) -> Response:
    """The page has been looked at, down to a message."""
    ticket, form = found(number), accepted(ReadingForm.of_request())
    ReadingMark.advance(ticket, form.message.data, by=viewer())
    mark_rows(ticket)
    return Response(status=204)


def _whom(chosen: str) -> str:
    """The id of who is chosen; empty for nobody."""
    return {"me": str(viewer().id), "auto": ""}.get(chosen, chosen)


def _assign(ticket: Ticket, whom: str) -> None:
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
