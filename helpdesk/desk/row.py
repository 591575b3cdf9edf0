"""What a list's row shows of a ticket, as a value: rows that say the same are drawn once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import joinedload, lazyload, load_only, selectinload

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core.pages import dom_id, epoch_ms
from helpdesk.desk.presence import Person
from helpdesk.sla.clock import Clock, Face
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.category import Category
from helpdesk.tickets.own_mark import OwnMark
from helpdesk.tickets.ticket import Ticket

_OF_TICKETS = (
    Ticket.number, Ticket.status, Ticket.priority, Ticket.version, Ticket.subject, Ticket.language,
    Ticket.sender_proof, Ticket.sender_said, Ticket.updated_at, Ticket.is_alive, Ticket.sort_at,
)  # fmt: skip
_OF_CLOCKS = (
    Clock.kind, Clock.round, Clock.is_off, Clock.target_seconds, Clock.running_since, Clock.due_at,
    Clock.warn_at, Clock.critical_at, Clock.breached_at, Clock.met_at,
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
    def of(
        cls, ticket: Ticket, people: Sequence[Person], own: OwnMark | None = None, is_picked: bool = False
    ) -> "Row":
        """The row of a ticket that was loaded with `to_list`."""
        nearest, category, assignee = ticket.nearest_clock, ticket.category, ticket.assignee
        return cls(
            dom_id(ticket), ticket.number, ticket.status, ticket.priority,
            f"{ticket.version}.{epoch_ms(ticket.updated_at)}", ticket.subject, ticket.language,
            ticket.sender.shown_name, category.name if category else None, assignee.name if assignee else None,
            nearest.face if nearest else None, ticket.tracker.calendar_version_id is not None,
            ticket.updated_at, tuple(people), own, is_picked,
        )  # fmt: skip

    @classmethod
    def to_list(cls) -> tuple[Any, ...]:
        """What `of` reads and nothing else: a page has fifty of them, each with five others around it."""
        policy = (lazyload(Tracker.version), lazyload(Tracker.calendar_version))  # a clock counts for itself
        clocks = selectinload(Tracker.clocks).load_only(*_OF_CLOCKS)
        return (
            load_only(*_OF_TICKETS),
            joinedload(Ticket.customer, innerjoin=True).load_only(Customer.name, Customer.email),
            joinedload(Ticket.category).load_only(Category.name_en, Category.name_vi),
            joinedload(Ticket.assignee).load_only(User.name),
            joinedload(Ticket.tracker).load_only(Tracker.calendar_version_id).options(*policy, clocks),
        )

    @property
    def due_at(self) -> datetime | None:
        """When the clock that it shows is due."""
        return self.clock.due_at if self.clock else None
