"""The page that explains why a promise is due when it is due, and when one would be."""

from flask import Response, abort, request, url_for

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import page
from helpdesk.desk.forms import WhatIfForm
from helpdesk.desk.frame_views import bp
from helpdesk.desk.sla_page import SlaPage
from helpdesk.sla.policy import Policy


@bp.get("/tickets/<number:number>/sla")
@allow(agent)
def sla_show(number: str) -> Response:
    """The account of each promise of a ticket, and of one that does not exist."""
    asked = {"page": request.args.get("page", ""), "of_clock": request.args.get("clock", "")}
    shown = SlaPage.find(number, viewer(), **asked) or abort(404)
    policies = list(db.session.scalars(Policy.on_offer()))
    form = WhatIfForm.of_address(shown.ticket.tracker, policies)
    what_if = form.imagine(shown.ticket.tracker, viewer().time_zone) if form.is_asked else None
    urls = [to and url_for("desk.sla_show", number=number, page=to) for to in shown.neighbours]
    answer = page(
        "desk/sla.html", shown=shown, ticket=shown.ticket, form=form, answer=what_if,
        printed=request.args.get("print"), previous_url=urls[0], next_url=urls[1],
    )  # fmt: skip
    answer.status_code = 400 if form.errors else 200
    return answer
