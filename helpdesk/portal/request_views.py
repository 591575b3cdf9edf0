"""The request page: what the customer sees of his ticket, and how it stays true."""

from typing import Any

from flask import Response, abort, g, request, session, url_for
from simple_websocket import Server

from helpdesk.core import events, live, storage
from helpdesk.core.access import allow
from helpdesk.core.forms import fresh_key
from helpdesk.core.pages import fragment, invalid, page
from helpdesk.core.security import limiter
from helpdesk.escalations.escalation import Escalation
from helpdesk.portal.forms import ConfirmationForm, EscalationForm, ReplyForm
from helpdesk.portal.link_views import bp, customer
from helpdesk.portal.queries import file_of, form_key_of, happened_since, thread
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.upload import THUMBNAIL_TYPE, shown_name

SENT = "sent_to"  # in the session: the request to which something was just sent, until its page has said so


def shown(**forms: Any) -> dict[str, Any]:
    """Everything that the page reads; forms that failed take the place of the empty ones."""
    sequence = events.last_sequence()  # before the thread: what comes in between is asked for again
    ticket: Ticket = g.link.ticket
    return {
        "ticket": ticket,
        "kin": ticket.kin,
        "asked": Escalation.asked(ticket.id),
        "messages": thread(ticket.id),
        "reply_form": ReplyForm(data={"submission": fresh_key()}),
        "confirm_form": ConfirmationForm(),
        "escalate_form": EscalationForm(),
        "live_url": url_for("portal.live_socket", ticket_id=ticket.id),
        "changes_url": url_for("portal.changes_show", ticket_id=ticket.id),
        "sequence": sequence,
        "email_masked": g.link.customer.masked_email,
        "is_sent": session.get(SENT) == ticket.id and bool(session.pop(SENT)),
        **forms,
    }


@bp.app_template_global()
def new_request_url(ticket: Ticket) -> str | None:
    """Where a new request can be sent once this one is closed."""
    form_key = form_key_of(ticket.merchant_id)
    return url_for("portal.embed_show", key=form_key.key) if form_key else None


@bp.get("/requests/<id:ticket_id>")
@allow(customer)
def request_show(ticket_id: int) -> Response:
    """The customer's page of one request."""
    return page("portal/request.html", **shown())


def shown_again(**forms: Any) -> Response:
    """The whole page with the errors of a form, for browsers without scripts."""
    return invalid("portal/request.html", **shown(**forms))


@bp.get("/requests/<id:ticket_id>/changes")
@allow(customer)
def changes_show(ticket_id: int) -> Response:
    """What happened after a sequence number; doubles are dropped by the page."""
    asked = request.args.get("since", "")
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
    sequence = events.last_sequence()
    messages = thread(ticket_id) if happened_since(ticket_id, since) else None
    ticket = g.link.ticket
    kin = ticket.kin
    return fragment(
        "portal/changes.stream.html", ticket=ticket, kin=kin, asked=Escalation.asked(ticket.id), messages=messages,
        sequence=sequence,
    )  # fmt: skip


@live.sock.route("/requests/<id:ticket_id>/live", bp=bp)
@allow(customer)
def live_socket(ws: Server, ticket_id: int) -> None:
    """Stream the request's changes to its customer."""
    who = live.Identity("link", g.link.id, g.link.organizer_id)
    live.serve(ws, who, [f"request.{ticket_id}"])


@bp.get("/requests/<id:ticket_id>/attachments/<id:attachment_id>/<name>")
@allow(customer)
@limiter.limit("600 per hour")
def attachment_show(ticket_id: int, attachment_id: int, name: str) -> Response:
    """A file of a public message; pictures are shown, everything else is saved."""
    file = file_of(ticket_id, attachment_id) or abort(404)
    return storage.sent(file.storage_key, shown_name(file.name), file.content_type, inline=file.is_image)


@bp.get("/requests/<id:ticket_id>/attachments/<id:attachment_id>/thumbnail")
@allow(customer)
@limiter.limit("1200 per hour")
def thumbnail_show(ticket_id: int, attachment_id: int) -> Response:
    """A picture of a public message, small."""
    file = file_of(ticket_id, attachment_id)
    key = (file and file.thumbnail_key) or abort(404)
    return storage.sent(key, "thumbnail.webp", THUMBNAIL_TYPE, inline=True)
