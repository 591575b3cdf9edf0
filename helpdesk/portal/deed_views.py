"""What the customer does on his request page. What was done already shows the present state, never an error page."""

from flask import Response, abort, g, make_response, redirect, request, session, url_for

from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import Form
from helpdesk.core.i18n import _
from helpdesk.core.pages import invalid, is_htmx, respond
from helpdesk.core.security import limiter
from helpdesk.escalations.escalation import Escalation
from helpdesk.portal.forms import ConfirmationForm, EscalationForm, ReopeningForm, ReplyForm
from helpdesk.portal.link_views import LinkExpired, bp, bring, customer
from helpdesk.portal.queries import public_message
from helpdesk.portal.request_views import SENT, shown_again
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.ticket import Ticket

DEEDS = "30 per minute; 300 per hour"  # per address


def _locked() -> Ticket:
    """The ticket of the page; two deeds on it wait for each other. It may have been deleted a moment ago.

    What is said on a merged one is said where that goes on: the two are locked in the order of their ids.
    """
    survivor = g.link.ticket.survivor
    if survivor.id < g.link.ticket_id:
        Ticket.for_deed(survivor.id)
    ticket = Ticket.for_deed(g.link.ticket_id)
    if ticket.deleted_at:
        raise LinkExpired(g.link)
    ticket.prove_sender(by=g.link.customer)  # whoever does something here came by the mailed link
    return ticket


def _done(ticket: Ticket) -> Response:
    """Show what became of it, with the focus on that: the control that was used is gone."""
    return _answered(ticket, "portal/changed.stream.html", is_own=True)


def _answered(ticket: Ticket, template: str, **local: object) -> Response:
    db.session.flush()
    to = url_for("portal.request_show", ticket_id=ticket.id)
    asked = Escalation.asked(ticket.id)
    return respond(to, template, ticket=ticket, kin=ticket.kin, asked=asked, **local)


def _go_on_in(ticket: Ticket) -> Response:
    """Send the customer on to another request of his, with the cookie of its page."""
    db.session.flush()
    to, link = url_for("portal.request_show", ticket_id=ticket.id), CustomerLink.of(ticket)
    answer = make_response("", {"HX-Redirect": to}) if is_htmx() else redirect(to, 303)
    answer.vary.add("HX-Request")
    return bring(answer, link)


def _sent_in(ticket: Ticket) -> Response:
    """The same with what he has just written; the page there says that it was sent."""
    answer = _go_on_in(ticket)
    session[SENT] = ticket.id
    return answer


def _heard(ticket: Ticket, form: ReplyForm) -> Response:
    """Add a reply; it reopens what was resolved (TKT-009), and opens a new request where that is closed."""
    key = form.key_for(ticket.id)
    if ticket.merged_into_id:
        return _heard_by_survivor(ticket, form)
    if ticket.takes_follow_ups:
        new = ticket.follow_up(form.body.data, by=g.link.customer, files=form.files.data, key=key)
        return _sent_in(new)
    message = ticket.hear(form.body.data, by=g.link.customer, files=form.files.data, key=key)
    if not is_htmx():  # the page that comes says so
        session[SENT] = ticket.id
    return _answered(ticket, "portal/replies_create.stream.html", message=public_message(message.id))


def _heard_by_survivor(merged: Ticket, form: ReplyForm) -> Response:
    """What is written on a merged request is said where that goes on."""
    ticket = Ticket.for_deed(merged.survivor.id)
    if ticket.deleted_at:
        raise LinkExpired(g.link)
    if ticket.is_closed and not ticket.takes_follow_ups:
        return _too_late(merged, form)
    key, said = form.key_for(ticket.id), {"by": g.link.customer, "files": form.files.data}
    if ticket.heard(form.key_for(merged.id)):  # sent before the two were merged
        return _sent_in(ticket)
    if ticket.is_closed:
        return _sent_in(ticket.follow_up(form.body.data, key=key, **said))
    ticket.hear(form.body.data, key=key, **said)
    return _sent_in(ticket)


