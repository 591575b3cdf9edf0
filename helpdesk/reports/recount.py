"""A recount: tickets from before the figures were kept are counted once, newest first, some at a time.

It knows what the tickets' own rows and their log say, and no more: a ticket that came into the house without a log
(`helpdesk seed load`) has neither replies nor a resolution of anybody; its promises count for who has it now. The day
is the one where the agent is now, for where he was is not kept.
"""

from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted
from helpdesk.reports.agent_credit import AgentCredit
from helpdesk.tickets.ticket import Ticket

BATCH = 100


class Recount(Tenanted, Model):
    """How far an organizer's old tickets are counted; made by the migration where there were any."""

    __tablename__ = "agent_recounts"
    __table_args__ = (UniqueConstraint("organizer_id"),)

    id: Mapped[Id]
    before_id: Mapped[int | None] = mapped_column(BigId)  # those with smaller ids are still to do; None: done

    @classmethod
    def step(cls) -> bool:
        """Count some more. Answers whether there may be more to do; a ticket twice changes nothing."""
        own = select(cls).where(cls.before_id.is_not(None))
        recount = db.session.scalar(own.with_for_update(key_share=True, skip_locked=True))
        if recount is None:
            return False
        next_ = select(Ticket.id).where(Ticket.id < recount.before_id).order_by(Ticket.id.desc()).limit(BATCH)
        ids = db.session.scalars(next_).all()
        AgentCredit.settle(ids)
        recount.before_id = ids[-1] if len(ids) == BATCH else None
        return recount.before_id is not None
