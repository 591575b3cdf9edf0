"""The settings of calendars: opening hours, public holidays, own days off."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from sqlalchemy import select

from helpdesk.accounts.roles import manager, viewer
from helpdesk.accounts.user import User
from helpdesk.agents.settings import clashes, is_stale, settings_page, tried
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, language
from helpdesk.core.zone import zone_names
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.calendar_page import CalendarPage
from helpdesk.sla.calendar_words import CalendarWords
from helpdesk.sla.effects import Effects
from helpdesk.sla.forms import CalendarForm
from helpdesk.sla.public_holidays import PublicHolidays
from helpdesk.sla.trial_form import TrialForm

bp = Blueprint("sla", __name__)
INDEX = "sla.calendars_index"
MOST_VERSIONS = 20  # of the history on the page


@bp.get("/settings/calendars")
@allow(manager)
def calendars_index() -> Response:
    """All calendars, with what is open and who uses it."""
    rows = db.session.scalars(select(Calendar).order_by(Calendar.id)).all()
    newest = {version.calendar_id: version for version in db.session.scalars(CalendarVersion.newest_ones())}
    return settings_page(
        "settings/calendars.html", section="calendars", calendars=rows, used_by=Calendar.used_by(),
        pages={row.id: CalendarPage.of(newest[row.id]) for row in rows}, with_archived="archived" in request.args,
    )  # fmt: skip


@bp.get("/settings/calendars/new")
@allow(manager)
def calendars_new() -> Response:
    """A form with usual office hours, to be made one's own."""
    return editor(None, CalendarForm.example(request.args.get("like", ""), zone=viewer().time_zone))


@bp.post("/settings/calendars")
@allow(manager)
def calendars_create() -> Response:
    """A new calendar."""
    form = CalendarForm.of_request()
    if form.step():
        return editor(None, form)
    if not form.validate():
        return editor(None, form, 422)
    return tried(lambda: Calendar.create(form.values, by=viewer()), INDEX, refusing(None, form))


@bp.get("/settings/calendars/<id:calendar_id>")
@allow(manager)
def calendars_show(calendar_id: int) -> Response:
    """One calendar, to be changed, and to be tried: `?at=2026-03-02T09:00&hours=4`."""
    calendar = db.session.get(Calendar, calendar_id) or abort(404)
    asked = "at" in request.args or "hours" in request.args
    trial = TrialForm(request.args) if asked else TrialForm(data={"hours": "4"})
    wrong = asked and not trial.validate()
    return editor(
        calendar, form_of(calendar), 422 if wrong else 200, trial=trial, tried_out=asked and not wrong
    )


@bp.post("/settings/calendars/<id:calendar_id>")
@allow(manager)
def calendars_update(calendar_id: int) -> Response:
    """Change it; where running tickets are measured with it, first ask which ones it is for."""
    calendar, form = Calendar.locked(calendar_id) or abort(404), CalendarForm.of_request()
    if form.step():
        return editor(calendar, form)
    if not form.validate():
        return editor(calendar, form, 422)
    if is_stale(form, calendar) and (found := clashes(words_of(form.values), words_of(values_of(calendar)))):
        return editor(calendar, form, 409, clashes=found)
    return asked_or_changed(calendar, form)


@bp.post("/settings/calendars/<id:calendar_id>/archival")
@allow(manager)
def calendars_archive(calendar_id: int) -> Response:
    """Offer it no more."""
    calendar = Calendar.locked(calendar_id) or abort(404)
    return tried(lambda: calendar.archive(by=viewer()) or calendar, INDEX, refusing(calendar))


@bp.post("/settings/calendars/<id:calendar_id>/restoration")
@allow(manager)
def calendars_restore(calendar_id: int) -> Response:
    """Offer it again."""
    calendar = Calendar.locked(calendar_id) or abort(404)
    calendar.restore(by=viewer())
    return redirect(url_for(INDEX, saved=calendar.id), 303)


