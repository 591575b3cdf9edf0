"""Files that a customer or a visitor sends while he still writes."""

from flask import Response, abort, g, request

from helpdesk.core.access import allow
from helpdesk.core.db import reads_first
from helpdesk.core.security import csrf, limiter
from helpdesk.portal.embed_views import visitor
from helpdesk.portal.form_token import FormToken
from helpdesk.portal.forms import link_owner
from helpdesk.portal.link_views import bp, customer
from helpdesk.tickets.upload_views import listed

OF_A_CUSTOMER = "60 per minute; 300 per hour"  # per address
OF_A_VISITOR = "30 per minute; 120 per hour"
PER_FORM = "1200 per hour"


@bp.post("/requests/<id:ticket_id>/uploads")
@allow(customer)
@limiter.limit(OF_A_CUSTOMER)
@reads_first  # files need no row, and come as slowly as they like
def uploads_create(ticket_id: int) -> Response:
    """Take files for a message of the customer."""
    return listed(link_owner())


@bp.post("/embed/<key>/uploads")
@csrf.exempt  # like the form: its signed token takes the place of a cookie
@allow(visitor)
@limiter.limit(OF_A_VISITOR)
@limiter.limit(PER_FORM, key_func=lambda: f"form-uploads:{(request.view_args or {})['key']}")
@reads_first
def embed_uploads_create(key: str) -> Response:
    """Take files for a form that is being filled in."""
    token = FormToken.read(request.form.get("form_token", ""), key) or abort(400)
    return listed(token.owner) if g.form_key.is_open else abort(403)
