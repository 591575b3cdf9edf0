"""The page of one ticket: what it shows, read in as few questions as there are kinds of things."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased, joinedload

from helpdesk.accounts.user import User
from helpdesk.assignment.decision import Decision
from helpdesk.core.db import db
from helpdesk.core.events import Chain
from helpdesk.core.name_order import place
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.ticket_mails import TicketMails
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_relation import Near

OTHER_TICKETS = 5
Following = aliased(User)


def others_of(ticket: Ticket, around: list[Near]) -> list[Ticket]:
    """What else its customer asked, newest first."""
    own = [each.ticket for each in reversed(around) if each.ticket.customer_id == ticket.customer_id]
    return own[:OTHER_TICKETS]


@dataclass(frozen=True)
class TicketPage:
    """A ticket with all that there is at most a few of: one question, where each would be one of its own."""

    ticket: Ticket
    decision: Decision | None
    decided: int  # how many decisions there were
    escalations: Sequence[Escalation]  # newest first
    sequence: int  # how far the log is sealed: what comes later is caught up from here
    read_to: int | None  # the last message that the viewer has seen
    mails: TicketMails
    followers: list[User]  # by name

    @classmethod
    def find(cls, number: str, viewer: User) -> "TicketPage | None":
        """The page, through its viewer."""
        newest = select(func.max(Decision.id)).where(Decision.ticket_id == Ticket.id)
        mark = select(ReadingMark.message_id).where(
            ReadingMark.ticket_id == Ticket.id, ReadingMark.user_id == viewer.id
        )
        many = select(func.count(Decision.id)).where(Decision.ticket_id == Ticket.id)
        columns = [
            query.correlate(Ticket).scalar_subquery()
            for query in (select(Chain.sequence), mark, many, *TicketMails.counting())
        ]
        found = (
            Ticket.visible_to(viewer)
            .where(Ticket.number == number)
            .outerjoin(Decision, Decision.id == newest.correlate(Ticket).scalar_subquery())
            .outerjoin(Escalation, Escalation.ticket_id == Ticket.id)
            .outerjoin(Follower, and_(Follower.ticket_id == Ticket.id, Follower.removed_at.is_(None)))
            .outerjoin(Following, and_(Following.id == Follower.user_id, Following.is_active))
            .add_columns(Decision, Escalation, Following, *columns)
            .options(*Ticket.to_show(), joinedload(Ticket.tracker).joinedload(Tracker.clocks))
            .options(joinedload(Ticket.raised_by))
            .order_by(Escalation.id.desc())
        )
        rows = db.session.execute(found).unique().all()
        if not rows:
            return None
        ticket, decision, _, _, sequence, read_to, decided, *mails = rows[0]
        escalations = list(dict.fromkeys(row[2] for row in rows if row[2]))
        followers = sorted({row[3] for row in rows if row[3]}, key=lambda user: (place(user.name), user.id))
        told = TicketMails.counted(ticket.id, mails)
        return cls(ticket, decision, decided, escalations, sequence or 0, read_to, told, followers)
