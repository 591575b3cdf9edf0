"""Auto-close, held and snoozed things, running tickets that follow their policy, and the clean-up of files."""

from helpdesk.core.db import transaction
from helpdesk.core.jobs import every, in_steps, job
from helpdesk.core.tenancy import present_organizer
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.jobs import before_marks
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.remeasuring import Remeasuring
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.snooze import Snooze
from helpdesk.tickets.ticket import Ticket


@every(seconds=30, shared=True)
def close_silent_tickets() -> bool:
    """Close what was resolved and left alone."""
    return Ticket.close_silent()


@every(seconds=2, shared=True)
@before_marks
def release_held_replies() -> bool:
    """Send what nobody took back."""
    return Ticket.release_due()


@every(seconds=15, shared=True)
def wake_snoozed() -> bool:
    """Bring back what was out of sight until now."""
    return Snooze.wake_due()


@every(seconds=3600)
def clear_blobs() -> None:
    """Remove files that no message of any organizer has; the first organizer's turn does it for all."""
    if Organizer.active_ids()[:1] == [present_organizer()]:
        Attachment.clear_blobs(spared=Draft.file_keys())


@every(seconds=15, shared=True)
def remeasure_running() -> bool:
    """Measure running tickets with the version that they are to follow."""
    return Remeasuring.step()


@job
def remeasure_soon() -> None:
    """The same at once, some at a time."""
    if Remeasuring.step():
        remeasure_soon.later()


@job
def index_tagged(tag_id: int, before: int) -> None:
    """Let the tickets of a tag be found by its new name, some at a time."""
    if last := SearchDocument.rebuild_tagged(tag_id, before):
        index_tagged.later(tag_id, last)


@job
def index_customer(customer_id: int, before: int) -> None:
    """Let the tickets of a customer be found by his new name, some at a time."""
    if last := SearchDocument.rebuild_of(customer_id, before):
        index_customer.later(customer_id, last)


@job
@in_steps
def work_off(run_id: int) -> None:
    """Go on with a bulk run; the rest goes to the end of the queue, behind other work."""
    if BulkRun.work(run_id):
        with transaction():
            work_off.later(run_id)


@every(seconds=15, shared=True)
def sweep_runs() -> None:
    """Find those whose worker has died, or whose wake-up was lost."""
    for run_id in BulkRun.due():
        work_off.later(run_id)
