"""What a list's row shows of a ticket, as a value: rows that say the same are drawn once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Subquery, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core.i18n import in_language, language
from helpdesk.core.pages import dom_id, dom_name, epoch_ms
from helpdesk.desk.presence import Person, Presence
from helpdesk.sla.clock import Clock, Face
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.category import Category
from helpdesk.tickets.own_mark import OwnMark
from helpdesk.tickets.sender import Sender
from helpdesk.tickets.ticket import Ticket

_SHOWN = (
    Ticket.id, Ticket.number, Ticket.status, Ticket.priority, Ticket.version, Ticket.subject, Ticket.language,
    Ticket.sender_proof, Ticket.sender_said, Ticket.updated_at, Ticket.is_alive, Ticket.sort_at,
    Customer.name.label("customer"), Customer.email, Category.name_en.label("category_en"),
    Category.name_vi.label("category_vi"), User.name.label("assignee"), Tracker.calendar_version_id,
)  # fmt: skip


class Row(NamedTuple):
    """All of it but what is left until its deadline, which changes by itself."""

    id: str  # what the ids of its parts begin with
    number: str
    status: str
    priority: str
    version: str  # changes with whatever a list shows
    subject: str
    language: str
    sender: str
    category: str | None
    assignee: str | None
    clock: Face | None  # the one that is due first
    has_hours: bool  # whether that counts hours of work only
    updated_at: datetime
    people: tuple[Person, ...]  # who is at it
    own: OwnMark | None  # None: nothing is said of it, as the row goes to everybody
    is_picked: bool

    @classmethod
    def of(cls, ticket: Ticket, people: Sequence[Person]) -> "Row":
        """The row of one ticket, as it goes to everybody."""
        category, assignee, nearest = ticket.category, ticket.assignee, ticket.nearest_clock
        return cls(
            dom_id(ticket), ticket.number, ticket.status, ticket.priority, _mark(ticket), ticket.subject,
            ticket.language, ticket.sender.shown_name, (category and category.name) or None,
            assignee and assignee.name, nearest and nearest.face,
            ticket.tracker.calendar_version_id is not None, ticket.updated_at, tuple(people), None, False,
        )  # fmt: skip

    @classmethod
    def lines(cls, ids: Subquery) -> Select[Any]:
        """What the rows of tickets are made of, and nothing else of them: a page reads fifty from seven tables."""
        found = select(*_SHOWN).select_from(Ticket).join(ids, ids.c.id == Ticket.id)
        found = found.join(Customer, Customer.id == Ticket.customer_id)
        found = found.outerjoin(Category, Category.id == Ticket.category_id)
        found = found.outerjoin(User, User.id == Ticket.assignee_id)
        return found.join(Tracker, Tracker.ticket_id == Ticket.id)

    @classmethod
    def every(cls, lines: Sequence[Any], reader: User, picks: Collection[str]) -> list["Row"]:
        """The rows of lines for their reader, those with a number in `picks` chosen."""
        ids = [line.id for line in lines]
        clocks, present = Clock.nearest_of(ids), Presence.on(ids, but=reader.id)
        own = OwnMark.on(lines, reader)
        return [
            cls(
                dom_name(Ticket, line.id), line.number, line.status, line.priority, _mark(line), line.subject,
                line.language, Sender.called(line.sender_proof, line.sender_said, line.customer, line.email),
                in_language(line, "category", language()) or None, line.assignee, clocks.get(line.id),
                line.calendar_version_id is not None, line.updated_at, tuple(present[line.id]), own[line.id],
                line.number in picks,
            )
            for line in lines
        ]  # fmt: skip

    @property
    def due_at(self) -> datetime | None:
        """When the clock that it shows is due."""
        return self.clock.due_at if self.clock else None


def _mark(ticket: Any) -> str:
    return f"{ticket.version}.{epoch_ms(ticket.updated_at)}"
