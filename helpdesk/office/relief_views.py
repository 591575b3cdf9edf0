"""The way back from being assignable: somebody is given no more work and his tickets are seen to."""

from typing import Any

from flask import Response, abort, redirect, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.agent import Agent
from helpdesk.agents.settings import settings_page
from helpdesk.core.access import allow
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.office.audit_views import bp
from helpdesk.office.handover import Handover
from helpdesk.office.user_form import LeavingForm
from helpdesk.organizers.organizer import Organizer


@bp.get("/settings/agents/<id:user_id>/relief")
@allow(manager)
def relief_new(user_id: int) -> Response:
    """What it means, and what becomes of his tickets."""
    return asking(Agent.of(user_id) or abort(404))


@bp.post("/settings/agents/<id:user_id>/relief")
@allow(manager)
def relief_create(user_id: int) -> Response:
    """Give him no more work."""
    Organizer.lock()
    agent = Agent.of(user_id) or abort(404)
    handover = Handover(agent.user)
    form = LeavingForm.of_request(tickets="keep").offer(user.id for user in handover.colleagues())
    if not form.validate():
        return asking(agent, form, 422)
    try:
        handover.relieve(form.tickets.data, form.colleague_id, by=viewer())
    except NotAllowed:
        raise
    except Refusal as refusal:
        return asking(agent, form, 409, refusal=refusal.message)
    return redirect(url_for("agents.agents_index", saved="relief", _anchor="others"), 303)


def asking(agent: Agent, form: LeavingForm | None = None, code: int = 200, **local: Any) -> Response:
    """The page that asks before it is done."""
    handover = Handover(agent.user)
    held = handover.count
    return settings_page(
        "settings/relief.html", section="agents", code=code, agent=agent, held=held,
        leaving_form=form or LeavingForm(data={"tickets": "queue"}),
        colleagues=handover.colleagues() if held else [], **({"refusal": ""} | local),
    )  # fmt: skip
