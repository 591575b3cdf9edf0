"""What is said on a ticket: replies, notes, comments."""

from collections.abc import Callable

from flask import Response, abort, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import fresh_key
from helpdesk.tickets.deed_views import again, bp, changed, found
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.forms import THEN, MessageForm, PublicForm, ReplyForm
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket


def refused(ticket: Ticket, form: MessageForm, kind: str, code: int = 422) -> Response:
    """The composer again, with its errors and everything that was typed."""
    seen = form.seen if form.seen is not None else ""
    response = again("tickets/_composer.html", ticket, kind=kind, form=form, last_seen=seen)
    response.status_code = code
    return response


def overtaken(ticket: Ticket, form: MessageForm, kind: str) -> Response:
    """The composer again, because others wrote meanwhile (MSG-006): their words, and the choice to send anyway."""
    newest = max(message.id for message in form.newer)
    response = again("tickets/overtaken.stream.html", ticket, kind=kind, form=form, last_seen=newest)
    response.status_code = 409
    return response


def written(
    ticket: Ticket, form: MessageForm, kind: str, answer: str, write: Callable[[], Message], *, guarded: bool
) -> Response:
    """Write a message, unless its form has to come back; the draft of it ends in the same transaction."""
    if not form.is_ours:
        abort(400)  # its page gives back what was typed
    if not form.validate():
        return refused(ticket, form, kind)
    if guarded and form.seen is not None and not Message.sent_before(ticket, form.key):
        form.newer = Message.newer(ticket, form.seen, viewer())
        if form.newer:
            return overtaken(ticket, form, kind)
    try:
        message = write()
    except Refusal as refusal:  # the page says so where the text is, and keeps it
        form.form_errors.append(refusal.message)
        form.submission.data = fresh_key()
        return refused(ticket, form, kind, refusal.code)
    Draft.sent(ticket, kind, by=viewer(), key=form.key, revision=form.known_revision)
    leads_on = kind == "reply" and viewer().after_send != "stay"  # which ticket is next, only scripts know
    return changed(ticket, answer, url_for("desk.queue_show") if leads_on else "", message=message)


@bp.post("/tickets/<number:number>/replies")
@allow(agent)
def replies_create(number: str) -> Response:
    """Answer the customer."""
    ticket, form = found(number), ReplyForm.of_request()

    def write() -> Message:
        then = THEN[form.then.data]
        return ticket.reply(form.body.data, by=viewer(), files=form.files.data, then=then, key=form.key)

    return written(ticket, form, "reply", "tickets/replies_create.stream.html", write, guarded=True)


@bp.post("/tickets/<number:number>/notes")
@allow(agent)
def notes_create(number: str) -> Response:
    """Write something for colleagues."""
    ticket, form = found(number), MessageForm.of_request()

    def write() -> Message:
        return ticket.note(form.body.data, by=viewer(), files=form.files.data, key=form.key)

    return written(ticket, form, "note", "tickets/notes_create.stream.html", write, guarded=False)


@bp.post("/tickets/<number:number>/comments")
@allow(agent)
def comments_create(number: str) -> Response:
    """A public remark."""
    ticket, form = found(number), PublicForm.of_request()

    def write() -> Message:
        return ticket.comment(form.body.data, by=viewer(), files=form.files.data, key=form.key)

    return written(ticket, form, "reply", "tickets/comments_create.stream.html", write, guarded=True)