def asked_or_changed(calendar: Calendar, form: CalendarForm) -> Response:
    """The question of which tickets it is for, or the list once that is answered or needs no answer."""
    try:
        effects = unanswered(calendar, form)
        if effects:
            return editor(calendar, form, 422 if form.errors else 200, effects=effects)
        calendar.change(form.values, by=viewer(), apply_to_running=form.apply.data == "running")
    except Refusal as refusal:
        return refusing(calendar, form)(refusal)
    return redirect(url_for(INDEX, saved=calendar.id), 303)


def unanswered(calendar: Calendar, form: CalendarForm) -> Any:
    """What the change would do to running tickets, while it is not said which ones it is for; None: go on.

    An answer counts for the hours that were shown with the question.
    """
    proposed = calendar.propose(form.values)
    said = hashlib.sha256(json.dumps(proposed.values, sort_keys=True).encode()).hexdigest()[:16]
    was_asked = form.seen.data == said
    if proposed.id or (was_asked and form.apply.data in ("new", "running")):
        return None
    effects = effects_of(calendar, proposed)
    if was_asked:
        form.apply.errors = [_("Choose which tickets it is for.")]
    form.seen.data, form.apply.data = said, ""
    return effects if effects.running else None


def effects_of(calendar: Calendar, proposed: CalendarVersion) -> Effects:
    """How many running tickets are measured with it, how many of their due instants would move or be over."""
    return Effects.of_calendar(calendar, proposed)


def refusing(calendar: Calendar | None, form: CalendarForm | None = None) -> Callable[..., Response]:
    """Shows the editor again, with the sentence that says why not."""

    def again(refusal: Refusal, code: int = 409) -> Response:
        shown = form or form_of(calendar)
        shown.form_errors = [*shown.form_errors, refusal.message]
        return editor(calendar, shown, code)

    return again


def editor(calendar: Calendar | None, form: CalendarForm, code: int = 200, **local: Any) -> Response:
    """The page of one calendar, or of a new one."""
    newest = calendar.newest if calendar else None
    form.offer_spare()
    shown = {
        "clashes": [],
        "effects": None,
        "trial": TrialForm(data={"hours": "4"}),
        "tried_out": False,
    } | local
    return settings_page(
        "settings/calendar.html", section="calendars", code=code, calendar=calendar, form=form, newest=newest,
        kept=CalendarPage.of(newest) if newest else None, typed=CalendarPage.typed(form.values, newest),
        zones=sorted(zone_names()), countries=PublicHolidays.countries(language()),
        regions=PublicHolidays(form.country.data or "").subdivisions,
        used_by=Calendar.used_by().get(calendar.id, []) if calendar else [],
        versions=_history(calendar) if calendar else [], **shown,
    )  # fmt: skip


def _history(calendar: Calendar) -> list[dict[str, Any]]:
    """The versions, newest first: who made each, and what it changed."""
    versions = CalendarVersion.of_calendar(calendar.id, MOST_VERSIONS + 1)
    people = select(User.id, User.name).where(User.id.in_({one.created_by_id for one in versions} - {None}))
    names = dict(db.session.execute(people).all())
    words = [CalendarWords(one.values) for one in versions]
    before = [*words[1:], None]
    return [
        {"version": one, "who": names.get(one.created_by_id), "changes": mine.changes(earlier) if earlier else []}
        for one, mine, earlier in list(zip(versions, words, before, strict=True))[:MOST_VERSIONS]
    ]  # fmt: skip


def form_of(calendar: Calendar) -> CalendarForm:
    """Filled with what is there."""
    return CalendarForm.holding(values_of(calendar), version=calendar.version)


def values_of(calendar: Calendar) -> dict[str, Any]:
    """As the form has them."""
    return {"name_en": calendar.name_en, "name_vi": calendar.name_vi} | calendar.newest.values


def words_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """A state of the form in words, field by field."""
    names = [(_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"])]
    return names + CalendarWords(values).lines()
