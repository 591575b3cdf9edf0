"""The settings of SLA policies."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, request
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.forms import UNKNOWN
from helpdesk.sla.demand import Demand
from helpdesk.sla.effects import Effects
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.policy_choice import PolicyChoice
from helpdesk.tickets.policy_facts import (
    EXAMPLES,
    UNIT_LABELS,
    PolicyFacts,
    copy_of,
    example,
    form_with,
)
from helpdesk.tickets.policy_form import PolicyForm, ReplacementForm, cell
from helpdesk.tickets.policy_use import PolicyUse
from helpdesk.tickets.ticket import Ticket

INDEX = "tickets.policies_index"


@bp.get("/settings/policies")
@allow(manager)
def policies_index() -> Response:
    """All of them, where they apply and what runs on them; and the box in which a ticket is checked."""
    facts, asked = PolicyFacts.of(None), request.args.get("ticket", "").strip()[:24].upper()
    ticket = Ticket.find(asked, viewer()) if asked else None
    return settings_page(
        "settings/policies.html", section="policies", facts=facts, rows=PolicyVersion.newest_of_all(), asked=asked,
        choice=PolicyChoice.of(ticket) if ticket else None, examples=EXAMPLES,
        with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/policies/new")
@allow(manager)
def policies_new() -> Response:
    """A new one, that begins like another or like one of the examples."""
    word = request.args.get("copy", "")
    source = (
        db.session.get(Policy, int(word)) if word.isascii() and word.isdecimal() and len(word) < 19 else None
    )
    values = copy_of(source) if source else example(request.args.get("example", ""))
    return editor(None, form_with(values))


@bp.post("/settings/policies")
@allow(manager)
def policies_create() -> Response:
    """A new one."""
    form = PolicyFacts.of(None).offer(PolicyForm.of_request())
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Policy.create(form.values, by=viewer()), INDEX, refusing(None, form))


@bp.get("/settings/policies/<id:policy_id>")
@allow(manager)
def policies_show(policy_id: int) -> Response:
    """One policy, to be changed; a shipped one, to be copied."""
    policy = db.session.scalar(select(Policy).where(Policy.id == policy_id)) or abort(404)
    return editor(policy)


@bp.post("/settings/policies/<id:policy_id>")
@allow(manager)
def policies_update(policy_id: int) -> Response:
    """Change it. Where running tickets are measured with it, only once it is said what becomes of them."""
    policy = Policy.locked(policy_id) or abort(404)
    facts = PolicyFacts.of(policy)
    form = facts.offer(PolicyForm.of_request())
    if not form.validate():
        return editor(policy, form, 422)
    if is_stale(form, policy) and (found := clashes(facts.words(form.values), facts.words(facts.values))):
        return editor(policy, form, 409, clashes=found)
    return tried_when_answered(policy, form)


@bp.post("/settings/policies/<id:policy_id>/default")
@allow(manager)
def policies_default(policy_id: int) -> Response:
    """Measure with it whatever nothing else is said about."""
    policy = Policy.locked(policy_id) or abort(404)
    return tried(lambda: policy.make_default(by=viewer()) or policy, INDEX, refusing(policy))


@bp.post("/settings/policies/<id:policy_id>/archival")
@allow(manager)
def policies_archive(policy_id: int) -> Response:
    """Take it out of every list; another takes its places."""
    policy, form = Policy.locked(policy_id) or abort(404), ReplacementForm.of_request()
    others = {str(one.id): one for one in db.session.scalars(Policy.on_offer())}
    word = form.replacement.data or ""
    if not form.validate() or (word and word not in others):
        return refusing(policy)(Refusal(UNKNOWN), 422)
    return tried(
        lambda: PolicyUse.archive(policy, others.get(word), by=viewer()) or policy, INDEX, refusing(policy)
    )


@bp.post("/settings/policies/<id:policy_id>/restoration")
@allow(manager)
def policies_restore(policy_id: int) -> Response:
    """Offer it again."""
    policy = Policy.locked(policy_id) or abort(404)
    return tried(lambda: policy.restore(by=viewer()) or policy, INDEX, refusing(policy))


def tried_when_answered(policy: Policy, form: PolicyForm) -> Response:
    """Save it, or first show what it would do to running tickets and ask about them."""
    try:
        effects = unanswered(policy, form)
    except Refusal as refusal:
        return refusing(policy, form)(refusal)
    if effects:
        return editor(policy, form, effects=effects)
    too = form.apply.data == "running"
    return tried(
        lambda: policy.change(form.values, by=viewer(), apply_to_running=too) or policy,
        INDEX,
        refusing(policy, form),
    )


def unanswered(policy: Policy, form: PolicyForm) -> Effects | None:
    """What the change would do to running tickets, unless it is none or the answer to just this is there."""
    demand, before = Demand.of(form.values), Demand.of(policy.newest)
    if policy.is_shipped or policy.deleted_at or demand == before:
        return None
    if form.apply.data in ("new", "running") and form.asked.data == demand.digest:
        return None
    demand.check(kept=before)
    effects = Effects.of_policy(policy, PolicyVersion(**demand.columns), waiting=PolicyUse.waiting(policy))
    form.asked.data = demand.digest
    return effects if effects.running or effects.moved else None


def refusing(policy: Policy | None, form: PolicyForm | None = None) -> Callable[..., Response]:
    """Shows the editor again, with the sentence that says why not."""

    def again(refusal: Refusal, code: int = 409) -> Response:
        shown = form or PolicyFacts.of(policy).filled
        shown.form_errors = [*shown.form_errors, refusal.message]
        return editor(policy, shown, code)

    return again


def editor(policy: Policy | None, form: PolicyForm | None = None, code: int = 200, **local: Any) -> Response:
    """The page of one policy, or of a new one."""
    facts = PolicyFacts.of(policy)
    return settings_page(
        "settings/policy.html", section="policies", code=code, policy=policy, form=form or facts.filled, facts=facts,
        cell=cell, units=UNIT_LABELS, **({"clashes": [], "effects": None} | local),
    )  # fmt: skip
