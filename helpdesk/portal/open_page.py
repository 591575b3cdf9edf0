"""The request page that its customer has open: what it is told while things happen."""

from typing import Any

from sqlalchemy import select

from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.portal.queries import lines_of, thread
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
        self._push(
            event, "portal/changed.stream.html", kin=self.ticket.kin, asked=Escalation.asked(self.ticket.id)
        )
        for message in lines_of(event):
            self._push(event, "portal/message_added.stream.html", message=message)

    def show_thread(self, event: Event) -> None:
        """Push what there is to read; something came from elsewhere, came back or went away."""
        self._push(event, "portal/thread.stream.html", messages=thread(self.ticket.id))

    def _push(self, event: Event, template: str, **local: Any) -> None:
        live.push(self.topic, template, sequence=event.sequence, ticket=self.ticket, **local)
