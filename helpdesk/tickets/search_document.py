"""What a ticket is found by: the set of its words, kept in the transaction that changes them.

A held reply is in it from the moment it is written; whoever takes one back calls `rebuild`. Search pages show
nothing of a message that cannot be read, and drop a hit that rests on nothing else.

Not everybody here holds the ticket: a document is locked before its words are read or made anew, and several
are locked in the order of their tickets' ids.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, false, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import BigId, Model, db
from helpdesk.core.fulltext import Words, scoped, tokens
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.tag import Tag, TicketTag

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

MOST_MESSAGES = 2_000  # of the newest, which a document is made of
WHOLE = 200_000  # characters of one message
AT_A_TIME = 200  # of the tickets that learn a customer's new name or a tag's
NEWEST = 2**62  # above every id


class SearchDocument(Tenanted, Model):
    """The words of one ticket; its id is the ticket's."""

    __tablename__ = "search_documents"
    __table_args__ = (  # SQLite looks words up in an index of another kind; there this one stays empty
        Index("ix_search_documents_words", "words", postgresql_using="gin", sqlite_where=false()),
    )

    id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"), primary_key=True, autoincrement=False)
    words: Mapped[frozenset[str]] = mapped_column(Words)

    @classmethod
    def begin(cls, ticket: "Ticket") -> "SearchDocument":
        """A new ticket's own words; what is said on it comes by `hear`."""
        document = cls(id=ticket.id, words=tokens(facts_of(ticket), _scopes(ticket)))
        db.session.add(document)
        return document

    @classmethod
    def of(cls, ticket: "Ticket") -> "SearchDocument":
        """The document of a ticket, locked, as it is now; a fresh one where a ticket has none."""
        for row in db.session.new:
            if isinstance(row, cls) and row.id == ticket.id:
                return row  # begun just now: nobody else knows of it
        own = select(cls).where(cls.id == ticket.id).with_for_update(of=cls, key_share=True)
        return db.session.scalar(own.execution_options(populate_existing=True)) or cls.begin(ticket)

    @classmethod
    def hear(cls, ticket: "Ticket", *texts: str) -> None:
        """Something was said, attached or put on a ticket: its words come to the others."""
        document = cls.of(ticket)
        document.words = tokens(texts, document.words)

    @classmethod
    def rebuild(cls, ticket: "Ticket") -> None:
        """Make the words of a ticket anew, after some were changed or taken away: subject, tags, a message."""
        from helpdesk.tickets.message import Message  # which calls `hear`

        document = cls.of(ticket)  # what is written meanwhile waits, and comes to these words
        said = db.session.execute(Message.newest_on([ticket.id], MOST_MESSAGES, WHOLE)).all()
        files = db.session.execute(Attachment.names_on(Message.readable_on([ticket.id])))
        texts = [*facts_of(ticket), *tags_on([ticket.id]).get(ticket.id, []), *(file.name for file in files)]
        document.words = tokens([*texts, *(message.body for message in said)], _scopes(ticket))

    @classmethod
    def rebuild_all(cls, tickets: "Iterable[Ticket]") -> None:
        """Several, in the one order in which nobody waits for somebody who waits for him."""
        for ticket in sorted(tickets, key=lambda each: each.id):
            cls.rebuild(ticket)

    @classmethod
    def rebuild_tagged(cls, tag_id: int, before: int) -> int | None:
        """Tickets with a tag learn its new name, the newest first; the id to go on below, None after the last ones."""
        on_them = select(TicketTag.ticket_id).where(
            TicketTag.tag_id == tag_id, TicketTag.removed_at.is_(None)
        )
        return cls._rebuild_some("id", on_them, before)

    @classmethod
    def rebuild_of(cls, customer_id: int, before: int) -> int | None:
        """A customer's tickets learn his new name or number, in the same way."""
        return cls._rebuild_some("customer_id", [customer_id], before)

    @classmethod
    def _rebuild_some(cls, column: str, among: Any, before: int) -> int | None:
        from helpdesk.tickets.ticket import Ticket  # which calls `begin`

        own = select(Ticket).where(getattr(Ticket, column).in_(among), Ticket.id < before)
        tickets = db.session.scalars(own.order_by(Ticket.id.desc()).limit(AT_A_TIME)).all()
        cls.rebuild_all(tickets)
        return tickets[-1].id if len(tickets) == AT_A_TIME else None


def _scopes(ticket: "Ticket") -> frozenset[str]:
    """By these a search leaves out whole organizers and merchants at once."""
    return scoped(f"o{ticket.organizer_id}", f"m{ticket.merchant_id}")


def facts_of(ticket: "Ticket") -> list[str]:
    """What a ticket is found by besides what was said on it."""
    sender, order = ticket.sender, ticket.order or {}
    known = [sender.shown_name, ticket.customer.email, sender.external_id, *spellings(sender.shown_phone)]
    return [text for text in (ticket.number, ticket.subject, *known, str(order.get("id", ""))) if text]


def spellings(phone: str) -> list[str]:
    """How a phone number is written: as it is, in one piece, without the country of Vietnam, in its usual groups."""
    digits = re.sub(r"\D", "", phone)
    local = f"0{digits[2:]}" if digits.startswith("84") and len(digits) > 9 else digits
    return (
        list(dict.fromkeys((phone, digits, local, f"{local[:4]} {local[4:7]} {local[7:]}"))) if digits else []
    )


def tags_on(ticket_ids: list[int]) -> dict[int, list[str]]:
    """Names of the tags on tickets, by the ticket's id."""
    named = select(TicketTag.ticket_id, Tag.name).join(Tag, Tag.id == TicketTag.tag_id)
    found: dict[int, list[str]] = {}
    on_them = named.where(TicketTag.ticket_id.in_(ticket_ids), TicketTag.removed_at.is_(None))
    for ticket_id, name in db.session.execute(on_them.order_by(Tag.name)):
        found.setdefault(ticket_id, []).append(name)
    return found
