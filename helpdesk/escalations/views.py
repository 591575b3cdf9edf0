"""The room's doors: deeds on a ticket's page, and the settings of the ladder."""

from helpdesk.escalations import ladder_views
from helpdesk.escalations.deed_views import bp

__all__ = ["bp", "ladder_views"]
