"""The check of loads: what profiles say against what tickets say (AGT-010)."""

import logging

from sqlalchemy import func, select

from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.core.events import Robot, record
from helpdesk.core.i18n import lazy
from helpdesk.tickets.lifecycle import LOADS
from helpdesk.tickets.ticket import Ticket

log = logging.getLogger(__name__)
counter = Robot("load-check", lazy("The check of loads"))


class LoadCheck:
    """Loads are kept deed by deed. This counts anew, says what is wrong, and puts it right."""

    @classmethod
    def run(cls) -> int:
        """How many profiles were wrong. One row at a time is locked, and only if it looks wrong.

        Whoever changes what somebody carries changes his profile first, in the same transaction. So under the lock of
        the profile what the tickets say is what it has to say.
        """
        held = cls._held()
        suspects = [
            user_id for user_id, load in db.session.execute(select(Agent.user_id, Agent.load).order_by(Agent.user_id))
            if load != held.get(user_id, 0)
        ]  # fmt: skip
        return sum(cls._put_right(user_id) for user_id in suspects)

    @classmethod
    def _held(cls, user_id: int | None = None) -> dict[int, int]:
        carried = select(Ticket.assignee_id, func.count()).where(
            Ticket.status.in_(LOADS), Ticket.deleted_at.is_(None), Ticket.assignee_id.is_not(None)
        )
        if user_id:
            carried = carried.where(Ticket.assignee_id == user_id)
        return dict(db.session.execute(carried.group_by(Ticket.assignee_id)).all())

    @classmethod
    def _put_right(cls, user_id: int) -> bool:
        agent = Agent.kept(user_id, lock=True)
        held = cls._held(user_id).get(user_id, 0)
        if agent is None or agent.load == held:
            return False
        log.error("load was wrong", extra={"user": user_id, "said": agent.load, "held": held})
        before, agent.load = agent.load, held
        record(
            "agent.load_corrected",
            on=None,
            by=counter,
            user=user_id,
            called=agent.user.name,
            **{"from": before, "to": held},
        )
        return True
