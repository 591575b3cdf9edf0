"""Two people changed one thing: both values, and who made the other one (TKT-008)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.tickets.ticket import Ticket

# property → the events that may have changed it
PROPERTIES: dict[str, tuple[str, ...]] = {
    "status": (
        "ticket.transitioned", "ticket.assigned", "ticket.resolved", "ticket.reopened", "ticket.closed",
        "ticket.merged",
    ),
    "assignment": ("ticket.assigned", "ticket.transitioned", "ticket.reopened"),
    "priority": ("ticket.reprioritised",),
    "category": ("ticket.recategorised",),
    "tags": ("ticket.tagged",),
    "subject": ("ticket.renamed",),
    "resolution": ("ticket.resolved",),
}  # fmt: skip

MOST_EVENTS = 50  # of the newest, among which the change is looked for


@dataclass(frozen=True)
class Conflict:
    """An edit that came too late: what its sender wants, and by whose hand the property became what it is.

    That may have been long before, and another property of the ticket the one that changed meanwhile.
    """

    name: str
    mine: str
    actor: dict[str, object] | None  # None where no event tells
    at: datetime | None

    @classmethod
    def over(cls, ticket: Ticket, name: str, mine: str) -> "Conflict":
        """About one property; the newest event that changed it says who and when."""
        touched = select(Event).where(Event.ticket_id == ticket.id, Event.name.in_(PROPERTIES[name]))
        newest = db.session.scalars(touched.order_by(Event.id.desc()).limit(MOST_EVENTS))
        event = next((event for event in newest if _changed(name, event.data)), None)
        return cls(name, mine, event.actor if event else None, event.created_at if event else None)


def _changed(name: str, data: dict[str, Any]) -> bool:
    """Whether an event changed a property: one may move a ticket and leave it with its agent, or the other way."""
    if name == "status":
        return data.get("from") != data.get("to")
    return name != "assignment" or "assignee" in data
