"""Macros on a ticket: first what one would do, then doing it."""

from flask import Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import row_id
from helpdesk.core.pages import page
from helpdesk.tickets.bulk_item import SKIPPED
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.deed_views import bp, found
from helpdesk.tickets.macro import Macro, spoken
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed


@bp.get("/tickets/<number:number>/macros")
@allow(agent)
def macros_show(number: str) -> Response:
    """What can be done to a ticket in one go."""
    ticket, words = Ticket.find(number, viewer()) or abort(404), request.args.get("q", "")[:100]
    return page("tickets/macros.html", ticket=ticket, macros=spoken(Macro.matching(viewer(), words)), q=words)


@bp.post("/tickets/<number:number>/macros/<id:macro_id>/preview")
@allow(agent)
def macro_preview(number: str, macro_id: int) -> Response:
    """What a macro would do to this ticket now: each step with its effect, or why it cannot be.

    Nothing of that is kept but the run that is proposed with it: what is shown is what will be done, and once.
    """
    macro = usable(macro_id)
    TicketDeed.lock_for(macro.ordered)
    ticket = found(number)
    steps = macro.preview(ticket, by=viewer())
    run = macro.give_to(BulkRun.propose([ticket.id], [], by=viewer()))
    return page("tickets/macro.html", ticket=ticket, macro=macro, steps=steps, run=run)


@bp.post("/tickets/<number:number>/macros/<id:macro_id>/runs")
@allow(agent)
def macro_create(number: str, macro_id: int) -> Response:
    """Do all of it, or nothing. The same form again does nothing more."""
    ticket, macro = Ticket.find(number, viewer()) or abort(404), usable(macro_id)
    run = BulkRun.of(viewer(), row_id(request.form.get("run", "")), lock=True) or abort(404)
    if run.macro_id != macro.id or [item.ticket_id for item in run.items] != [ticket.id]:
        abort(404)
    if not run.started_at:
        run.start(by=viewer())
        if run.items[0].state == SKIPPED:
            raise Refusal(run.items[0].why)
        macro.was_used()
    undo = {"undo": run.id} if run.can_be_undone else {}
    return redirect(url_for("desk.ticket_show", number=ticket.number, **undo), 303)


def usable(macro_id: int) -> Macro:
    """One that he can use; nobody else's is there."""
    return db.session.scalar(Macro.usable_by(viewer()).where(Macro.id == macro_id)) or abort(404)
