"""The portal's doors, gathered: the form, the link, the request page, its deeds, and the settings of forms."""

from helpdesk.portal import (  # noqa: F401 - imported to be registered
    deed_views,
    embed_views,
    form_key_views,
    form_preview_views,
    request_views,
    upload_views,
    use_views,
)
from helpdesk.portal.link_views import bp

__all__ = ["bp"]
