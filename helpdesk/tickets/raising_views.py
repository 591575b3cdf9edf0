"""Tickets that agents open on behalf of customers."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import fresh_key, one_line
from helpdesk.core.i18n import language
from helpdesk.core.pages import fragment, invalid, page
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.category import Category
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.raising import Raising
from helpdesk.tickets.raising_form import RaisingForm

LONGEST_SEARCH = 100


@bp.get("/tickets/new")
@allow(agent)
def ticket_new() -> Response:
    """The form."""
    form = RaisingForm(data={"submission": fresh_key(), "language": language()})
    return page("tickets/new.html", **_shown(_offered(form)))


@bp.post("/tickets")
@allow(agent)
def ticket_create() -> Response:
    """A ticket, or the form again with everything that was typed."""
    form = _offered(RaisingForm.of_request())
    if not form.validate():
        return invalid("tickets/new.html", **_shown(form))
    ticket = _raising(form).accept(by=viewer())
    return redirect(url_for("desk.ticket_show", number=ticket.number), 303)


@bp.get("/customers")
@allow(agent)
def customer_index() -> Response:
    """Customers of one merchant by a part of name or address."""
    said, words = request.args.get("merchant", ""), one_line(request.args.get("q", ""))[:LONGEST_SEARCH]
    merchant = next((one for one in _merchants() if said in (one.prefix, str(one.id))), None) or abort(404)
    customers = Customer.matching(merchant, words) if len(words) > 1 else []
    return fragment("tickets/_customers_found.html", customers=customers, asked=len(words) > 1)


def _merchants() -> list[Merchant]:
    own = select(Merchant).where(Merchant.id.in_(viewer().merchant_ids()), Merchant.archived_at.is_(None))
    return list(db.session.scalars(own.order_by(Merchant.name, Merchant.id)))


def _offered(form: RaisingForm) -> RaisingForm:
    return form.offer(_merchants(), Category.tree())


def _shown(form: RaisingForm) -> dict[str, Any]:
    return {"form": form}


def _raising(form: RaisingForm) -> Raising:
    return Raising(
        merchant=form.chosen_merchant, email=form.customer_email.data, name=form.customer_name.data or "",
        subject=form.subject.data, description=form.description.data, language=form.language.data,
        priority=form.priority.data, category_id=int(form.category.data) if form.category.data else None,
        tags=form.tag_names, order=form.order.data or "", note=form.note.data or "", notify=form.notify.data,
        takes=form.assignee.data == "me", files=form.files.data, submission=form.submission.data or "",
    )  # fmt: skip
