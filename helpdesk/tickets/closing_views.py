"""How a ticket ends, and how it goes on: resolution, reopening, closure."""

from flask import Response

from helpdesk.accounts.roles import agent, manager, viewer
from helpdesk.core.access import allow
from helpdesk.core.errors import failure
from helpdesk.core.forms import VersionedForm
from helpdesk.core.i18n import _
from helpdesk.tickets.deed_views import accepted, again, bp, changed, found
from helpdesk.tickets.forms import ClosureForm, ResolveForm
from helpdesk.tickets.lifecycle import Status


@bp.post("/tickets/<number:number>/resolution")
@allow(agent)
def resolution_create(number: str) -> Response:
    """Say what the solution was."""
    ticket, form = found(number), ResolveForm.of_request()
    if not form.validate():
        return again("tickets/_resolve.html", ticket, kind="resolve", form=form)
    twice = ticket.is_resolved_with(form.note_en.data or "", form.note_vi.data or "")
    if not twice and (ticket.is_finished or ticket.is_newer_than(form.version.data)):
        form.form_errors.append(
            ticket.why_not(Status.RESOLVED)
            if ticket.is_finished
            else _("Somebody changed this ticket meanwhile. Look at it, then send this again.")
        )
        return again("tickets/_resolve.html", ticket, kind="resolve", form=form, code=409)
    if not form[f"note_{ticket.language}"].data and not ticket.is_finished:
        form[f"note_{ticket.language}"].errors = [_("Write the resolution note in the customer's language.")]
        return again("tickets/_resolve.html", ticket, kind="resolve", form=form)
    ticket.resolve(by=viewer(), note_en=form.note_en.data or "", note_vi=form.note_vi.data or "")
    return changed(ticket)


@bp.post("/tickets/<number:number>/reopening")
@allow(agent)
def reopening_create(number: str) -> Response:
    """Go on with a resolved ticket."""
    ticket, form = found(number), accepted(VersionedForm.of_request())
    ticket.check_version(form.version.data)
    ticket.reopen(by=viewer())
    return changed(ticket)


@bp.post("/tickets/<number:number>/closure")
@allow(manager)
def closure_create(number: str) -> Response:
    """End it: with a reason, or because it is resolved."""
    ticket, form = found(number), ClosureForm.of_request()
    if not form.validate() or not (form.reason.data or ticket.is_finished):
        return failure(422, _("Choose a reason: duplicate, spam or withdrawn."))
    if not ticket.is_closed:
        ticket.check_version(form.version.data)
    ticket.close(by=viewer(), reason=form.reason.data)
    return changed(ticket)
