"""What has to do with other tickets: merging, and links between related ones."""

from flask import Response, abort

from helpdesk.accounts.roles import agent, manager, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import failure
from helpdesk.core.i18n import _
from helpdesk.tickets.deed_views import bp, changed
from helpdesk.tickets.forms import MergeForm, RelationForm
from helpdesk.tickets.queries import thread_of
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation


def _unknown(number: str) -> Response:
    return failure(404, _("There is no ticket %(number)s.", number=number))


@bp.post("/tickets/<number:number>/merge")
@allow(manager)
def merge_create(number: str) -> Response:
    """Put its messages into another ticket, and close it."""
    form = MergeForm.of_request()
    ticket, other = Ticket.find_two(number, form.into.data or "", viewer())
    if ticket is None:
        abort(404)
    if not form.validate():
        return failure(422, next(iter(form.errors.values()))[0])
    if other is None:
        return _unknown(form.into.data)
    if ticket.merged_into_id != other.id:
        ticket.check_version(form.version.data)
    ticket.merge_into(other, by=viewer())
    return _related(ticket, "tickets/merge_create.stream.html", messages=thread_of(ticket))


@bp.post("/tickets/<number:number>/relations")
@allow(agent)
def relations_create(number: str) -> Response:
    """Say that it has to do with another one."""
    form = RelationForm.of_request()
    ticket, other = Ticket.find_two(number, form.other.data or "", viewer())
    if ticket is None:
        abort(404)
    if not form.validate():
        return failure(422, next(iter(form.errors.values()))[0])
    if other is None:
        return _unknown(form.other.data)
    TicketRelation.relate(ticket, other, by=viewer())
    return _related(ticket)


@bp.post("/tickets/<number:number>/relations/<id:relation_id>/removal")
@allow(agent)
def relation_delete(number: str, relation_id: int) -> Response:
    """End a link."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    relation = TicketRelation.find(ticket, relation_id) or abort(404)
    Ticket.find_two(relation.ticket.number, relation.other.number, viewer())
    db.session.refresh(relation)  # whoever ended it at the same time is done
    relation.unrelate(by=viewer())
    return _related(ticket)


def _related(
    ticket: Ticket, template: str = "tickets/relations_changed.stream.html", **local: object
) -> Response:
    db.session.flush()
    return changed(ticket, template, near=TicketRelation.around(ticket), **local)
