"""Signing in and out, the choice of language, and one's own settings."""

import logging

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import NotFound

from helpdesk.accounts.forms import UNDO_CHOICES, OwnSettingsForm, SignInForm
from helpdesk.accounts.roles import COOKIE_KEY, agent, viewer
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core.access import allow, anyone
from helpdesk.core.errors import Refusal, SignInFirst, failure
from helpdesk.core.i18n import LANGUAGES, _, keep
from helpdesk.core.pages import invalid, is_htmx, page
from helpdesk.core.security import csrf_token, limiter, local_path
from helpdesk.core.tenancy import enter

log = logging.getLogger(__name__)
bp = Blueprint("accounts", __name__)


@bp.get("/login")
@allow(anyone)
def sign_in_show() -> Response:
    """The sign-in page."""
    return page("accounts/sign_in.html", form=SignInForm(), next=request.args.get("next", ""))


@bp.post("/login")
@allow(anyone)
@limiter.limit("10 per minute; 100 per hour")
@limiter.limit(
    "20 per hour", key_func=lambda: f"sign-in:{request.form.get('email', '').strip().lower()[:254]}"
)
def sign_in_create() -> Response:
    """Sign in: a new session under a new token, whatever the browser brought."""
    form = SignInForm.of_request()
    user = User.authenticate(form.email.data, form.password.data) if form.validate() else None
    if user is None:
        form.password.data = ""
        if not form.errors:
            form.form_errors.append(_("The email or the password is wrong."))
        log.info("sign-in refused")
        return invalid("accounts/sign_in.html", form=form, next=request.form.get("next", ""))
    enter(user.organizer_id)
    session.clear()
    session[COOKIE_KEY] = UserSession.begin(user, request.user_agent.string)
    log.info("signed in", extra={"user": user.id})
    return redirect(local_path(request.form.get("next"), "/queue"), 303)


@bp.post("/logout")
@allow(agent)
def sign_out() -> Response:
    """End the session on the server; the cookie is worthless from now on."""
    current_user.row.end()
    session.clear()
    return redirect(url_for("accounts.sign_in_show"), 303)


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


@bp.app_errorhandler(SignInFirst)
def sign_in_first(error: SignInFirst) -> Response:
    """Send a person to the sign-in page and back; tell a part of a page that the session has ended."""
    if is_htmx() or request.method != "GET" or request.headers.get("Upgrade"):
        return failure(401)
    here = request.full_path.rstrip("?") if request.query_string else request.path
    return redirect(url_for("accounts.sign_in_show", next=here), 302)
