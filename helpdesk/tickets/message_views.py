"""What is said on a ticket: replies, notes, comments."""

from flask import Response

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.tickets.deed_views import again, bp, changed, found
from helpdesk.tickets.forms import THEN, MessageForm, ReplyForm
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.upload import Upload


def files_for(form: MessageForm) -> list[Upload]:
    """The files of a valid message form."""
    return form.files.data


def refused(ticket: Ticket, form: MessageForm, kind: str, code: int = 422) -> Response:
    """The composer again, with its errors and everything that was typed."""
    last_seen = form.last_seen.data or 0
    response = again("tickets/_composer.html", ticket, kind=kind, form=form, last_seen=last_seen)
    response.status_code = code
    return response


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
