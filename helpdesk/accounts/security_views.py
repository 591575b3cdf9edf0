"""What guards one's own account: the password, the sessions, the second factor."""

from flask import Response, abort, redirect, request, session, url_for
from flask_login import current_user
from sqlalchemy import select

from helpdesk.accounts.account_link import AccountLink
from helpdesk.accounts.forms import CodeForm, ConfirmationForm, OwnPasswordForm
from helpdesk.accounts.qr_code import QrCode
from helpdesk.accounts.roles import agent, viewer
from helpdesk.accounts.second_factor import SecondFactor
from helpdesk.accounts.sign_in_views import bp
from helpdesk.accounts.totp import Totp
from helpdesk.accounts.user_session import UserSession
from helpdesk.core.access import allow
from helpdesk.core.db import db
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.core.pages import invalid, page
from helpdesk.core.security import limiter
from helpdesk.organizers.organizer import Organizer

OWN = "10 per minute; 30 per hour"  # guesses at one's own password or code


def of_who_asks() -> str:
    """A limit counts for each user, wherever he sits."""
    return f"own:{viewer().id}"


@bp.get("/me/security")
@allow(agent)
def security_show() -> Response:
    """Password, second factor and sessions."""
    return page("accounts/security.html", **shown())


@bp.post("/me/password")
@allow(agent)
@limiter.limit(OWN, key_func=of_who_asks)
def own_password_update() -> Response:
    """Choose another password. All other sessions end."""
    form = OwnPasswordForm.of_request()
    if not form.suits(viewer()):
        return invalid("accounts/security.html", **shown(password_form=form))
    viewer().change_password(form.password.data)
    AccountLink.revoke_all(viewer())
    UserSession.end_all(viewer(), but=current_user.row)
    return redirect(url_for("accounts.security_show", saved="password"), 303)


@bp.post("/me/sessions/<id:session_id>/ending")
@allow(agent)
def session_end(session_id: int) -> Response:
    """Sign out on one device."""
    own = select(UserSession).where(UserSession.id == session_id, UserSession.user_id == viewer().id)
    (db.session.scalar(own) or abort(404)).end()
    return redirect(url_for("accounts.security_show", saved="session"), 303)


@bp.post("/me/sessions/ending")
@allow(agent)
def sessions_end() -> Response:
    """Sign out everywhere, here too."""
    UserSession.end_all(viewer())
    record("user.signed_out", on=None, by=viewer(), user=viewer().id, called=viewer().name)
    session.clear()
    return redirect(url_for("accounts.sign_in_show", said="everywhere"), 303)


@bp.get("/me/factor")
@allow(agent)
def factor_show() -> Response:
    """Set up a second factor, step by step."""
    return factor_page()


@bp.post("/me/factor/proposal")
@allow(agent)
@limiter.limit(OWN, key_func=of_who_asks)
def proposal_create() -> Response:
    """A secret for a new device; the password was asked for, unless it was typed a moment ago."""
    form = ConfirmationForm.of_request()
    if not current_user.row.awaits_factor and not form.confirms(viewer()):
        return factor_page(confirmation_form=form, code=422)
    SecondFactor.propose(viewer(), Totp.fresh().secret)
    return redirect(url_for("accounts.factor_show", _anchor="code"), 303)


@bp.post("/me/factor")
@allow(agent)
@limiter.limit(OWN, key_func=of_who_asks)
def factor_create() -> Response:
    """Switch it on with a first code. The recovery codes are on this answer and on no other."""
    form, factor = CodeForm.of_request(), SecondFactor.of(viewer().id, lock=True)
    if factor is None or not factor.proposed:
        return redirect(url_for("accounts.factor_show"), 303)
    codes = factor.confirm(form.code.data, by=viewer()) if form.validate() else None
    if codes is None:
        form.code.errors = form.code.errors or [_("This code is not right. Is the clock of your device?")]
        return factor_page(code_form=form, code=422)
    current_user.row.has_factor()
    return page("accounts/recovery.html", codes=codes)


@bp.post("/me/factor/codes")
@allow(agent)
@limiter.limit(OWN, key_func=of_who_asks)
def codes_create() -> Response:
    """New recovery codes; the old ones are worthless."""
    form, factor = ConfirmationForm.of_request(), SecondFactor.of(viewer().id, lock=True)
    if factor is None or not factor.confirmed_at:
        abort(404)
    if not form.confirms(viewer()):
        return factor_page(confirmation_form=form, code=422)
    return page("accounts/recovery.html", codes=factor.renew_codes())


@bp.post("/me/factor/removal")
@allow(agent)
@limiter.limit(OWN, key_func=of_who_asks)
def factor_remove() -> Response:
    """Do without it again; who has to have one sets up another at once."""
    form, factor = ConfirmationForm.of_request(), SecondFactor.of(viewer().id, lock=True)
    if factor is None or not form.confirms(viewer()):
        return factor_page(confirmation_form=form, code=422)
    factor.switch_off(viewer(), by=viewer())
    if current_user.row.awaits_factor_again():
        return redirect(url_for("accounts.factor_show"), 303)
    return redirect(url_for("accounts.security_show", saved="factor"), 303)


def shown(**local: object) -> dict[str, object]:
    """What the page of the account's guards reads."""
    return {
        "sessions": UserSession.living_of(viewer()), "own_id": current_user.row.id, "password_form": OwnPasswordForm(),
        "factor": SecondFactor.of(viewer().id), "saved": request.args.get("saved", ""),
    } | local  # fmt: skip


def factor_page(*, code: int = 200, **local: object) -> Response:
    """The page of the second factor, in whatever state it is."""
    factor = SecondFactor.of(viewer().id)
    proposed = factor.proposed if factor else None
    issuer = f"{Organizer.present().name} {_('Helpdesk')}"
    answer = page("accounts/factor.html", **{
        "factor": factor, "proposed": proposed, "code_form": CodeForm(), "confirmation_form": ConfirmationForm(),
        "picture": QrCode(proposed.address(issuer, viewer().email)).svg if proposed else None,
        "awaits": current_user.row.awaits_factor, "is_needed": viewer().needs_factor,
    } | local)  # fmt: skip
    answer.status_code = code
    return answer
