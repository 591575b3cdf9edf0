"""Messages, as agents read them. The customer's side has another drawer: `public_message.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Select, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Actor, Event
from helpdesk.core.richtext import render
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.attachment import Attachment, Upload
from helpdesk.tickets.search_document import SearchDocument

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

VISIBILITY = {
    "comment": "public",
    "customer_reply": "public",
    "agent_reply": "public",
    "auto_reply": "public",
    "internal_note": "internal",
}


class Message(Tenanted, Model):
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
    ) -> "Message":
        """Add a message of a person to a ticket."""
        author = by.actor
        message = cls(
            ticket_id=ticket.id, merchant_id=ticket.merchant_id, kind=kind, visibility=VISIBILITY[kind],
            author_kind=author["kind"], author_id=author["id"], author_name=author["name"],
            body=body, body_html=render(body), submission_key=key, created_at=clock.now(),
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
    def thread(cls, ticket_id: int, after: int = 0) -> Select[tuple["Message"]]:
        """What agents read, oldest first; `after` is the id of the last message they have."""
        own = select(cls).where(cls.ticket_id == ticket_id, cls.deleted_at.is_(None), cls.id > after)
        return own.order_by(cls.id)

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
    def files_on(cls, ticket_ids: Sequence[int]) -> Select[Any]:
        """Names of the files on these tickets, with what each is on."""
        files = Attachment.names_on(cls.readable_on(ticket_ids)).order_by(None).subquery()
        what = (cls.ticket_id, cls.kind, cls.author_name, files.c.name)
        return select(*what).join(files, files.c.message_id == cls.id).order_by(cls.id.desc())

    @property
    def is_public(self) -> bool:
        """Whether the customer reads it too."""
        return self.visibility == "public"
