"""The page behind the unsubscribe link of a mail; those of the preferences are in their own file."""

from flask import Response, abort, g, request

from helpdesk.core.access import allow, anyone
from helpdesk.core.db import db
from helpdesk.core.pages import page
from helpdesk.core.security import csrf, limiter
from helpdesk.core.signing import unsign
from helpdesk.core.tenancy import enter
from helpdesk.notifications import bell_views, log_views, mail_server_views  # noqa: F401 - imported to be registered
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.letter import UNSUBSCRIBE
from helpdesk.notifications.mail_kind import KINDS
from helpdesk.notifications.sender_views import bp

__all__ = ["bp"]


def _delivery(token: str) -> Delivery:
    """The mail whose link this is. The signature vouches for the organizer, and for nothing but this page."""
    said = unsign(UNSUBSCRIBE, token)
    if not isinstance(said, list):
        abort(404)
    organizer_id, delivery_id = said
    enter(organizer_id)
    delivery = db.session.get(Delivery, delivery_id) or abort(404)
    if "lang" not in request.args:
        g.language = delivery.language
    return delivery


@bp.get("/unsubscribe/<token>")
@allow(anyone)
@limiter.limit("60 per minute")
def unsubscribe_show(token: str) -> Response:
    """Ask. A GET changes nothing: scanners of mail open links first."""
    delivery = _delivery(token)
    return page(
        "notifications/unsubscribe.html", kind=KINDS[delivery.template], ticket=delivery.ticket, done=False
    )


@bp.post("/unsubscribe/<token>")
@allow(anyone)
@csrf.exempt  # mail programs post here by themselves (RFC 8058), without a page before it; the link is the secret
@limiter.limit("60 per minute")
def unsubscribe_create(token: str) -> Response:
    """No more mails of this kind."""
    delivery = _delivery(token)
    delivery.unsubscribe()
    return page(
        "notifications/unsubscribe.html", kind=KINDS[delivery.template], ticket=delivery.ticket, done=True
    )
