"""How an escalation climbs by itself: the trait of rising at an instant that is kept."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.alarms import Alarm
from helpdesk.core.db import db, transaction
from helpdesk.tickets.ticket import Ticket

if TYPE_CHECKING:
    from helpdesk.escalations.escalation import Escalation

log = logging.getLogger(__name__)

BATCH = 100
alarm = Alarm("ladder")
LONGEST_WAIT_SECONDS = 3600


class Climbing:
    """The trait of climbing. Costs what is due, not what is open."""

    @classmethod
    def climb_due(cls: "type[Escalation]") -> bool:
        """Climb where nobody acknowledged in time, earliest first. Answers whether there may be more.

        Opens its own transactions, one for each; none may be open. What goes wrong is put off, and holds no other.
        """
        with transaction():
            open_ = select(cls.id, cls.ticket_id, cls.climbs_at).where(cls.climbs_at.is_not(None))
            next_ = db.session.execute(open_.order_by(cls.climbs_at, cls.id).limit(BATCH)).all()
            rows = [(id_, ticket_id) for id_, ticket_id, at in next_ if at <= clock.now()]
            if next_ and not rows:
                alarm.set(next_[0].climbs_at)
        for id_, ticket_id in rows:
            try:
                with transaction():
                    ticket = Ticket.for_deed(ticket_id)
                    row = cls._if_due(id_)
                    if row:
                        row.rise(ticket)
            except Exception:
                log.exception("escalation did not climb", extra={"escalation": id_})
                with transaction():
                    row = cls._if_due(id_)
                    if row:
                        row.put_off()
        return bool(rows)

    @classmethod
    def _if_due(cls: "type[Escalation]", id: int) -> "Escalation | None":
        """One that is due, locked; None if somebody was faster or acknowledged it meanwhile."""
        own = select(cls).where(cls.id == id, cls.climbs_at <= clock.now())
        locked = own.with_for_update(of=cls, key_share=True)
        return db.session.scalar(locked.execution_options(populate_existing=True))

    def put_off(self: "Escalation") -> None:
        """Try again later, with growing waits. The levels above still count from the trigger."""
        self.attempts += 1
        seconds = min(LONGEST_WAIT_SECONDS, 2 ** min(self.attempts, 20))
        self.climbs_at = clock.now() + timedelta(seconds=seconds)
