"""Auto-close."""

from helpdesk.core.jobs import every
from helpdesk.tickets.ticket import Ticket


@every(seconds=30)
def close_silent_tickets() -> bool:
    """Close what was resolved and left alone."""
    return Ticket.close_silent()
