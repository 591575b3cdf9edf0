"""What a writer can do with a reply that is held for him: send it now, or take it back."""

from flask import Response, abort, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import fresh_key
from helpdesk.core.pages import respond
from helpdesk.tickets.deed_views import bp, changed, found
from helpdesk.tickets.draft import Draft, Words
from helpdesk.tickets.forms import DraftForm, ReplyForm, chosen_for
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket


def _held(number: str, message_id: int) -> tuple[Ticket, Message]:
    """A reply and its ticket, locked; a merged one's replies are where that goes on."""
    asked = Ticket.find(number, viewer()) or abort(404)
    ticket = found(asked.survivor.number)
    return ticket, Message.reply_on(ticket, message_id) or abort(404)


@bp.post("/tickets/<number:number>/replies/<id:message_id>/release")
@allow(agent)
def release_create(number: str, message_id: int) -> Response:
    """Send a held reply without waiting longer."""
    ticket, message = _held(number, message_id)
    ticket.send_now(message, by=viewer())
    return changed(ticket, "tickets/replies_create.stream.html", message=message)


@bp.post("/tickets/<number:number>/replies/<id:message_id>/undo")
@allow(agent)
def undo_create(number: str, message_id: int) -> Response:
    """Take a held reply back into the composer."""
    ticket, message = _held(number, message_id)
    if ticket.take_back(message, by=viewer()):
        Draft.give_back(ticket, message, being_written(ticket, message), by=viewer())
    db.session.flush()
    form = ReplyForm.of_draft(Draft.kept(ticket.id, viewer()).get("reply"))
    form.is_back = True
    return respond(
        url_for("desk.ticket_show", number=ticket.number), "tickets/undo_create.stream.html", ticket=ticket,
        message=message, kind="reply", form=form, last_seen=Message.last_on(ticket),
    )  # fmt: skip


def being_written(ticket: Ticket, message: Message) -> Words:
    """What he has begun to write since: in his composer, if it came along, or in his draft."""
    form, draft = DraftForm.of_request(), Draft.kept(ticket.id, viewer()).get("reply")
    form.validate()
    typed = form.words if form.body.raw_data else draft.words if draft else Words("")
    return Words(typed.body, typed.files, chosen_for(message.then), fresh_key())
