"""What the portal leaves to the workers."""

from helpdesk.core.db import db
from helpdesk.core.jobs import job
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.rotating import USES


@job
def note_uses(form_id: int, *uses: int) -> None:
    """Keep that a form's keys or secrets were used just now; twice changes nothing."""
    db.session.get_one(FormKey, form_id).note_uses([USES[each] for each in uses])
