"""The room's doors; here the choice of language, and one's own settings."""

from flask import Response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from helpdesk.accounts import account_views, security_views  # noqa: F401 - imported to be registered
from helpdesk.accounts.forms import UNDO_CHOICES, OwnSettingsForm
from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.sign_in_views import bp
from helpdesk.core.access import allow, anyone
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import LANGUAGES, _, keep
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


def offered(form: OwnSettingsForm) -> dict[str, object]:
    """What the page shows. Another number of seconds than those on offer stays what it is."""
    return {
        "form": form, "undo_choices": sorted({*UNDO_CHOICES, viewer().undo_seconds}),
        "zones": [(zone, zone) for zone in form.time_zone.choices[1:]],
    }  # fmt: skip


@bp.get("/me")
@allow(agent)
def own_settings_show() -> Response:
    """What I have chosen."""
    form = OwnSettingsForm.of(viewer())
    return page("accounts/me.html", **offered(form), saved="saved" in request.args)


@bp.post("/me")
@allow(agent)
def own_settings_update() -> Response:
    """Choose. The language counts in this browser at once, whatever was chosen there before."""
    form = OwnSettingsForm.sent_by(viewer())
    if not form.validate():
        return invalid("accounts/me.html", **offered(form), saved=False)
    viewer().choose(**form.choices)
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
