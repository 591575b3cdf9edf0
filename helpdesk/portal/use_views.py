"""How a form is used: when its keys and secrets were last used, and what is said where it is used too much."""

from contextlib import suppress

from flask import Response, g, request
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from helpdesk.core.db import db, transaction
from helpdesk.core.errors import failure
from helpdesk.core.i18n import ngettext
from helpdesk.core.security import seconds_until_free
from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.embed_views import form_again, form_key_asked, offered, typed_for, visitor
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.link_views import bp


@bp.after_request
def note_use(response: Response) -> Response:
    """Keep that its key was used, once in a while.

    Bookkeeping in a transaction of its own, since a GET never writes. Where the database is busy: next time.
    """
    form: FormKey | None = g.get("form_key")
    form_id, names = g.get("key_use", (0, []))  # looked up at the door: the row is let go by now
    if form is None or response.status_code >= 400 or not (names or form.used_secret):
        return response
    with suppress(OperationalError):
        db.session.remove()
        with transaction():
            _note(form_id, names, form.used_secret)
    return response


def _note(form_id: int, names: list[str], secret: str) -> None:
    form = db.session.get_one(FormKey, form_id)
    form.used_secret = secret
    form.note_uses(list({*names, *form.uses_of_secret()}))


@bp.errorhandler(RateLimitExceeded)
def too_often(error: RateLimitExceeded) -> Response:
    """Too many requests: the form as it was typed, with the minutes; anywhere else the page that says so."""
    if request.endpoint != "portal.embed_create":
        return failure(429)
    try:
        visitor.check()  # the limit may have been asked before the door
    except HTTPException:
        return failure(429)
    return _with_minutes(seconds_until_free())


def _with_minutes(seconds: int) -> Response:
    minutes = -(-seconds // 60)
    said = ngettext(
        "Too many requests from here. Your text is kept: try again in %(num)s minute.",
        "Too many requests from here. Your text is kept: try again in %(num)s minutes.", minutes,
    )  # fmt: skip
    key = form_key_asked()
    token = FormToken.read(request.form.get("form_token", ""), key) or FormToken.fresh(key)
    answer = form_again(offered(TicketForm(typed_for(token))), token, [said])
    answer.status_code, answer.headers["Retry-After"] = 429, str(seconds)
    return answer
