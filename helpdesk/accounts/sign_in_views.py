"""Signing in and out: the password, then the code where somebody has a second factor."""

import logging

from flask import Blueprint, Response, redirect, request, session, url_for
from flask_login import current_user

from helpdesk.accounts.device import network_of
from helpdesk.accounts.forms import CodeForm, SignInForm
from helpdesk.accounts.roles import COOKIE_KEY, FactorFirst, agent
from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import signing
from helpdesk.core.access import allow, anyone
from helpdesk.core.db import db
from helpdesk.core.errors import SignInFirst, failure
from helpdesk.core.i18n import _, speak_to
from helpdesk.core.pages import invalid, is_htmx, page
from helpdesk.core.security import client_address, limiter, local_path
from helpdesk.core.tenancy import enter

log = logging.getLogger(__name__)
bp = Blueprint("accounts", __name__)
HALF, HALF_SECONDS = "half", 600  # the password was right; the code is still to come


@bp.get("/login")
@allow(anyone)
def sign_in_show() -> Response:
    """The sign-in page."""
    said = request.args.get("said", "")
    return page("accounts/sign_in.html", form=SignInForm(), next=request.args.get("next", ""), said=said)


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
        return invalid("accounts/sign_in.html", form=form, next=request.form.get("next", ""), said="")
    return let_in(user, request.form.get("next"))


@bp.get("/login/code")
@allow(anyone)
def code_show() -> Response:
    """Ask for the code of the second factor."""
    if half_signed_in() is None:
        return redirect(url_for("accounts.sign_in_show"), 303)
    return page("accounts/code.html", form=CodeForm(), next=request.args.get("next", ""))


@bp.post("/login/code")
@allow(anyone)
@limiter.limit("10 per minute; 100 per hour")
@limiter.limit("5 per minute; 20 per hour", key_func=lambda: f"code:{(session.get(HALF) or ['-'])[0]}")
def code_create() -> Response:
    """The code, too: now the session begins."""
    user, form = half_signed_in(), CodeForm.of_request()
    if user is None:
        return redirect(url_for("accounts.sign_in_show"), 303)
    factor = SecondFactor.of(user.id, lock=True)
    if form.validate() and (factor is None or not factor.takes(form.code.data)):
        form.code.errors = [_("This code is not right, or was used already. Wait for the next one.")]
        log.info("code refused", extra={"user": user.id})
    if form.errors:
        return invalid("accounts/code.html", form=form, next=request.form.get("next", ""))
    return begin(user, request.form.get("next"))


@bp.post("/logout")
@allow(agent)
def sign_out() -> Response:
    """End the session on the server; the cookie is worthless from now on."""
    current_user.row.end()
    session.clear()
    return redirect(url_for("accounts.sign_in_show"), 303)


def let_in(user: User, target: str | None) -> Response:
    """His password was right: he comes in, or is asked for the code."""
    enter(user.organizer_id)
    session.clear()
    if SecondFactor.is_on(user.id):
        session[HALF] = [user.id, signing.stamp()]
        return redirect(url_for("accounts.code_show", next=local_path(target, "") or None), 303)
    return begin(user, target, awaits_factor=user.needs_factor)


def begin(user: User, target: str | None, *, awaits_factor: bool = False) -> Response:
    """A new session under a new token. One that awaits a second factor is good for setting it up only."""
    session.clear()
    session[COOKIE_KEY] = UserSession.begin(
        user, request.user_agent.string, place=network_of(client_address()), awaits_factor=awaits_factor
    )
    log.info("signed in", extra={"user": user.id})
    place = url_for("accounts.factor_show") if awaits_factor else local_path(target, "/queue")
    return redirect(place, 303)


def half_signed_in() -> User | None:
    """Whose password this browser has just brought, for a few minutes; inside his organizer."""
    said = session.get(HALF)
    if not said or signing.age_seconds(said[1]) > HALF_SECONDS:
        return None
    user = User.at_the_door(said[0])
    if user is None or not user.is_active:
        return None
    enter(user.organizer_id)
    speak_to(user.language)
    return db.session.get(User, user.id)


@bp.app_errorhandler(FactorFirst)
def factor_first(error: FactorFirst) -> Response:
    """Whoever must have a second factor sets it up before anything else."""
    if is_htmx() or request.method != "GET" or request.headers.get("Upgrade"):
        return failure(403, _("Set up your second factor first."))
    return redirect(url_for("accounts.factor_show"), 302)


@bp.app_errorhandler(SignInFirst)
def sign_in_first(error: SignInFirst) -> Response:
    """Send a person to the sign-in page and back; tell a part of a page that the session has ended."""
    if is_htmx() or request.method != "GET" or request.headers.get("Upgrade"):
        return failure(401)
    here = request.full_path.rstrip("?") if request.query_string else request.path
    return redirect(url_for("accounts.sign_in_show", next=here), 302)
