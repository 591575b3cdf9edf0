"""A bulk run and a macro of somebody, whose addresses are swept."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.accounts.user import User
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed


@dataclass(kw_only=True)
class BulkValues:
    """What their addresses are made of."""

    run_id: int = 99999
    macro_id: int = 99999


def bulk_of(ticket: Ticket, user: User) -> dict[str, int]:
    """One of each."""
    return {"run_id": run_of(ticket, user), "macro_id": macro_of(user)}


def run_of(ticket: Ticket, user: User) -> int:
    """A run that waits to be confirmed."""
    return BulkRun.propose([ticket.id], [TicketDeed("priority", "HIGH")], by=user).id


def macro_of(user: User) -> int:
    """One of his own."""
    words = {"name_en": "Soon", "name_vi": "Sớm", "deeds": [TicketDeed("priority", "HIGH").said]}
    return Macro.create(words, by=user, owner_id=user.id, group_id=None).id
