"""When a form's keys and secrets were last used: kept beside the requests that use them, and not by each."""

from contextlib import suppress

from flask import Response, g
from sqlalchemy.exc import OperationalError

from helpdesk.core.db import db, transaction
from helpdesk.organizers.form_key import FormKey
from helpdesk.portal.link_views import bp


@bp.after_request
def note_use(response: Response) -> Response:
    """Bookkeeping in a transaction of its own, since a GET never writes. Where the database is busy, next time."""
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
