"""The room's doors: the settings of the rules, trying them out, and the decisions on a ticket."""

from helpdesk.assignment import dry_run_views
from helpdesk.assignment.rule_views import bp

__all__ = ["bp", "dry_run_views"]
