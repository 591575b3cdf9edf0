"""Messages, as agents read them. The customer's side has another drawer: `public_message.py`."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Actor, Event
from helpdesk.core.richtext import render
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.removing import Removing
from helpdesk.tickets.search_document import SearchDocument
from helpdesk.tickets.upload import Upload

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

VISIBILITY = {
    "comment": "public",
    "customer_reply": "public",
    "agent_reply": "public",
    "auto_reply": "public",
    "internal_note": "internal",
}


class Message(Removing, Tenanted, Model):
    """Something said, or something that happened. Who may read it is decided when it is written, for good."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_ticket", "ticket_id", "id"),
        UniqueConstraint("ticket_id", "submission_key"),
        partial_index("ix_messages_held", "organizer_id", "held_until", where="held_until IS NOT NULL"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    kind: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(10))  # public or internal; a trigger keeps it
    author_kind: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[int | None] = mapped_column(BigId)
    author_name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")
    event_name: Mapped[str | None] = mapped_column(String(60))  # of system messages: what happened
    event_data: Mapped[dict[str, Any] | None]
    submission_key: Mapped[str | None] = mapped_column(String(64))
    held_until: Mapped[datetime | None]  # until then its writer can take it back, and nobody is told of it
    then: Mapped[str | None] = mapped_column(String(20))  # of a held reply: the status to go to with it
    origin_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"))  # merged from there
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    attachments: Mapped[list[Attachment]] = relationship(order_by=Attachment.id, lazy="selectin")
    origin: Mapped["Ticket | None"] = relationship("Ticket", foreign_keys=origin_id, viewonly=True)

    @classmethod
    def write(
        cls,
        ticket: "Ticket",
        kind: str,
        body: str,
        *,
        by: Actor,
        files: Sequence[Upload] = (),
        key: str | None = None,
        then: str | None = None,
        held_until: datetime | None = None,
        at: datetime | None = None,
    ) -> "Message":
        """Add a message of a person to a ticket; it is written now, unless said otherwise."""
        author = by.actor
        message = cls(
            ticket_id=ticket.id, merchant_id=ticket.merchant_id, kind=kind, visibility=VISIBILITY[kind],
            author_kind=author["kind"], author_id=author["id"], author_name=author["name"],
            body=body, body_html=render(body), submission_key=key, then=then, held_until=held_until,
            created_at=at or clock.now(),
        )  # fmt: skip
        message.attachments = [Attachment.of(file, ticket.merchant_id) for file in files]
        db.session.add(message)
        SearchDocument.hear(ticket, body, *(file.name for file in files))
        db.session.flush()
        return message

    @classmethod
    def system(cls, ticket: "Ticket", event: Event, *, is_public: bool) -> None:
        """Add the line that says what happened; its sentence is made when it is read."""
        db.session.add(
            cls(
                ticket_id=ticket.id, merchant_id=ticket.merchant_id, kind="system",
                visibility="public" if is_public else "internal", author_kind="system", author_id=None,
                author_name=event.actor["name"], event_name=event.name, event_data=event.data,
                created_at=event.created_at,
            )
        )  # fmt: skip

    @classmethod
    def sent_before(cls, ticket: "Ticket", key: str | None) -> "Message | None":
        """The message that the same form made on this ticket when it was sent for the first time."""
        same = select(cls).where(cls.ticket_id == ticket.id, cls.submission_key == key)
        return db.session.scalar(same) if key else None

    @classmethod
    def among(cls, tickets: Select[tuple[int]], message_id: int) -> "Message | None":
        """A message on one of the tickets whose ids are selected, removed or not."""
        return db.session.scalar(select(cls).where(cls.id == message_id, cls.ticket_id.in_(tickets)))

    @classmethod
    def move_all(cls, source: "Ticket", target: "Ticket") -> Sequence["Message"]:
        """Move what people said on a ticket to another, and answer it; the lines of the system stay.

        A reply that is still held goes along, and no longer takes a status with it.
        """
        said = select(cls).where(cls.ticket_id == source.id, cls.kind != "system")
        messages = db.session.scalars(said.order_by(cls.id)).all()
        taken = set(db.session.scalars(select(cls.submission_key).where(cls.ticket_id == target.id)))
        for message in messages:
            message.ticket_id, message.origin_id, message.then = target.id, source.id, None
            if message.submission_key in taken:  # else a form that is sent again is known on the target, too
                message.submission_key = None
        SearchDocument.rebuild_all((source, target))
        return messages

    @classmethod
    def unanswered_since(cls, ticket: "Ticket") -> datetime | None:
        """When the customer first wrote what no reply came after; None where nothing of his waits."""
        thread = select(cls).where(
            cls.ticket_id == ticket.id, cls.deleted_at.is_(None), cls.held_until.is_(None)
        )
        answer = thread.where(cls.kind == "agent_reply").with_only_columns(func.max(cls.id)).scalar_subquery()
        asked = thread.where(cls.author_kind == "customer", cls.id > func.coalesce(answer, 0))
        return db.session.scalar(asked.with_only_columns(func.min(cls.created_at)))

    @classmethod
    def thread(cls, ticket_id: int, after: int = 0) -> Select[tuple["Message"]]:
        """What agents read, oldest first; `after` is the id of the last message they have."""
        own = select(cls).where(cls.ticket_id == ticket_id, cls.deleted_at.is_(None), cls.id > after)
        return own.order_by(cls.id)

    @classmethod
    def named(
        cls,
        ticket_id: int,
        ids: Sequence[int],
        *,
        since: datetime | None = None,
        also: Sequence[ColumnElement[bool]] = (),
    ) -> Select[tuple["Message"]]:
        """Single messages, and all of the thread since an instant or by some conditions, oldest first.

        One of `ids` that was taken back is among them, for pages that show it still.
        """
        later = or_(cls.created_at >= since if since else false(), *also)
        there = and_(later, cls.deleted_at.is_(None))
        wanted = select(cls).where(cls.ticket_id == ticket_id, or_(cls.id.in_(ids), there))
        return wanted.order_by(cls.id)

    @classmethod
    def ids_on(cls, tickets: Select[tuple[int]]) -> Select[tuple[int]]:
        """Ids of what agents read on the tickets whose ids are selected."""
        return select(cls.id).where(cls.ticket_id.in_(tickets), cls.deleted_at.is_(None))

    @classmethod
    def readable_on(cls, ticket_ids: Sequence[int]) -> Select[tuple[int]]:
        """Ids of what people said on tickets, that is there for every agent to read: nothing held, nothing removed."""
        said = select(cls.id).where(cls.ticket_id.in_(ticket_ids), cls.deleted_at.is_(None))
        return said.where(cls.held_until.is_(None), cls.kind != "system")

    @classmethod
    def newest_on(cls, ticket_ids: Sequence[int], each: int, letters: int) -> Select[Any]:
        """The beginnings of the newest messages on each of these tickets, newest first."""
        place = func.row_number().over(partition_by=cls.ticket_id, order_by=cls.id.desc()).label("place")
        begins = func.substr(cls.body, 1, letters).label("body")
        what = (cls.id, cls.ticket_id, cls.kind, cls.author_name, begins, place)
        numbered = select(*what).where(cls.id.in_(cls.readable_on(ticket_ids))).subquery()
        return select(numbered).where(numbered.c.place <= each).order_by(numbered.c.id.desc())

    @classmethod
    def reply_on(cls, ticket: "Ticket", message_id: int) -> "Message | None":
        """An agent's reply on a ticket, held, sent or taken back."""
        own = select(cls).where(cls.id == message_id, cls.ticket_id == ticket.id, cls.kind == "agent_reply")
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def last_on(cls, ticket: "Ticket") -> int:
        """The id of the newest message that agents read on a ticket."""
        own = select(func.max(cls.id)).where(cls.ticket_id == ticket.id, cls.deleted_at.is_(None))
        return db.session.scalar(own) or 0

    @classmethod
    def newer(cls, ticket: "Ticket", seen: int, reader: Actor) -> Sequence["Message"]:
        """What other people wrote on a ticket after the last message that a reader has seen (MSG-006)."""
        me = reader.actor
        own = and_(cls.author_kind == me["kind"], cls.author_id == me["id"])
        said = cls.thread(ticket.id, after=seen).where(cls.author_kind != "system", not_(own))
        return db.session.scalars(said).all()

    @classmethod
    def newest_by_others(cls, ticket_id: Any, reader: Actor) -> Select[Any]:
        """The id of the last message on a ticket that is there to be read and that its reader did not write."""
        me = reader.actor
        own = and_(cls.author_kind == me["kind"], cls.author_id == me["id"])
        said = select(cls.id).where(
            cls.ticket_id == ticket_id, cls.deleted_at.is_(None), cls.held_until.is_(None)
        )
        return said.where(cls.kind != "system", not_(own)).order_by(cls.id.desc()).limit(1)

    @classmethod
    def tickets_due(cls, at: datetime) -> Select[tuple[int]]:
        """Ids of the tickets with replies that were held until an instant, or until an earlier one."""
        return select(cls.ticket_id).where(cls.held_until <= at, cls.deleted_at.is_(None))

    @classmethod
    def due_on(cls, ticket: "Ticket", at: datetime) -> Sequence["Message"]:
        """The held replies of a ticket whose instant has come, in the order of writing."""
        due = select(cls).where(cls.ticket_id == ticket.id, cls.held_until <= at, cls.deleted_at.is_(None))
        return db.session.scalars(due.order_by(cls.id).execution_options(populate_existing=True)).all()

    def let_go(self, *, deleted_at: datetime | None = None) -> bool:
        """End the hold: it is sent now, or gone and held for ever. Of all who try at once, one is answered True."""
        held = update(Message).where(Message.id == self.id, Message.held_until.is_not(None))
        values = {"deleted_at": deleted_at} if deleted_at else {"held_until": None}
        ended = held.where(Message.deleted_at.is_(None)).values(values)
        return db.session.execute(ended.execution_options(synchronize_session="fetch")).rowcount == 1

    def is_by(self, user: Actor) -> bool:
        """Whether somebody wrote it."""
        return (self.author_kind, self.author_id) == (user.actor["kind"], user.actor["id"])

    @property
    def held_seconds(self) -> int:
        """How long it can still be taken back, in whole seconds."""
        left = (self.held_until - clock.now()).total_seconds() if self.held_until else 0
        return max(0, ceil(left))

    @property
    def overtaken_at(self) -> datetime | None:
        """When the customer wrote something after it for the first time; None if he did not."""
        later = Message.thread(self.ticket_id, after=self.id).where(Message.author_kind == "customer")
        return db.session.scalar(later.with_only_columns(Message.created_at).limit(1))

    @classmethod
    def files_on(cls, ticket_ids: Sequence[int]) -> Select[Any]:
        """Names of the files on these tickets, with what each is on."""
        files = Attachment.names_on(cls.readable_on(ticket_ids)).order_by(None).subquery()
        what = (cls.ticket_id, cls.kind, cls.author_name, files.c.name)
        return select(*what).join(files, files.c.message_id == cls.id).order_by(cls.id.desc())

    @property
    def is_public(self) -> bool:
        """Whether the customer reads it too."""
        return self.visibility == "public"
