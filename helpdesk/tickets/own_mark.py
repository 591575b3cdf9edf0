"""What one reader alone knows of a ticket in a list: whether there is something new, and what he has begun to write."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.message import Message
from helpdesk.tickets.reading_mark import ReadingMark

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

SHOWN = 120  # letters of a draft


@dataclass(frozen=True)
class OwnMark:
    """Of one ticket and one person. What is finished waits for nobody, so nothing on it is new."""

    is_unread: bool = False
    draft: str | None = None  # how it begins; empty where it is files only

    @classmethod
    def on(cls, tickets: Collection["Ticket"], reader: User) -> dict[int, "OwnMark"]:
        """By the ticket's id, in one question. Of a reply and a note, the one that he wrote on last."""
        from helpdesk.tickets.ticket import Ticket  # whose rows are marked

        newest = Message.newest_by_others(Ticket.id, reader).correlate(Ticket).scalar_subquery()
        begins = func.substr(Draft.body, 1, SHOWN)
        rows = (
            select(Ticket.id, newest, ReadingMark.message_id, Draft.id, begins)
            .outerjoin(
                ReadingMark, and_(ReadingMark.ticket_id == Ticket.id, ReadingMark.user_id == reader.id)
            )
            .outerjoin(
                Draft,
                and_(Draft.ticket_id == Ticket.id, Draft.user_id == reader.id, Draft.cleared_at.is_(None)),
            )
            .where(Ticket.id.in_([ticket.id for ticket in tickets]))
            .order_by(Draft.updated_at)
        )
        alive = {ticket.id for ticket in tickets if ticket.is_alive}
        found = {ticket.id: cls() for ticket in tickets}
        for id_, last, seen, draft, words in db.session.execute(rows) if tickets else ():
            line = " ".join((words or "").split()) if draft else None
            found[id_] = cls(id_ in alive and (last or 0) > (seen or 0), line)
        return found
