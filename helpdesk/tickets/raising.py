"""What an agent opens on a customer's behalf (TKT-003): a customer found or made, a ticket, a note, all or nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.upload import Upload


@dataclass(frozen=True)
class Raising:
    """A valid form of an agent. Sent twice it makes one ticket."""

    merchant: Merchant
    email: str
    name: str
    subject: str
    description: str
    language: str
    priority: str = ""  # empty: the category decides
    category_id: int | None = None
    tags: Sequence[str] = field(default=())
    order: str = ""
    note: str = ""
    notify: bool = False
    takes: bool = False  # the agent keeps it himself
    files: Sequence[Upload] = field(default=())
    submission: str = ""

    def accept(self, *, by: User) -> Ticket:
        """The ticket; the same one when the same form comes again."""
        Organizer.lock(shared=True)  # before every row, see `retag`
        self.merchant.lock()
        key = self._key(by)
        made = select(Ticket).where(Ticket.submission_key == key)
        if key and (ticket := db.session.scalar(made)):
            return ticket
        customer = Customer.find_or_create(
            self.merchant, email=self.email, name=self.name or self.email, language=self.language
        )
        ticket = Ticket.create(self.merchant, customer, self._opening(key), by=by, raised_by=by)
        if self.tags:
            ticket.retag(self.tags, by=by)
        if self.note:
            ticket.note(self.note, by=by)
        if self.takes:
            ticket.take(by=by)
        return ticket

    def _opening(self, key: str | None) -> Opening:
        return Opening(
            subject=self.subject, body=self.description, priority=self.priority, category_id=self.category_id,
            language=self.language, source="agent", order={"id": self.order} if self.order else None,
            files=self.files, key=key, notify=self.notify,
        )  # fmt: skip

    def _key(self, by: User) -> str | None:
        """Of this agent's form: nobody's form names the ticket of another's."""
        if not self.submission:
            return None
        return f"desk-{hashlib.sha256(f'{by.id} {self.submission}'.encode()).hexdigest()[:48]}"
