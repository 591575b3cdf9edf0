"""The record of a ticket: who did what, when, and what was it before; and its mails."""

from flask import Response, abort, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import page
from helpdesk.desk.change import Change
from helpdesk.desk.frame_views import bp
from helpdesk.desk.record import KINDS, Record
from helpdesk.notifications.ticket_mails import TicketMails
from helpdesk.tickets.ticket import Ticket

MOST_MAILS = 200  # newest first; managers find all in the log


@bp.get("/tickets/<number:number>/audit")
@allow(agent)
def audit_show(number: str) -> Response:
    """Everything that happened to a ticket."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    record = Record(ticket, request.args.get("kind", "")[:40], request.args.get("who", "")[:40])
    after = request.args.get("after", "")
    events, last = record.page(after)
    chosen = {name: value for name, value in (("kind", record.kind), ("who", record.who)) if value}
    return page(
        "desk/audit.html", ticket=ticket, record=record, people=record.people(),
        kinds={key: str(label) for key, (label, _) in KINDS.items()},
        lines=[(event, Change.all_of(event)) for event in events],
        first_url=url_for("desk.audit_show", number=number, **chosen) if after else None,
        next_url=last and url_for("desk.audit_show", number=number, **chosen, after=last),
    )  # fmt: skip


@bp.get("/tickets/<number:number>/mails")
@allow(agent)
def mails_show(number: str) -> Response:
    """Every mail about a ticket, and what became of it."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    mails = TicketMails.all_of(ticket.id, MOST_MAILS)
    return page("desk/mails.html", ticket=ticket, deliveries=mails, most=MOST_MAILS)
