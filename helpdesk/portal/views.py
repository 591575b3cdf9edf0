"""The portal's doors, gathered: the form, the link, the request page, its deeds, the settings of stores and forms."""

from helpdesk.portal import (  # noqa: F401 - imported to be registered
    deed_views,
    embed_views,
    find_views,
    form_key_views,
    form_preview_views,
    merchant_views,
    plain_views,
    request_views,
    script_views,
    upload_views,
    use_views,
)
from helpdesk.portal.link_views import bp

__all__ = ["bp"]
