"""The customer's doors, gathered: the form, the link, the request page and its deeds are routes of one blueprint."""

from helpdesk.portal import deed_views, embed_views, find_views, request_views, script_views, upload_views  # noqa: F401 - imported to be registered
from helpdesk.portal.link_views import bp

__all__ = ["bp"]
