"""A bulk run and a macro of somebody, whose addresses are swept."""

from __future__ import annotations

from helpdesk.accounts.user import User
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed


def run_of(ticket: Ticket, user: User) -> int:
    """A run that waits to be confirmed."""
    return BulkRun.propose([ticket.id], [TicketDeed("priority", "HIGH")], by=user).id


def macro_of(user: User) -> int:
    """One of his own."""
    words = {"name_en": "Soon", "name_vi": "Sớm", "deeds": [TicketDeed("priority", "HIGH").said]}
    return Macro.create(words, by=user, owner_id=user.id, group_id=None).id
