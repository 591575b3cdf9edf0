"""Setting a password by a link in a mail: to join, or because it was forgotten."""

from flask import Response, redirect, request, session, url_for

from helpdesk.accounts.account_link import AccountLink
from helpdesk.accounts.forms import AddressForm, NewPasswordForm
from helpdesk.accounts.sign_in_views import bp
from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core.access import allow, anyone
from helpdesk.core.events import record
from helpdesk.core.i18n import keep, language, speak_to
from helpdesk.core.pages import invalid, page
from helpdesk.core.security import limiter
from helpdesk.core.tenancy import enter

LINK = "account_link"


@bp.get("/login/forgotten")
@allow(anyone)
def forgotten_show() -> Response:
    """Ask whose password it is."""
    return page("accounts/forgotten.html", form=AddressForm(), sent="sent" in request.args)


@bp.post("/login/forgotten")
@allow(anyone)
@limiter.limit("20 per hour")
@limiter.limit(
    "3 per hour", key_func=lambda: f"forgotten:{request.form.get('email', '').strip().lower()[:254]}"
)
def forgotten_create() -> Response:
    """Mail a link, if there is such a user. The answer is the same whatever comes of it."""
    form = AddressForm.of_request()
    if not form.validate():
        return invalid("accounts/forgotten.html", form=form, sent=False)
    user = User.find(form.email.data)
    if user and user.is_active:
        enter(user.organizer_id)
        link = AccountLink.make(user, "password")
        record("user.password_forgotten", on=None, by=user, user=user.id, called=user.name, link=link.id)
    return redirect(url_for("accounts.forgotten_show", sent=1), 303)


@bp.get("/account/<token>")
@allow(anyone)
@limiter.limit("60 per hour")
def link_show(token: str) -> Response:
    """Take the secret out of the address. Nothing is written: mail scanners open links before their readers do."""
    session[LINK] = token
    answer = redirect(url_for("accounts.password_show"), 303)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@bp.get("/account-password")
@allow(anyone)
def password_show() -> Response:
    """Ask for the password."""
    link = brought()
    return page("accounts/new_password.html", form=NewPasswordForm(), link=link) if link else worthless()


@bp.post("/account-password")
@allow(anyone)
@limiter.limit("30 per hour")
def password_create() -> Response:
    """Set it. The link is used up, and all sessions of before are over."""
    link, form = brought(), NewPasswordForm.of_request()
    if link is None:
        return worthless()
    if not form.suits(link.user):
        return invalid("accounts/new_password.html", form=form, link=link)
    if not link.use():
        return worthless()
    has_joined = link.purpose == "invitation"
    (link.user.join if has_joined else link.user.change_password)(form.password.data)
    AccountLink.revoke_all(link.user)
    UserSession.end_all(link.user)
    session.clear()
    answer = redirect(url_for("accounts.sign_in_show", said="joined" if has_joined else "changed"), 303)
    keep(answer, language())
    return answer


def brought() -> AccountLink | None:
    """The good link that this browser came by; inside its organizer."""
    link = AccountLink.find(session.get(LINK, ""))
    if link is None or not link.is_live:
        return None
    enter(link.organizer_id)
    speak_to(link.user.language)
    return link


def worthless() -> Response:
    """The link was used, withdrawn, replaced or is too old; nothing says which."""
    answer = page("accounts/link_gone.html")
    answer.status_code = 410
    return answer
