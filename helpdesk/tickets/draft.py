"""Drafts: unsent words, kept on the server per user, ticket and kind."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, cast, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted, column_everywhere
from helpdesk.tickets.message import Message
from helpdesk.tickets.upload import Upload

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

KINDS = ("reply", "note")


@dataclass(frozen=True)
class Words:
    """What stands in a composer."""

    body: str
    files: Sequence[Upload] = field(default=())
    then: str | None = None  # what is chosen to become of the ticket, as the form says it
    key: str | None = None  # of the form

    def not_in(self, other: "Words") -> "Words":
        """What of these would be missing where only the other ones stand."""
        below = f"{other.body}\n\n"
        rest = self.body.removeprefix(below) if self.body.startswith(below) else self.body
        keys = {file.key for file in other.files}
        return Words(
            "" if rest in other.body else rest, [file for file in self.files if file.key not in keys]
        )

    def above(self, other: "Words") -> "Words":
        """These, and the other ones below. No form has written both."""
        body = "\n\n".join(part for part in (self.body, other.body) if part)
        return Words(body, [*self.files, *other.files], self.then)


class Draft(Tenanted, Model):
    """What somebody has begun to write on a ticket: a `reply` or a `note`.

    Its ticket is locked by whoever writes here, so that saving and sending wait for each other.
    """

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "ticket_id", "kind"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[list[Any]] = mapped_column(default=list)
    then: Mapped[str | None] = mapped_column(String(20))
    submission_key: Mapped[str | None] = mapped_column(String(64))  # of the form it is written in
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    cleared_at: Mapped[datetime | None]

    @classmethod
    def kept(cls, ticket_id: int, user: User) -> dict[str, "Draft"]:
        """What a user has begun to write on a ticket, by kind."""
        own = select(cls).where(cls.ticket_id == ticket_id, cls.user_id == user.id, cls.cleared_at.is_(None))
        return {draft.kind: draft for draft in db.session.scalars(own)}

    @classmethod
    def _row(cls, ticket: "Ticket", user: User, kind: str) -> "Draft | None":
        """The one row of a user, ticket and kind, cleared or not."""
        own = select(cls).where(cls.ticket_id == ticket.id, cls.user_id == user.id, cls.kind == kind)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def keep(cls, ticket: "Ticket", kind: str, words: Words, *, by: User) -> "Draft | None":
        """Keep the newest words. None, and nothing is kept, once the form they stand in was sent.

        A save may come late, behind the sending; it must not bring back what is in the thread already.
        """
        if Message.sent_before(ticket, words.key):
            return None
        draft = cls._row(ticket, by, kind)
        if draft is None:
            draft = cls(user_id=by.id, ticket_id=ticket.id, kind=kind, revision=0)
            db.session.add(draft)
        draft._says(words)
        return draft

    @classmethod
    def keep_beside(
        cls, ticket: "Ticket", kind: str, words: Words, *, known: int | None, by: User
    ) -> "tuple[Draft | None, Words | None]":
        """Keep the words of a page that may know an older revision only: nothing is lost of what another one kept.

        Answers the draft, and what it has besides the page's words. A page without words does not empty it.
        """
        draft = cls._row(ticket, by, kind)
        is_behind = (
            draft and known is not None and known < draft.revision and draft.submission_key != words.key
        )
        if draft is None or draft.cleared_at or not is_behind or Message.sent_before(ticket, words.key):
            return cls.keep(ticket, kind, words, by=by), None
        if not (words.body or words.files):
            return None, Words("")
        rest = draft.words.not_in(words)
        return cls.keep(ticket, kind, words.above(rest), by=by), rest

    def _says(self, words: Words) -> None:
        self.body, self.files, self.then = words.body, [packed(file) for file in words.files], words.then
        self.submission_key, self.updated_at = words.key, clock.now()
        self.cleared_at = None if words.body or words.files else self.updated_at
        self.revision = (self.revision or 0) + 1
        db.session.flush()

    @classmethod
    def sent(cls, ticket: "Ticket", kind: str, *, by: User, key: str | None, revision: int | None) -> None:
        """The words are a message now. What another page of his has kept since is not touched."""
        draft = cls._row(ticket, by, kind)
        if draft and (revision is None or draft.revision <= revision or draft.submission_key == key):
            draft._clear()

    def _clear(self) -> None:
        self.body, self.files, self.then, self.cleared_at = "", [], None, clock.now()

    @classmethod
    def move_all(cls, source: "Ticket", target: "Ticket") -> None:
        """What anybody has begun to write on a ticket goes to another, below what he has begun there."""
        begun = select(cls).where(cls.ticket_id == source.id, cls.cleared_at.is_(None)).order_by(cls.id)
        for draft in db.session.scalars(begun.execution_options(populate_existing=True)).all():
            words, writer = draft.words, db.session.get_one(User, draft.user_id)
            there = cls._row(target, writer, draft.kind)
            if there and not there.cleared_at:
                words = there.words.above(words.not_in(there.words))
            cls.keep(target, draft.kind, Words(words.body, words.files, words.then), by=writer)
            draft._clear()

    @classmethod
    def give_back(cls, ticket: "Ticket", taken: Message, words: Words, *, by: User) -> "Draft":
        """A reply that was taken back, before what he wrote since."""
        back = Words(taken.body, [attachment.upload for attachment in taken.attachments]).above(words)
        said = Words(back.body, back.files, words.then, words.key)
        draft = cls.keep(ticket, "reply", said, by=by)
        assert draft is not None, "its key is new"
        return draft

    @classmethod
    def file_keys(cls) -> set[str]:
        """What lies on the disk for unsent words, of all organizers."""
        kept = column_everywhere(select(cast(cls.files, Text)).where(cls.cleared_at.is_(None)))
        files = [file for said in kept for file in json.loads(said)]
        return {file[name] for file in files for name in ("key", "thumbnail_key") if file.get(name)}

    @property
    def words(self) -> Words:
        """What it says."""
        return Words(self.body, [unpacked(said) for said in self.files], self.then, self.submission_key)


def packed(file: Upload) -> dict[str, Any]:
    """A received file as it is kept with a draft."""
    return asdict(file)


def unpacked(said: dict[str, Any]) -> Upload:
    """The file again. It is received anew, in a way: its time to be sent begins afresh."""
    known = {column.name for column in fields(Upload)} - {"received_at"}
    return Upload(**{name: value for name, value in said.items() if name in known})
