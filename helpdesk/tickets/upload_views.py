"""Files that are sent while their message is still being written, one by one, with their progress shown."""

from flask import Response

from helpdesk.accounts.roles import agent
from helpdesk.core.access import allow
from helpdesk.core.db import reads_first
from helpdesk.core.forms import sent_files
from helpdesk.core.pages import fragment
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.forms import staff_owner
from helpdesk.tickets.uploads import Uploads


def listed(owner: str) -> Response:
    """The files of this request as lines of their form's list: each with its token, or with what is wrong."""
    uploads = Uploads.gather(sent_files("files"), owner)
    answer = fragment("ui/_uploads.html", files=uploads.with_tokens(owner), problems=uploads.problems)
    answer.status_code = 422 if uploads.problems else 200
    return answer


@bp.post("/uploads")
@allow(agent)
@reads_first  # files need no row, and come as slowly as they like
def uploads_create() -> Response:
    """Take files for a message of the viewer."""
    return listed(staff_owner())


@bp.app_template_global()
def file_limits() -> Organizer:
    """How many files a message may have and how large each may be: `most_files`, `most_file_mb`."""
    return Organizer.present()
