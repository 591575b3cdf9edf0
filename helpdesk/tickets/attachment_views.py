"""Files on messages, for agents. The customer's door to his own is in the portal."""

from flask import Response, abort

from helpdesk.accounts.roles import agent, viewer
from helpdesk.core import storage
from helpdesk.core.access import allow
from helpdesk.tickets.deed_views import bp
from helpdesk.tickets.queries import file_for
from helpdesk.tickets.upload import THUMBNAIL_TYPE, shown_name


@bp.get("/attachments/<id:attachment_id>/<name>")
@allow(agent)
def attachment_show(attachment_id: int, name: str) -> Response:
    """A file of a message that the viewer may see. Only pictures are shown in the browser."""
    file = file_for(viewer(), attachment_id) or abort(404)
    return storage.sent(file.storage_key, shown_name(file.name), file.content_type, inline=file.is_image)


@bp.get("/attachments/<id:attachment_id>/thumbnail")
@allow(agent)
def thumbnail_show(attachment_id: int) -> Response:
    """A picture of such a message, small."""
    file = file_for(viewer(), attachment_id)
    key = (file and file.thumbnail_key) or abort(404)
    return storage.sent(key, "thumbnail.webp", THUMBNAIL_TYPE, inline=True)
