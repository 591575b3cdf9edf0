"""Unsent words, kept on the server while they are written."""

from flask import Response, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import respond
from helpdesk.tickets.deed_views import bp, found
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.forms import DraftForm
from helpdesk.tickets.message_views import refused


@bp.post("/tickets/<number:number>/drafts")
@allow(agent)
def drafts_create(number: str) -> Response:
    """Keep what stands in a composer; the newest wins, and a page that had an older one is told."""
    ticket, form = found(number), DraftForm.of_request()
    if not form.validate():
        return refused(ticket, form, form.kind.data if form.kind.data == "note" else "reply")
    before = Draft.kept(ticket.id, viewer()).get(form.kind.data)
    known = form.known_revision
    is_other = bool(before and known is not None and known < before.revision)
    draft = Draft.keep(ticket, form.kind.data, form.words, by=viewer())
    return respond(
        url_for("desk.ticket_show", number=ticket.number), "tickets/_draft_line.html",
        saved_at=draft and not draft.cleared_at and draft.updated_at, is_other=is_other,
        revision=draft.revision if draft else "",
    )  # fmt: skip
