"""Who may come in: the access rules of signed-in people, and how they are recognised."""

from flask import Flask, Response, g, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from werkzeug.exceptions import Forbidden

from helpdesk.accounts.user import User
from helpdesk.accounts.user_session import UserSession
from helpdesk.core import clock, live
from helpdesk.core.access import Rule, present_rule
from helpdesk.core.db import db, transaction
from helpdesk.core.errors import SignInFirst
from helpdesk.core.tenancy import enter

COOKIE_KEY = "token"
WITHOUT_FACTOR = {
    "accounts.factor_show",
    "accounts.factor_create",
    "accounts.proposal_create",
    "accounts.sign_out",
}


class FactorFirst(SignInFirst):
    """Somebody has to set up a second factor before he goes on."""


def _role(name: str) -> Rule:
    def check() -> None:
        if not current_user.is_authenticated:
            raise SignInFirst
        if current_user.row.awaits_factor and request.endpoint not in WITHOUT_FACTOR:
            raise FactorFirst
        if not viewer().is_at_least(name):
            raise Forbidden

    return Rule(name, check, knows_users=True)


agent, manager, admin = _role("agent"), _role("manager"), _role("admin")


class SignedIn(UserMixin):
    """What flask-login keeps for a request: the session row and its user."""

    def __init__(self, row: UserSession) -> None:
        self.row = row
        self.user = row.user
        self.language = row.user.language
        self.row_id, self.wants_touch = (
            row.id,
            row.wants_touch,
        )  # after the transaction the row must be asked for


def viewer() -> User:
    """The user who asks. Only views behind a role's rule call this."""
    return current_user.user


def unattended() -> None:
    """This request is the page's own and not its reader's: it does not keep his session from going idle."""
    current_user.wants_touch = False


def _recognise() -> SignedIn | None:
    """Look up the session of the cookie and go inside its organizer.

    Behind the customer's doors nobody is recognised: an agent of one organizer who looks at the form of
    another is a visitor there.
    """
    rule = present_rule()
    if rule is None or not rule.knows_users:
        return None
    token = session.get(COOKIE_KEY)
    row = UserSession.find(token) if token else None
    if row is None:
        return None
    enter(row.organizer_id)
    return SignedIn(row)


def init_app(app: Flask) -> None:
    """Recognise people by server-side sessions; flask-login's own cookie is not used."""
    manager_ = LoginManager(app)
    manager_.session_protection = None
    manager_.anonymous_user = AnonymousUserMixin
    manager_.request_loader(lambda request: _recognise())
    app.after_request(_touch)
    app.context_processor(lambda: {"viewer": current_user.user if current_user.is_authenticated else None})


def _touch(response: Response) -> Response:
    """Keep a session in use from going idle. Bookkeeping in a transaction of its own, since a GET never writes."""
    signed_in = g.get("_login_user")
    if isinstance(signed_in, SignedIn) and signed_in.wants_touch:
        db.session.remove()
        with transaction():
            db.session.get_one(UserSession, signed_in.row_id).seen_at = clock.now()
    return response


@live.identity("session")
def _listener(session_id: int) -> User | None:
    """The user of a socket, as long as its session lives."""
    row = db.session.get(UserSession, session_id)
    return row.user if row and row.is_live and not row.awaits_factor else None


@live.may_join("user")
def _own_bell(user: User, user_id: int) -> bool:
    """Nobody hears another's bell."""
    return isinstance(user, User) and user.id == user_id
