"""For whom periodic work is done."""

from helpdesk.core import jobs
from helpdesk.organizers.organizer import Organizer


@jobs.tenants
def organizer_ids() -> list[int]:
    """All active organizers."""
    return Organizer.active_ids()
