"""The room's doors; here the choice of language, and one's own settings."""

from flask import Response, abort, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from helpdesk.accounts import account_views, security_views  # noqa: F401 - imported to be registered
from helpdesk.accounts.forms import (
    LABELS,
    LANGUAGE_NAMES,
    OPTIONS,
    UNDO_CHOICES,
    OwnSettingsForm,
    undo_words,
)
from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.sign_in_views import bp
from helpdesk.accounts.user import User
from helpdesk.core.access import allow, anyone
from helpdesk.core.clash import clashes, is_stale
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import LANGUAGES, _, keep, language
from helpdesk.core.pages import invalid, page
from helpdesk.core.security import csrf_token, local_path

__all__ = ["bp"]


@bp.post("/language")
@allow(anyone)
def language_update() -> Response:
    """Choose the language of this browser and come back to the page."""
    code = request.form.get("lang")
    back = redirect(local_path(_in_any_language(request.form.get("next", "")), "/"), 303)
    if code in LANGUAGES:
        keep(back, code)
    return back


def _in_any_language(address: str) -> str:
    """Without `lang=`, which would outweigh the choice."""
    path, mark, query = address.partition("?")
    kept = "&".join(part for part in query.split("&") if not part.startswith("lang="))
    return path + mark + kept if kept else path


def own_page(form: OwnSettingsForm, **local: object) -> dict[str, object]:
    """What the page shows. Another number of seconds than those on offer stays what it is."""
    return {
        "form": form, "labels": LABELS, "options": OPTIONS, "languages": list(LANGUAGE_NAMES.items()),
        "undo_choices": [(n, undo_words(n)) for n in sorted({*UNDO_CHOICES, viewer().undo_seconds})],
        "zones": [(zone, zone) for zone in form.time_zone.choices[1:]], "saved": False, "clashes": [],
    } | local  # fmt: skip


@bp.get("/me")
@allow(agent)
def own_settings_show() -> Response:
    """What I have chosen."""
    form = OwnSettingsForm.of(viewer())
    form.language.data = language()  # of this browser, which counts: saving something else does not change it
    return page("accounts/me.html", **own_page(form, saved="saved" in request.args))


@bp.post("/me")
@allow(agent)
def own_settings_update() -> Response:
    """Choose. The language counts in this browser at once, whatever was chosen there before."""
    me = User.to_change(viewer().id) or abort(404)
    form = OwnSettingsForm.sent_by(me)
    if not form.validate():
        return invalid("accounts/me.html", **own_page(form))
    if is_stale(form, me) and (found := clashes(form.words, OwnSettingsForm.of(me).words)):
        return make_response(page("accounts/me.html", **own_page(form, clashes=found)), 409)
    me.choose(form.choices)
    response = redirect(url_for("accounts.own_settings_show", saved=1), 303)
    keep(response, form.language.data)
    return response


@bp.get("/me/token")
@allow(agent)
def token_show() -> Response:
    """The token of the present session, for a page of the same user that was opened in an earlier one."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise NotFound  # no other site could read it; it need not even ask
    if request.args.get("user") != str(viewer().id):
        said = _(
            "You are signed in as %(name)s now; somebody else opened this page. "
            "What you wrote is still here: sign in as before, then send it once more.",
            name=viewer().name,
        )
        raise Refusal(said)
    return Response(csrf_token(), mimetype="text/plain")
