"""Auto-close, and held replies."""

from helpdesk.core.jobs import every
from helpdesk.tickets.ticket import Ticket


@every(seconds=30)
def close_silent_tickets() -> bool:
    """Close what was resolved and left alone."""
    return Ticket.close_silent()


@every(seconds=2)
def release_held_replies() -> bool:
    """Send what nobody took back."""
    return Ticket.release_due()
