"""The ladder's pages: the general one, and one for each policy."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import Clash, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.forms import one_line
from helpdesk.core.i18n import _
from helpdesk.escalations.deed_views import bp
from helpdesk.escalations.forms import LadderForm
from helpdesk.escalations.ladder import Ladder, in_words, values_of
from helpdesk.escalations.ladder_step import TOLD, TRIGGERS
from helpdesk.sla.policy import Policy
from helpdesk.tickets.ticket import Ticket


@bp.get("/settings/ladder")
@allow(manager)
def ladder_show() -> Response:
    """The ladder of tickets whose policy has none of its own."""
    return editor(Ladder.of(None))


@bp.post("/settings/ladder")
@allow(manager)
def ladder_update() -> Response:
    """Change it."""
    return changed(Ladder.of(None, lock=True))


@bp.post("/settings/ladder/reset")
@allow(manager)
def ladder_reset() -> Response:
    """Back to the shipped one."""
    return reset(Ladder.of(None, lock=True))


@bp.get("/settings/policies/<id:policy_id>/ladder")
@allow(manager)
def policy_ladder_show(policy_id: int) -> Response:
    """The ladder of a policy."""
    return editor(Ladder.of(policy_of(policy_id)))


@bp.post("/settings/policies/<id:policy_id>/ladder")
@allow(manager)
def policy_ladder_update(policy_id: int) -> Response:
    """Change it."""
    return changed(Ladder.of(policy_of(policy_id), lock=True))


@bp.post("/settings/policies/<id:policy_id>/ladder/reset")
@allow(manager)
def policy_ladder_reset(policy_id: int) -> Response:
    """Let it have none of its own."""
    return reset(Ladder.of(policy_of(policy_id), lock=True))


def policy_of(policy_id: int) -> Policy:
    """A policy in use, the organizer's or a shipped one. 404 otherwise."""
    found = select(Policy).where(Policy.id == policy_id, Policy.deleted_at.is_(None))
    return db.session.scalar(found) or abort(404)


def here(ladder: Ladder, what: str = "show", **values: Any) -> str:
    """The address of its page, or of a deed on it."""
    if ladder.policy is None:
        return url_for(f"escalations.ladder_{what}", **values)
    return url_for(f"escalations.policy_ladder_{what}", policy_id=ladder.policy.id, **values)


def changed(ladder: Ladder) -> Response:
    """Save it; or add a step, or take one away, and go on writing."""
    form = LadderForm.of_request(ladder.groups)
    if form.edit(request.form.get("deed", "")):
        return editor(ladder, form.offer(ladder.groups))
    if not form.validate():
        return editor(ladder, form, 422)
    if form.state != ladder.state and (found := clashes(ladder, form)):
        form.state = ladder.state
        form.form_errors.append(
            _("Somebody changed this meanwhile. Compare, and save again if yours should stand.")
        )
        return editor(ladder, form, 409, clashes=found)
    ladder.replace(form.values, by=viewer())
    return redirect(here(ladder, saved=1), 303)


def reset(ladder: Ladder) -> Response:
    """Archive its own steps."""
    ladder.reset(by=viewer())
    return redirect(here(ladder, saved=1), 303)


def clashes(ladder: Ladder, form: LadderForm) -> list[Clash]:
    """Where what was typed differs from what is saved now, step by step."""

    def words(steps: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
        named = [step | {"group": _names(ladder, step["group_id"])} for step in steps]
        return {(step["trigger"], step["level"]): in_words(step) for step in named}

    typed, present = words(form.values), words([values_of(step) for step in ladder.own])
    order = [(trigger, level) for trigger in TRIGGERS for level in (1, 2, 3)]
    return [
        Clash(f"{TRIGGERS[place[0]]}, {_('Level %(n)s', n=place[1])}", typed.get(place, ""), present.get(place, ""))
        for place in order if typed.get(place) != present.get(place)
    ]  # fmt: skip


def _names(ladder: Ladder, group_id: int | None) -> dict[str, str] | None:
    group = ladder.groups.get(group_id or 0)
    return group.names if group else None


def editor(ladder: Ladder, form: LadderForm | None = None, code: int = 200, **local: Any) -> Response:
    """The page of one ladder."""
    shown = form or LadderForm.of([values_of(step) for step in ladder.shown], ladder.state, ladder.groups)
    return settings_page(
        "settings/ladder.html", section="ladder", code=code, ladder=ladder, form=shown, triggers=TRIGGERS,
        told=TOLD, base=here(ladder), reset_url=here(ladder, "reset"), **played(ladder),
        **({"clashes": []} | local),
    )  # fmt: skip


def played(ladder: Ladder) -> dict[str, Any]:
    """What was asked to be played, and how it would go."""
    number, trigger = (
        one_line(request.args.get("ticket", ""))[:30].upper(),
        request.args.get("trigger", "breach"),
    )
    if "play" not in request.args or trigger not in TRIGGERS:
        return {"number": number, "trigger": "breach", "play": None, "ticket": None, "is_unknown": False}
    ticket = Ticket.find(number, viewer()) if number else None
    unknown = bool(number) and ticket is None
    play = None if unknown else ladder.play(ticket, trigger)
    return {"number": number, "trigger": trigger, "play": play, "ticket": ticket, "is_unknown": unknown}