def _composer_again(ticket: Ticket, form: ReplyForm) -> Response:
    if is_htmx():
        return invalid("portal/_composer.html", ticket=ticket, form=form)
    return shown_again(reply_form=form)


def _resolution_again(ticket: Ticket, form: Form) -> Response:
    return (
        invalid("portal/_resolution.html", ticket=ticket, form=form)
        if is_htmx()
        else shown_again(confirm_form=form)
    )


def _too_late(ticket: Ticket, form: ReplyForm) -> Response:
    """Closed meanwhile: say so where the text is, and keep it."""
    form.body.errors = [_("This request is closed and takes no more messages.")]
    return _composer_again(ticket, form)


def _is_over(ticket: Ticket) -> bool:
    """Closed, and nothing can go on with it."""
    return ticket.is_closed and not ticket.merged_into_id and not ticket.takes_follow_ups


@bp.post("/requests/<id:ticket_id>/replies")
@allow(customer)
@limiter.limit(DEEDS)
def replies_create(ticket_id: int) -> Response:
    """Answer, or add something."""
    ticket, form = _locked(), ReplyForm.of_request()
    if not form.validate():
        return _composer_again(ticket, form)
    return _too_late(ticket, form) if _is_over(ticket) else _heard(ticket, form)


@bp.post("/requests/<id:ticket_id>/confirmation")
@allow(customer)
@limiter.limit(DEEDS)
def confirmation_create(ticket_id: int) -> Response:
    """It is solved; the request is closed (TKT-010)."""
    ticket, form = _locked(), ConfirmationForm.of_request()
    if not form.validate():
        return _resolution_again(ticket, form)
    if ticket.is_finished:
        ticket.confirm(by=g.link.customer, rating=form.stars, comment=form.comment.data or "")
    return _done(ticket)


@bp.post("/requests/<id:ticket_id>/reopening")
@allow(customer)
@limiter.limit(DEEDS)
def reopening_create(ticket_id: int) -> Response:
    """It is not solved yet; the request is open again, with what is missing."""
    ticket, form = _locked(), ReopeningForm.of_request()
    if not form.validate():
        return _resolution_again(ticket, form)
    if not _is_over(ticket):
        return _heard(ticket, form)
    form.body.errors = [_("This request is closed and takes no more messages.")]
    if is_htmx():
        known = {"kin": ticket.kin, "asked": Escalation.asked(ticket.id)}
        return invalid("portal/closed.stream.html", ticket=ticket, form=form, **known)
    return shown_again(reply_form=form)


@bp.post("/requests/<id:ticket_id>/sender")
@allow(customer)
@limiter.limit(DEEDS)
def sender_confirm(ticket_id: int) -> Response:
    """It was I who sent it: not by opening the page, which mail scanners do as well."""
    return _done(_locked())


@bp.post("/requests/<id:ticket_id>/passage")
@allow(customer)
@limiter.limit(DEEDS)
def passage_create(ticket_id: int) -> Response:
    """Go to a request that has to do with this one: the browser gets its cookie, too."""
    wanted = request.form.get("to") or abort(400)
    here: Ticket = g.link.ticket
    near = (each for each in here.kin if each.customer_id == here.customer_id)
    other = next((each for each in near if each.number == wanted), None)
    return _go_on_in(other or abort(404))


@bp.post("/requests/<id:ticket_id>/escalation")
@allow(customer)
@limiter.limit(DEEDS)
def escalation_create(ticket_id: int) -> Response:
    """Ask that somebody else looks at it, once in 24 hours (SLA-008)."""
    ticket, form = _locked(), EscalationForm.of_request()
    if form.validate():
        try:
            Escalation.raise_by_customer(ticket, form.reason.data, by=g.link.customer)
            return _done(ticket)
        except Refusal as refusal:
            form.reason.errors = [refusal.message]
    if is_htmx():
        reason, error = form.reason.data or "", form.reason.errors[0]
        asked = Escalation.asked(ticket.id)
        return invalid("portal/_escalate.html", ticket=ticket, asked=asked, reason=reason, error=error)
    return shown_again(escalate_form=form)
