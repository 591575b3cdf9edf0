"""The room's doors."""

from helpdesk.office.audit_views import bp

__all__ = ["bp"]
