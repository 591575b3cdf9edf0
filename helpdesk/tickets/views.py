"""The deeds of the ticket page. The page itself is the desk's, which may know more rooms."""

import re

from flask import Blueprint, Response, abort, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from helpdesk.accounts.roles import agent, manager, viewer
from helpdesk.accounts.user import User, workers_of
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal, failure
from helpdesk.core.forms import Form, sent_files
from helpdesk.core.i18n import _
from helpdesk.core.pages import StrictId, invalid, respond
from helpdesk.tickets.attachment import BadFile, Upload
from helpdesk.tickets.forms import (
    THEN,
    AssignmentForm,
    ClosureForm,
    MessageForm,
    PriorityForm,
    ReplyForm,
    ResolveForm,
    StatusForm,
)
from helpdesk.tickets.lifecycle import (
    CLOCK_LABELS,
    CUSTOMER_LABELS,
    PRIORITY_LABELS,
    STATUS_LABELS,
    Priority,
    Status,
)
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket

bp = Blueprint("tickets", __name__)


class TicketNumber(BaseConverter):
    """`ACME-42` in addresses: the merchant's prefix and a number, in one spelling."""

    regex = "[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8}"


@bp.record_once
def _know_numbers(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["number"] = TicketNumber


def found(number: str) -> Ticket:
    """The ticket of a deed, through its viewer, locked until the deed is done. 404 otherwise."""
    return Ticket.find(number, viewer(), lock=True) or abort(404)


def changed(ticket: Ticket, template: str = "tickets/changed.stream.html", **local: object) -> Response:
    """The answer to a deed: the parts of the page that show the ticket's state."""
    db.session.flush()
    agents = db.session.scalars(workers_of(ticket.merchant_id)).all()
    to = url_for("desk.ticket_show", number=ticket.number)
    return respond(to, template, ticket=ticket, moves=ticket.moves, agents=agents, **local)


def accepted(form: Form) -> Form:
    """A property form as it must be; 400 for values that its page cannot have sent."""
    return form if form.validate() else abort(400)


def files_for(form: Form) -> list[Upload]:
    """The files of a message form; a file that is not taken becomes an error of the form."""
    try:
        return Upload.receive_all(sent_files("files"))
    except BadFile as error:
        form.form_errors.append(error.message)
        return []


def refused(ticket: Ticket, form: MessageForm, kind: str, code: int = 422) -> Response:
    """The composer again, with its errors and everything that was typed."""
    last_seen = form.last_seen.data or 0
    response = again("tickets/_composer.html", ticket, kind=kind, form=form, last_seen=last_seen)
    response.status_code = code
    return response


def again(template: str, ticket: Ticket, **local: object) -> Response:
    """A form of the ticket's page with its errors: the form alone, or the page around it without JavaScript."""
    return invalid(template, page="desk.ticket_show", args={"number": ticket.number}, ticket=ticket, **local)


@bp.post("/tickets/<number:number>/replies")
@allow(agent)
def replies_create(number: str) -> Response:
    """Answer the customer."""
    ticket, form = found(number), ReplyForm.of_request()
    files = files_for(form) if form.validate() else []
    if form.errors:
        return refused(ticket, form, "reply")
    try:
        message = _reply(ticket, form, files)
    except Refusal as refusal:  # the page says so where the text is, and keeps it
        form.form_errors.append(refusal.message)
        return refused(ticket, form, "reply", refusal.code)
    return changed(ticket, "tickets/replies_create.stream.html", message=message)


def _reply(ticket: Ticket, form: ReplyForm, files: list[Upload]) -> Message:
    then, key = THEN[form.then.data], form.submission.data or None
    if then == Status.RESOLVED:
        return _reply_and_resolve(ticket, form, files)
    return ticket.reply(form.body.data, by=viewer(), files=files, then=then, key=key)


def _reply_and_resolve(ticket: Ticket, form: ReplyForm, files: list[Upload]) -> Message:
    """The reply is the solution: it becomes the note in the customer's language."""
    key = form.submission.data or None
    if sent := Message.sent_before(ticket, key):
        return sent  # it resolved then; the customer may have come back since
    message = ticket.reply(form.body.data, by=viewer(), files=files, key=key)
    ticket.resolve(by=viewer(), **{f"note_{ticket.language}": form.body.data})
    return message


@bp.post("/tickets/<number:number>/notes")
@allow(agent)
def notes_create(number: str) -> Response:
    """Write something for colleagues."""
    ticket, form = found(number), MessageForm.of_request()
    files = files_for(form) if form.validate() else []
    if form.errors:
        return refused(ticket, form, "note")
    message = ticket.note(form.body.data, by=viewer(), files=files, key=form.submission.data or None)
    return changed(ticket, "tickets/notes_create.stream.html", message=message)


@bp.post("/tickets/<number:number>/comments")
@allow(agent)
def comments_create(number: str) -> Response:
    """A public remark."""
    ticket, form = found(number), MessageForm.of_request()
    files = files_for(form) if form.validate() else []
    if form.errors:
        return refused(ticket, form, "reply")
    message = ticket.comment(form.body.data, by=viewer(), files=files, key=form.submission.data or None)
    return changed(ticket, "tickets/comments_create.stream.html", message=message)


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


@bp.post("/tickets/<number:number>/resolution")
@allow(agent)
def resolution_create(number: str) -> Response:
    """Say what the solution was."""
    ticket, form = found(number), ResolveForm.of_request()
    if not form.validate():
        return again("tickets/_resolve.html", ticket, kind="resolve", form=form)
    if not form[f"note_{ticket.language}"].data and not ticket.is_finished:
        form[f"note_{ticket.language}"].errors = [_("Write the resolution note in the customer's language.")]
        return again("tickets/_resolve.html", ticket, kind="resolve", form=form)
    ticket.resolve(by=viewer(), note_en=form.note_en.data or "", note_vi=form.note_vi.data or "")
    return changed(ticket)


@bp.post("/tickets/<number:number>/reopening")
@allow(agent)
def reopening_create(number: str) -> Response:
    """Go on with a resolved ticket."""
    ticket = found(number)
    ticket.reopen(by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/closure")
@allow(manager)
def closure_create(number: str) -> Response:
    """End it without a solution."""
    ticket, form = found(number), ClosureForm.of_request()
    if not form.validate():
        return failure(422, _("Choose a reason: duplicate, spam or withdrawn."))
    ticket.close(by=viewer(), reason=form.reason.data)
    return changed(ticket)


@bp.app_template_global()
def status_label(status: str) -> str:
    """A status in the agents' words."""
    return str(STATUS_LABELS[Status(status)])


@bp.app_template_global()
def customer_status_label(status: str) -> str:
    """A status in words that say to the customer who must act."""
    return str(CUSTOMER_LABELS[Status(status)])


@bp.app_template_global()
def priority_label(priority: str) -> str:
    """A priority in words."""
    return str(PRIORITY_LABELS[Priority(priority)])


@bp.app_template_global()
def clock_label(kind: str) -> str:
    """A kind of clock in words."""
    return str(CLOCK_LABELS[kind])
