"""The settings pages of mails: what they say, how they look, and what they said before."""

from typing import Any

from flask import Response, abort, redirect, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from helpdesk.accounts.roles import manager, viewer
from helpdesk.agents.settings import clashes, is_stale, settings_page
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.mail_sender import colour_of
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.notifications.mail_test import MailTest
from helpdesk.notifications.preference_views import bp
from helpdesk.notifications.template_form import TemplateForm
from helpdesk.notifications.template_page import (
    AUDIENCES,
    STEPS,
    TemplatePage,
    differences,
    in_words,
    name_of,
)

bp.add_app_template_global(name_of, "mail_name")
bp.add_app_template_global(colour_of, "colour_of")
SHOW = "notifications.templates_show"


class MailKindKey(BaseConverter):
    """`ticket.replied.customer` in addresses: an event and an audience; or `batch.customer`."""

    regex = r"[a-z_]{1,20}(?:\.[a-z_]{1,20}){1,2}"


@bp.record_once
def _know_kinds(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["mail"] = MailKindKey


@bp.get("/settings/templates")
@allow(manager)
def templates_index() -> Response:
    """Every kind of mail, by who gets it, with whose texts it has."""
    groups = TemplatePage.by_audience()
    return settings_page("settings/templates.html", section="templates", groups=groups, audiences=AUDIENCES)


@bp.get("/settings/templates/<mail:kind>")
@allow(manager)
def templates_show(kind: str) -> Response:
    """One kind of mail, to be written anew."""
    shown = known(kind)
    return editor(shown, TemplateForm(data=shown.in_use.parts | {"version": shown.version}))


@bp.post("/settings/templates/<mail:kind>")
@allow(manager)
def templates_update(kind: str) -> Response:
    """Use these texts from now on."""
    shown = known(kind, lock=True)
    form = TemplateForm.of_kind(kind)
    if not form.validate():
        return editor(shown, form, 422)
    if is_stale(form, shown) and (found := clashes(in_words(form.values), in_words(shown.in_use.parts))):
        return editor(shown, form, 409, clashes=found)
    MailTemplate.change(kind, form.values, by=viewer())
    return redirect(url_for(SHOW, kind=kind, saved="changed"), 303)


@bp.post("/settings/templates/<mail:kind>/reset")
@allow(manager)
def templates_reset(kind: str) -> Response:
    """Back to the shipped texts."""
    known(kind)
    MailTemplate.reset(kind, by=viewer())
    return redirect(url_for(SHOW, kind=kind, saved="reset"), 303)


@bp.get("/settings/templates/<mail:kind>/versions/<id:version_id>")
@allow(manager)
def versions_show(kind: str, version_id: int) -> Response:
    """What the texts were, and what that step changed."""
    return version_page(known(kind), version_id)


@bp.post("/settings/templates/<mail:kind>/versions/<id:version_id>/restoration")
@allow(manager)
def versions_restore(kind: str, version_id: int) -> Response:
    """Use these texts again."""
    shown = known(kind, lock=True)
    version = version_of(shown, version_id)
    try:
        shown.in_use.restore(version, by=viewer())
    except Refusal as refusal:
        return version_page(shown, version_id, 409, refusal=refusal.message)
    return redirect(url_for(SHOW, kind=kind, saved="restored"), 303)


def known(kind: str, *, lock: bool = False) -> TemplatePage:
    """A kind of the catalogue. 404 for any other."""
    return TemplatePage.of(kind, lock=lock) if kind in KINDS else abort(404)


def version_of(shown: TemplatePage, version_id: int) -> MailTemplateVersion:
    """A version of this mail's own texts. 404 for those of others."""
    if shown.own is None:
        abort(404)
    own = MailTemplateVersion.of(shown.own.id).where(MailTemplateVersion.id == version_id)
    return db.session.scalar(own) or abort(404)


def version_page(
    shown: TemplatePage, version_id: int, code: int = 200, refusal: str | None = None
) -> Response:
    """The page of one version."""
    version = version_of(shown, version_id)
    before = version.before
    return settings_page(
        "settings/template_version.html", section="templates", code=code, shown=shown, version=version,
        steps=STEPS, changes=differences(before, version) if before else [], refusal=refusal,
        is_present=version.number == shown.history[0].number,
    )  # fmt: skip


def editor(shown: TemplatePage, form: TemplateForm, code: int = 200, **local: Any) -> Response:
    """The page of one kind of mail."""
    tests = db.session.scalars(MailTest.last_of(viewer(), shown.kind.key)).all()
    return settings_page(
        "settings/template.html", section="templates", code=code, shown=shown, form=form, steps=STEPS,
        tests=tests, history=shown.history, **({"clashes": []} | local),
    )  # fmt: skip
