"""What an event on a ticket means for the agents' open pages."""

from typing import Any

from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core import live
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.desk.presence import Presence
from helpdesk.desk.row import Row
from helpdesk.desk.saved_view import SavedView
from helpdesk.desk.ticket_page import OTHER_TICKETS, others_of
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.ticket_mails import TicketMails
from helpdesk.tickets.queries import lines_of, thread_of
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import TicketRelation


class Broadcast:
    """One event, told to the queues of its merchant and to the page of its ticket. Unheard, it costs nothing."""

    def __init__(self, event: Event) -> None:
        self.event = event
        whose = select(Ticket.merchant_id, Ticket.customer_id).where(Ticket.id == event.ticket_id)
        merchant_id, customer_id = db.session.execute(whose).one()
        self.queue, self.page = f"queue.{merchant_id}", f"ticket.{event.ticket_id}"
        self.customer = f"customer.{customer_id}"

    def ticket_changed(self) -> None:
        """The row to every queue of its merchant; its state and its new lines to its page."""
        self._ring_around()
        ticket = self._ticket() if live.heard(self.queue, self.page) else None
        if ticket is None:
            return
        row = Row.of(ticket, Presence.on([ticket.id])[ticket.id])
        self._push(self.queue, "desk/row_changed.stream.html", row=row)
        live.ring(self.queue, sequence=self.event.sequence, ticket=ticket.number)
        if live.heard(self.page):
            agents = Agent.able_for(ticket.merchant_id)
            self._push(
                self.page, "tickets/changed.stream.html", ticket=ticket, moves=ticket.moves, agents=agents
            )
            for message in lines_of(self.event):
                self._push(self.page, "tickets/message_added.stream.html", message=message, ticket=ticket)

    def _ring_around(self) -> None:
        """The pages beside which it stands, its own among them: each asks for what it shows of it."""
        if not live.heard("ticket"):
            return
        near = TicketRelation.ids_around(self.event.ticket_id)
        for topic in {self.page, self.customer, *(f"ticket.{id_}" for id_ in near)}:
            live.nudge(topic)

    def relations_changed(self) -> None:
        """The tickets that have to do with it, to its page: they are of its merchant, who sees one sees them all."""
        ticket = self._ticket() if live.heard(self.page) else None
        if ticket:
            near = TicketRelation.around(ticket)
            self._push(self.page, "tickets/relations_changed.stream.html", ticket=ticket, near=near)

    def customer_changed(self) -> None:
        """Who asks is known now, and with him what else he asked, to its page."""
        ticket = self._ticket() if live.heard(self.page) else None
        if ticket:
            others = others_of(ticket, TicketRelation.around(ticket, OTHER_TICKETS))
            self._push(self.page, "tickets/customer_changed.stream.html", ticket=ticket, other_tickets=others)

    def mails_changed(self) -> None:
        """Which of its mails failed, to its page."""
        ticket = self._ticket() if live.heard(self.page) else None
        if ticket:
            mails = TicketMails.of(ticket.id)
            self._push(self.page, "notifications/mails_changed.stream.html", ticket=ticket, mails=mails)

    def ticket_merged(self) -> None:
        """Its messages are elsewhere: what is left to its page."""
        ticket = self._ticket() if live.heard(self.page) else None
        if ticket:
            self._push(
                self.page, "tickets/thread_left.stream.html", ticket=ticket, messages=thread_of(ticket)
            )

    def message_removed(self) -> None:
        """One message less."""
        self._push(self.page, "tickets/message_removed.stream.html", message_id=self.event.data["which"])

    def ticket_gone(self) -> None:
        """Out of the queues, and by its own word: they hold back what only leaves. Its page has ended already."""
        self._ring_around()
        ticket = db.session.get_one(Ticket, self.event.ticket_id)
        live.ring(self.queue, sequence=self.event.sequence, ticket=ticket.number, gone=True)

    def escalations_changed(self) -> None:
        """The panel to the ticket's page, and a notice to whom it went to, wherever they are."""
        ticket = self._ticket()
        if ticket is None:
            return
        if self.event.name == "escalation.raised":
            self._notify(ticket)
        rows = db.session.scalars(Escalation.of(ticket.id)).all()
        self._push(self.page, "escalations/changed.stream.html", ticket=ticket, escalations=rows)

    def _notify(self, ticket: Ticket) -> None:
        """On every open page of who was told; who did it himself is none of them."""
        escalation = db.session.get_one(Escalation, self.event.data["escalation"])
        for one in escalation.went_to:
            topic = f"user.{one['id']}"
            self._push(topic, "escalations/raised.stream.html", ticket=ticket, escalation=escalation)

    def _ticket(self) -> Ticket | None:
        found = select(Ticket).where(Ticket.id == self.event.ticket_id, Ticket.deleted_at.is_(None))
        return db.session.scalar(found.options(*Ticket.to_show()))

    def _push(self, topic: str, template: str, **local: Any) -> None:
        live.push(topic, template, sequence=self.event.sequence, **local)


def views_changed(event: Event) -> None:
    """A saved view came, changed or went: whoever has it, or had it before, asks for his list anew."""
    saved = db.session.get_one(SavedView, event.data["view"])
    readers = set(db.session.scalars(saved.readers()))
    before, _now = event.data.get("changes", {}).get("group_id", (None, None))
    if before:
        readers |= set(db.session.scalars(Group.member_ids(before)))
    for reader in sorted(readers):
        live.ring(f"user.{reader}", sequence=event.sequence, views=True)
