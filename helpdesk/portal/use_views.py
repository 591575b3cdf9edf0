"""How a form is used: when its keys and secrets were last used, and what is said where it is used too much."""

from flask import Response, g, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from helpdesk.core import security
from helpdesk.core.access import present_rule
from helpdesk.core.errors import SignInFirst
from helpdesk.core.i18n import ngettext
from helpdesk.core.jobs import wake
from helpdesk.core.tenancy import present_organizer
from helpdesk.organizers.rotating import USES
from helpdesk.portal.embed_views import form_again, form_key_asked, offered, typed_for
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import TicketForm
from helpdesk.portal.jobs import note_uses
from helpdesk.portal.link_views import LinkExpired, bp


@bp.after_request
def note_use(response: Response) -> Response:
    """Have a worker keep that its key was used, once in a while: no visitor waits for another's writing."""
    form_id, names = g.get("key_use", (0, []))  # looked up when it was read: the row is let go by now
    if names and response.status_code < 400:
        ids = [form_id, *sorted({USES.index(name) for name in names})]
        wake("perform", note_uses.name, present_organizer(), ids)
    return response


@bp.errorhandler(RateLimitExceeded)
def too_often(error: RateLimitExceeded) -> Response:
    """Too many requests: the form as it was typed, with the minutes; anywhere else the common answer."""
    is_known = _comes_in()
    if request.endpoint != "portal.embed_create" or not is_known:
        return security.too_often(error)
    said = ngettext(
        "Too many requests from here. Your text is kept: try again in %(num)s minute.",
        "Too many requests from here. Your text is kept: try again in %(num)s minutes.",
        security.minutes_until_free(),
    )
    key = form_key_asked()
    token = FormToken.read(request.form.get("form_token", ""), key) or FormToken.fresh(key)
    answer = form_again(offered(TicketForm(typed_for(token))), token, [said])
    answer.status_code = 429
    return answer


def _comes_in() -> bool:
    """Whether he may come in, and so what he reads: the limit may have been asked before the door."""
    rule = present_rule()
    try:
        if rule:
            rule.check()
    except (HTTPException, LinkExpired, SignInFirst):
        return False
    return rule is not None
