"""The ticket: its columns, how it is born, who may see it. Its deeds are in its traits."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, Text, UniqueConstraint, and_, event, inspect, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, holds_everything
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.clock import Clock
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.assigning import Assigning
from helpdesk.tickets.category import Category
from helpdesk.tickets.classifying import Classifying
from helpdesk.tickets.closing import Closing
from helpdesk.tickets.conversation import Conversation
from helpdesk.tickets.lifecycle import Lifecycle, Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.opening import Opening
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.tag import Tag, TicketTag
from helpdesk.tickets.ticket_index import TicketIndex
from helpdesk.tickets.upload import Upload

# ACME-42: the prefix of the merchant and a count, in one spelling.
NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8}")
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # sorts what has no due instant behind everything that has one
# These follow what is said and the clocks, or what the customer proves of himself.
QUIET = frozenset({"updated_at", "last_message_at", "sort_at", "snoozed_until", "sender_proof"})


class Ticket(Lifecycle, Assigning, Conversation, Closing, Classifying, Tenanted, Model):
    """A request of a customer to a merchant, and everything that is done about it."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("merchant_id", "serial"),
        UniqueConstraint("organizer_id", "number"),
        *TicketIndex.every(),
    )

    id: Mapped[Id]
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(24))  # ACME-42
    subject: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    priority: Mapped[str] = mapped_column(String(10))
    category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("categories.id"))
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))
    language: Mapped[str] = mapped_column(String(2))
    source: Mapped[str] = mapped_column(String(10))
    customer_id: Mapped[int] = mapped_column(BigId, ForeignKey("customers.id"))
    sender_proof: Mapped[str | None] = mapped_column(String(10))  # see `Sender`
    sender_said: Mapped[dict[str, Any] | None]
    raised_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    assignee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    assigned_at: Mapped[datetime | None]
    order: Mapped[dict[str, Any] | None]
    sent_from: Mapped[dict[str, Any] | None]  # page, language and zone, as the visitor's browser says
    submission_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    is_alive: Mapped[bool] = mapped_column(default=True)  # neither finished nor deleted
    sort_at: Mapped[datetime] = mapped_column(default=NEVER)  # due instant of the nearest running clock
    snoozed_until: Mapped[datetime | None]  # out of sight; kept by `Snooze`
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    resolution_note_en: Mapped[str | None] = mapped_column(Text)
    resolution_note_vi: Mapped[str | None] = mapped_column(Text)
    auto_close_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(10))
    close_reason: Mapped[str | None] = mapped_column(String(40))
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    follows_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)  # closed
    rating: Mapped[int | None]
    rating_comment: Mapped[str | None] = mapped_column(Text)
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    # For reading where the ids are what is written: a flush looks through all that can be written through.
    merchant: Mapped[Merchant] = relationship(viewonly=True)
    category: Mapped[Category | None] = relationship(viewonly=True)
    customer: Mapped[Customer] = relationship(viewonly=True)
    raised_by: Mapped[User | None] = relationship(foreign_keys=raised_by_id, viewonly=True)
    assignee: Mapped[User | None] = relationship(foreign_keys=assignee_id, viewonly=True)
    resolved_by: Mapped[User | None] = relationship(foreign_keys=resolved_by_id)
    merged_into: Mapped["Ticket | None"] = relationship(foreign_keys=merged_into_id, remote_side="Ticket.id")
    # Each has one: with an outer join SQLite would scan them.
    tracker: Mapped[Tracker] = relationship(uselist=False, innerjoin=True)
    tags: Mapped[list[Tag]] = relationship(
        secondary="ticket_tags", order_by=Tag.name, viewonly=True,
        primaryjoin=lambda: and_(Ticket.id == TicketTag.ticket_id, TicketTag.removed_at.is_(None)),
        secondaryjoin=lambda: Tag.id == TicketTag.tag_id,
    )  # fmt: skip

    was_there = False  # when it was to be created: its form came again
    resolution_words = Localized("resolution_note")  # in the reader's language, unlike `resolution_note`

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    @classmethod
    def create(
        cls,
        merchant: Merchant,
        customer: Customer,
        opening: Opening,
        *,
        by: Actor,
        raised_by: User | None = None,
    ) -> "Ticket":
        """A new ticket with its number, first message, clocks and event. The same form again: the same ticket."""
        now, sender = clock.now(), opening.sender
        priority, policy_id, group_id = opening.decided(merchant.id)
        tracker = Tracker.start(priority, now, policies=(policy_id, merchant.policy_id))
        # As late as can be: who wants a number of this store waits from here on, and so do two requests of one form.
        serial = merchant.next_serial()
        if made := cls.made_with(opening.key):
            merchant.give_back(serial)
            made.was_there = True
            return made
        ticket = cls(
            merchant_id=merchant.id, serial=serial, number=f"{merchant.prefix}-{serial}", customer_id=customer.id,
            subject=opening.subject, priority=priority, category_id=opening.category_id, group_id=group_id,
            language=opening.language, source=opening.source, order=opening.order,
            raised_by_id=raised_by and raised_by.id, submission_key=opening.key, follows_id=opening.follows_id,
            sent_from=opening.sent_from, sender_proof=sender and sender.proof,
            sender_said=sender and sender.said,
            status=Status.OPEN, created_at=now, updated_at=now, last_message_at=now,
            sort_at=tracker.nearest.due_at if tracker.nearest else NEVER,
            tracker=None,  # else the database is asked for the one that it had before
        )  # fmt: skip
        db.session.add(ticket)
        db.session.flush()
        ticket.tracker = tracker.of(ticket.id)
        SearchDocument.begin(ticket)
        record(
            "ticket.created", on=ticket, by=by, source=ticket.source, priority=ticket.priority,
            notify=opening.notify, category=ticket.category_id,
        )  # fmt: skip
        Message.write(ticket, "comment", opening.body, by=by, files=opening.files, at=now)
        return ticket

    @classmethod
    def made_with(cls, key: str | None) -> "Ticket | None":
        """The ticket that a form made when it was sent for the first time."""
        return db.session.scalar(select(cls).where(cls.submission_key == key)) if key else None

    def opening_anew(self, body: str, files: Sequence[Upload], key: str | None) -> Opening:
        """What a ticket says that goes on with this one."""
        return Opening(
            subject=self.subject, body=body, category_id=self.category_id, language=self.language,
            source="portal", order=self.order, files=files, key=key, follows_id=self.id,
        )  # fmt: skip

    @classmethod
    def visible_to(cls, viewer: User) -> Select[tuple["Ticket"]]:
        """What a user may see: tickets of his merchants that are not deleted."""
        return cls.of_merchants(viewer.merchant_ids())

    @classmethod
    def of_merchants(cls, ids: Any) -> Select[tuple["Ticket"]]:
        """The same where those are known: their ids, a query for them, or a parameter that will be them."""
        return select(cls).where(cls.merchant_id.in_(ids), cls.deleted_at.is_(None))

    @classmethod
    def within_sight_of(cls, viewer: User) -> Select[tuple["Ticket"]]:
        """The same with deleted ones: for deleting and restoring only."""
        return select(cls).where(cls.merchant_id.in_(viewer.merchant_ids()))

    @classmethod
    def find(
        cls, number: str, viewer: User, *, lock: bool = False, deleted_too: bool = False
    ) -> "Ticket | None":
        """One ticket through its viewer. A deed locks it, so that two deeds on one ticket wait for each other."""
        seen = cls.within_sight_of(viewer) if deleted_too else cls.visible_to(viewer)
        found = seen.where(cls.number == number)
        if lock:
            return cls._locked(found)
        whole = found.options(*cls.to_show(), joinedload(cls.tracker).joinedload(Tracker.clocks))
        return db.session.scalars(whole).unique().one_or_none()

    @classmethod
    def find_two(cls, number: str, other: str, viewer: User) -> tuple["Ticket | None", "Ticket | None"]:
        """Two tickets of one deed, locked in the order of their ids, so that two such deeds never block each other."""
        ids = cls.visible_to(viewer).where(cls.number.in_((number, other))).with_only_columns(cls.id)
        found = [
            cls._locked(cls.visible_to(viewer).where(cls.id == ticket_id))
            for ticket_id in db.session.scalars(ids.order_by(cls.id)).all()
        ]
        known = {ticket.number: ticket for ticket in found if ticket}
        return known.get(number), known.get(other)

    @classmethod
    def for_deed(cls, ticket_id: int) -> "Ticket":
        """One ticket for the machinery, locked."""
        return cls._locked(select(cls).where(cls.id == ticket_id)) or _gone()

    @classmethod
    def for_deeds(cls, ids: Iterable[int]) -> dict[int, "Ticket"]:
        """Several tickets for the machinery, by id, locked in the order of their ids."""
        wanted = select(cls).where(cls.id.in_(sorted(set(ids)))).order_by(cls.id)
        locked = wanted.with_only_columns(cls.id).with_for_update(of=cls, key_share=True)
        Clock.lock_all(db.session.scalars(locked).all())
        whole = wanted.options(*cls.to_show()).execution_options(populate_existing=True)
        return {ticket.id: ticket for ticket in db.session.scalars(whole)}

    @classmethod
    def _locked(cls, found: Select[tuple["Ticket"]]) -> "Ticket | None":
        """Wait for the row and its clocks, and only then read it with what belongs to it.

        PostgreSQL, which has waited for a row, reads that one anew but joins it with others as they were before.
        """
        if not holds_everything():
            locked = found.with_only_columns(cls.id).with_for_update(of=cls, key_share=True)
            if (ticket_id := db.session.scalar(locked)) is None:
                return None
            Clock.lock_all([ticket_id])
            found = select(cls).where(cls.id == ticket_id)
        whole = found.options(*cls.to_show()).execution_options(populate_existing=True)
        return db.session.scalars(whole).one_or_none()

    @classmethod
    def to_show(cls) -> tuple[Any, ...]:
        """What a row or a page reads, so that it is loaded with the ticket and not one by one."""
        return (
            joinedload(cls.merchant, innerjoin=True), joinedload(cls.customer, innerjoin=True),
            joinedload(cls.category), joinedload(cls.assignee), joinedload(cls.tracker),
        )  # fmt: skip

    def is_newer_than(self, version: int | None) -> bool:
        """Whether an edit was made against an older state of the ticket (TKT-008). Without a version: no."""
        return version is not None and version != self.version

    def check_version(self, version: int | None) -> None:
        """Refuse an edit that was made against an older state; pages show both values (`Conflict`)."""
        if self.is_newer_than(version):
            raise Refusal(self.as_it_is_now)

    def began_with(self, message: Any) -> bool:
        """Whether a message is what an agent wrote for the customer when he opened the ticket (TKT-003)."""
        return self.raised_by_id is not None and message.created_at == self.created_at

    def _follow_clocks(self) -> None:
        """Keep in step what queues filter and sort by."""
        self.is_alive = not self.is_finished and self.deleted_at is None
        nearest = self.nearest_clock
        self.sort_at = nearest.due_at if nearest else NEVER

    @property
    def nearest_clock(self) -> Clock | None:
        """The running clock that is due first."""
        return self.tracker.nearest

    @property
    def due_at(self) -> datetime | None:
        """When the nearest running clock is due; None when none runs."""
        return None if self.sort_at == NEVER else self.sort_at

    @property
    def resolution_note(self) -> str:
        """The note in the customer's language, or the other one."""
        halves = [self.resolution_note_en or "", self.resolution_note_vi or ""]
        own, other = reversed(halves) if self.language == "vi" else halves
        return own or other


@event.listens_for(Ticket, "before_update")
def _count_versions(mapper: Any, connection: object, ticket: Ticket) -> None:
    """A version is a state that somebody may have looked at before an edit; what only says when does not count.

    An edit that is kept in other rows, such as tags, counts it up by itself.
    """
    touched = inspect(ticket).committed_state.keys() & mapper.column_attrs.keys()  # few of many
    changed = {name for name in touched if inspect(ticket).attrs[name].history.added}
    if changed - QUIET and "version" not in changed:
        ticket.version += 1


def _gone() -> Ticket:
    raise LookupError("no such ticket")
