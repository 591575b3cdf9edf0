"""Trying the rules out, and what was decided about a ticket. Pages that change nothing."""

from typing import Any

from flask import Response, abort, request
from sqlalchemy import select

from helpdesk.accounts.roles import agent, manager, viewer
from helpdesk.agents.agent import Agent
from helpdesk.agents.settings import settings_page
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.dry_run import DryRun
from helpdesk.assignment.dry_run_form import NO_TICKET, DryRunForm, SampleRunForm, TicketRunForm
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.rule_views import bp
from helpdesk.assignment.rule_words import SOURCES
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.pages import fragment, page
from helpdesk.core.zone import zone_names
from helpdesk.tickets.ticket import Ticket

MOST_DECISIONS = 20  # of one ticket, on a page
SAMPLE = {"language": "en", "source": "form"}


@bp.get("/settings/rules/trial")
@allow(manager)
def rules_trial() -> Response:
    """What the rules would do: with a ticket (`?number=ACME-1`), or with one that is made up (`?merchant=1&…`)."""
    if "number" in request.args:
        return of_ticket(form_of(TicketRunForm))
    if "merchant" in request.args:
        return of_sample(form_of(SampleRunForm))
    return trial_page()


def form_of(kind: type[DryRunForm], **values: Any) -> Any:
    """A form of what the address says, or an empty one."""
    form = kind(request.args) if not values else kind(data=values)
    form.zone = zone()
    return form


def zone() -> str:
    """Where the times that a manager types are: in his own zone."""
    return viewer().time_zone if viewer().time_zone in zone_names() else "UTC"


def of_ticket(form: TicketRunForm) -> Response:
    """Of a ticket as it is now; below, what was decided about it then."""
    ticket = Ticket.find(form.number.data or "", viewer()) if form.validate() else None
    if ticket is None:
        form.number.errors = form.number.errors or ([] if form.errors else [NO_TICKET])
        return trial_page(ticket_form=form, code=422)
    run = DryRun.of(Facts.of(ticket), at=form.instant)
    return trial_page(ticket_form=form, ticket=ticket, run=run, decisions=decisions_of(ticket.id))


def of_sample(form: SampleRunForm) -> Response:
    """Of one that is made up."""
    choices = RuleChoices()
    if not form.offer(choices).validate():
        return trial_page(sample_form=form, choices=choices, code=422)
    return trial_page(sample_form=form, choices=choices, run=DryRun.of(form.facts, at=form.instant))


def trial_page(*, choices: RuleChoices | None = None, code: int = 200, **shown: Any) -> Response:
    """The page, with what came of it."""
    choices = choices or RuleChoices()
    sample = shown.pop("sample_form", None) or form_of(SampleRunForm, **SAMPLE).offer(choices)
    ticket_form = shown.pop("ticket_form", None) or form_of(TicketRunForm, number="")
    return settings_page(
        "settings/rules_trial.html", section="rules", code=code, choices=choices, sources=SOURCES, zone=zone(),
        sample_form=sample, ticket_form=ticket_form, **{"run": None, "ticket": None, "decisions": []} | shown,
    )  # fmt: skip


@bp.get("/tickets/<number:number>/decisions")
@allow(agent)
def decisions_index(number: str) -> Response:
    """Everything that was decided about a ticket, newest first."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    profile = Agent.of(viewer().id)
    return page(
        "assignment/decisions.html", ticket=ticket, availability=profile.availability if profile else None,
        decisions=decisions_of(ticket.id),
    )  # fmt: skip


@bp.get("/tickets/<number:number>/decisions/earlier")
@allow(agent)
def decisions_earlier(number: str) -> Response:
    """All but the last, for the fold on the ticket's page."""
    ticket = Ticket.find(number, viewer()) or abort(404)
    return fragment("assignment/_decisions.html", decisions=decisions_of(ticket.id)[1:])


def decisions_of(ticket_id: int) -> list[Decision]:
    """The last ones, newest first."""
    own = select(Decision).where(Decision.ticket_id == ticket_id).order_by(Decision.id.desc())
    return list(db.session.scalars(own.limit(MOST_DECISIONS)))
