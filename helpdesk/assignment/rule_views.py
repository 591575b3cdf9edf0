"""The settings of the assignment rules: their order, and the editor of one."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.assignment.hits import Hits
from helpdesk.assignment.reasons import passed_over, seen_by
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.rule_form import EMPTY, EXAMPLES, OrderForm, RuleForm, SwitchForm
from helpdesk.assignment.rule_words import SOURCES, RuleWords
from helpdesk.assignment.strategy import STRATEGIES, Strategy
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.zone import zone_names

bp = Blueprint("assignment", __name__)
bp.add_app_template_global(passed_over)
bp.add_app_template_global(seen_by)
INDEX = "assignment.rules_index"


@bp.app_template_global()
def strategy_of(name: str) -> Strategy | None:
    """How a decision chose; None where no rule fitted."""
    return STRATEGIES.get(name)


@bp.get("/settings/rules")
@allow(manager)
def rules_index() -> Response:
    """All rules in their order, each as a sentence, with how often it chose somebody lately."""
    rules = Rule.all_in_order(with_archived=True)
    choices = RuleChoices([rule.values for rule in rules])
    return settings_page(
        "settings/rules.html", section="rules", rules=rules, hits=Hits.now(), with_archived="archived" in request.args,
        words={rule.id: RuleWords(rule.values, choices) for rule in rules}, examples=EXAMPLES,
        moved=request.args.get("moved", ""), pressed=request.args.get("pressed", ""),
    )  # fmt: skip


@bp.get("/settings/rules/new")
@allow(manager)
def rules_new() -> Response:
    """An empty form, one with what another rule says (`?like=<id>`), or an example (`?example=vip`)."""
    like = request.args.get("like", "")
    if not like:
        return editor(None, None, values=EXAMPLES.get(request.args.get("example", ""), EMPTY))
    is_id = like.isascii() and like.isdecimal() and len(like) < 19
    source = (db.session.get(Rule, int(like)) if is_id else None) or abort(404)
    return editor(None, None, values=source.values)


@bp.post("/settings/rules")
@allow(manager)
def rules_create() -> Response:
    """A new rule, the last of the organizer's own."""
    form = RuleForm.of_request().offer(RuleChoices())
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Rule.create(form.values, by=viewer()), INDEX, refusing(None, form))


@bp.get("/settings/rules/<id:rule_id>")
@allow(manager)
def rules_show(rule_id: int) -> Response:
    """One rule, to be changed."""
    return editor(db.session.get(Rule, rule_id) or abort(404), None)


@bp.post("/settings/rules/<id:rule_id>")
@allow(manager)
def rules_update(rule_id: int) -> Response:
    """Change it."""
    rule = locked(rule_id)
    choices = RuleChoices([rule.values])
    form = RuleForm.of_request().offer(choices)
    if not form.validate():
        return editor(rule, form, 422)
    both = (RuleChoices([rule.values, form.values]), form.values, rule.values)
    if is_stale(form, rule) and (found := clashes(*(RuleWords(each, both[0]).lines() for each in both[1:]))):
        return editor(rule, form, 409, clashes=found)
    return tried(lambda: rule.change(form.values, by=viewer()) or rule, INDEX, refusing(rule, form))


@bp.post("/settings/rules/<id:rule_id>/position")
@allow(manager)
def rules_move(rule_id: int) -> Response:
    """One place up or down, or to a place by its number."""
    rule, form = locked(rule_id), OrderForm.of_request()
    place = form.place.data or ""
    if not form.validate() or not (form.direction.data or (place.isascii() and place.isdecimal())):
        abort(400)
    if form.direction.data:
        rule.step(-1 if form.direction.data == "up" else 1, by=viewer())
    else:
        rule.move_to(int(place) - 1, by=viewer())
    return redirect(url_for(INDEX, moved=rule.id, pressed=form.direction.data or "up"), 303)


@bp.post("/settings/rules/<id:rule_id>/switch")
@allow(manager)
def rules_switch(rule_id: int) -> Response:
    """On or off."""
    rule, form = locked(rule_id), SwitchForm.of_request()
    if not form.validate():
        abort(400)
    rule.switch(form.to.data == "on", by=viewer())
    return redirect(url_for(INDEX, moved=rule.id, pressed="switch"), 303)


@bp.post("/settings/rules/<id:rule_id>/archival")
@allow(manager)
def rules_archive(rule_id: int) -> Response:
    """Try it on no more tickets."""
    rule = locked(rule_id)
    return tried(lambda: rule.archive(by=viewer()) or rule, INDEX, refusing(rule))


@bp.post("/settings/rules/<id:rule_id>/restoration")
@allow(manager)
def rules_restore(rule_id: int) -> Response:
    """Try it again."""
    rule = locked(rule_id)
    rule.restore(by=viewer())
    return redirect(url_for(INDEX, saved=rule.id), 303)


def locked(rule_id: int) -> Rule:
    """One, while nobody else changes any. 404 where there is none."""
    return Rule.locked(rule_id) or abort(404)


def refusing(rule: Rule | None, form: RuleForm | None = None) -> Callable[..., Response]:
    """Shows the editor again, with the sentence that says why not."""

    def again(refusal: Refusal, code: int = 409) -> Response:
        return editor(rule, form, code, said=refusal.message)

    return again


def editor(
    rule: Rule | None, form: RuleForm | None, code: int = 200, *, values: dict[str, Any] = EMPTY, said: str = "",
    **local: Any,
) -> Response:  # fmt: skip
    """The page of one rule, or of a new one with some values to begin with."""
    values = rule.values if rule else values
    choices = RuleChoices([values])
    zone = viewer().time_zone if viewer().time_zone in zone_names() else "UTC"
    shown = form or RuleForm.holding(values, choices, zone=zone, version=rule.version if rule else None)
    shown.offer(choices)
    shown.form_errors = [*shown.form_errors, said] if said else shown.form_errors
    return settings_page(
        "settings/rule.html", section="rules", code=code, rule=rule, form=shown, choices=choices,
        zones=sorted(zone_names()), words=RuleWords(values, choices) if rule else None, strategies=STRATEGIES,
        sources=SOURCES, **({"clashes": []} | local),
    )  # fmt: skip
