"""The room's doors."""

from helpdesk.office import user_views
from helpdesk.office.audit_views import bp

__all__ = ["bp", "user_views"]
