"""Unsent words, kept on the server while they are written."""

from flask import Response, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import respond
from helpdesk.tickets.deed_views import bp, found, mark_rows
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.forms import DraftForm, staff_owner
from helpdesk.tickets.message_views import refused
from helpdesk.tickets.uploads import Uploads


@bp.post("/tickets/<number:number>/drafts")
@allow(agent)
def drafts_create(number: str) -> Response:
    """Keep what stands in a composer; a page that had an older one is told what another one kept meanwhile."""
    ticket, form = found(number), DraftForm.of_request()
    if not form.validate():
        return refused(ticket, form, form.kind.data if form.kind.data == "note" else "reply")
    draft, rest = Draft.keep_beside(
        ticket, form.kind.data, form.words, known=form.known_revision, by=viewer()
    )
    mark_rows(ticket)
    return respond(
        url_for("desk.ticket_show", number=ticket.number), "tickets/_draft_line.html",
        saved_at=draft and not draft.cleared_at and draft.updated_at, is_other=rest is not None,
        revision=draft.revision if draft else "", rest=rest and rest.body,
        rest_files=Uploads(rest.files).with_tokens(staff_owner()) if rest else [],
    )  # fmt: skip
