"""The customer's link in the hands of an agent: mailed anew, or ended."""

from flask import Response, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.pages import respond
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.deed_views import bp, found
from helpdesk.tickets.ticket import Ticket


@bp.post("/tickets/<number:number>/link")
@allow(agent)
def link_update(number: str) -> Response:
    """End the old link and mail a new one to the address on file."""
    ticket = found(number)
    CustomerLink.renew(ticket, by=viewer())
    return _done(ticket, "renewed")


@bp.post("/tickets/<number:number>/link/revocation")
@allow(agent)
def link_revoke(number: str) -> Response:
    """End it: it is in the wrong hands."""
    ticket = found(number)
    CustomerLink.revoke_all(ticket, by=viewer())
    return _done(ticket, "revoked")


def _done(ticket: Ticket, what: str) -> Response:
    to = url_for("desk.ticket_show", number=ticket.number)
    return respond(to, "tickets/_customer_link.html", ticket=ticket, link_done=what)
