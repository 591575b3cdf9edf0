"""The room's doors."""

from helpdesk.office import health_views, relief_views, start_views, user_views
from helpdesk.office.audit_views import bp

__all__ = ["bp", "health_views", "relief_views", "start_views", "user_views"]
