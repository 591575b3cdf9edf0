"""The customer's drawer: messages and files loaded through queries in which no note can be. Read only."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, foreign, lazyload, relationship

from helpdesk.core.db import Model, db
from helpdesk.core.memory import foreknow, once
from helpdesk.core.tenancy import Walled
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket

_message, _attachment = Message.__table__, Attachment.__table__
_public = select(_message).where(
    _message.c.visibility == "public",
    _message.c.deleted_at.is_(None),
    _message.c.held_until.is_(None),  # its writer can still take it back
)
_messages = _public.subquery("public_messages")
_files = select(_attachment).where(_attachment.c.message_id.in_(_public.with_only_columns(_message.c.id)))
_attachments = _files.subquery("public_attachments")


class PublicAttachment(Walled, Model):
    """A file of a public message."""

    __table__ = _attachments
    __mapper_args__ = {"primary_key": [_attachments.c.id]}

    @property
    def is_image(self) -> bool:
        """Whether it can be shown in the page."""
        return self.content_type.startswith("image/")


class PublicMessage(Walled, Model):
    """What the customer may read of a ticket's thread."""

    __table__ = _messages
    __mapper_args__ = {"primary_key": [_messages.c.id]}

    attachments: Mapped[list[PublicAttachment]] = relationship(
        primaryjoin=_messages.c.id == _attachments.c.message_id,
        foreign_keys=[_attachments.c.message_id],
        order_by=_attachments.c.id,
        viewonly=True,
        lazy="selectin",
    )

    origin: Mapped[Ticket | None] = relationship(
        primaryjoin=lambda: foreign(_messages.c.origin_id) == Ticket.id, viewonly=True
    )

    @classmethod
    def find(cls, id: int) -> "PublicMessage | None":
        """One of them, without its files; None if the customer may not read it, or not any more."""
        return once((cls, id), lambda: db.session.scalar(cls._plain({id})))

    @classmethod
    def foresee(cls, ids: set[int]) -> None:
        """Look up many."""
        found = {row.id: row for row in db.session.scalars(cls._plain(ids))}
        foreknow({(cls, id): found.get(id) for id in ids})

    @classmethod
    def _plain(cls, ids: set[int]) -> Select[tuple["PublicMessage"]]:
        return select(cls).where(cls.id.in_(ids)).options(lazyload(cls.attachments))

    @classmethod
    def thread(cls, ticket_id: int, after: int = 0) -> Select[tuple["PublicMessage"]]:
        """What the customer reads, oldest first; `after` is the id of the last message he has."""
        return select(cls).where(cls.ticket_id == ticket_id, cls.id > after).order_by(cls.id)
