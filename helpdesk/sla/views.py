"""The pages of service levels, gathered. Those that know tickets are in the rooms above."""

from helpdesk.sla.calendar_views import bp

__all__ = ["bp"]
