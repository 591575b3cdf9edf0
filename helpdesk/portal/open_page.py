"""The request page that its customer has open: what it is told while things happen."""

from sqlalchemy import select

from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.portal.queries import lines_of
from helpdesk.tickets.ticket import Ticket


class OpenPage:
    """One topic per ticket, in the customers' words; notes are not even loaded here."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.topic = f"request.{ticket.id}"

    @classmethod
    def of(cls, event: Event) -> "OpenPage | None":
        """The page of an event's ticket, unless that is deleted or nobody has it open."""
        if not live.heard(f"request.{event.ticket_id}"):
            return None
        found = select(Ticket).where(Ticket.id == event.ticket_id, Ticket.deleted_at.is_(None))
        ticket = db.session.scalar(found.options(*Ticket.to_show()))
        return cls(ticket) if ticket else None

    def show(self, event: Event) -> None:
        """Push the status, and what the event put into the thread."""
        live.push(self.topic, "portal/changed.stream.html", sequence=event.sequence, ticket=self.ticket)
        for message in lines_of(event):
            live.push(
                self.topic, "portal/message_added.stream.html", sequence=event.sequence,
                message=message, ticket=self.ticket,
            )  # fmt: skip
