"""The handover: what becomes of the unfinished tickets of somebody who leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.tickets.lifecycle import LOADS, Status
from helpdesk.tickets.ticket import Ticket

HELD = {*LOADS, Status.WAITING_USER}


@dataclass(frozen=True)
class Handover:
    """Of one user's tickets."""

    user: User

    @property
    def count(self) -> int:
        """How many he has."""
        return db.session.scalar(self._held().with_only_columns(func.count()).order_by(None)) or 0

    def colleagues(self) -> Sequence[User]:
        """Who can be given work, and works for a store in which he has tickets, or for any where he has none."""
        stores = set(
            db.session.scalars(self._held().with_only_columns(Ticket.merchant_id).order_by(None).distinct())
        )
        linked = select(Membership.user_id).where(Membership.deleted_at.is_(None))
        if stores:
            linked = linked.where(Membership.merchant_id.in_(stores))
        able = select(User).where(User.is_active, User.id != self.user.id, User.id.in_(select(Agent.user_id)))
        return db.session.scalars(able.where(User.id.in_(linked)).order_by(User.name, User.id)).all()

    def check(self, colleague_id: int | None) -> None:
        """Refuse a colleague who does not see all of them, before anything is changed."""
        colleague = db.session.get(User, colleague_id) if colleague_id else None
        if colleague and not self._stores() <= set(db.session.scalars(colleague.merchant_ids())):
            raise Refusal(_("%(name)s does not work for all stores of these tickets.", name=colleague.name))

    def settle(self, how: str, colleague_id: int | None, *, by: User) -> int:
        """`keep` them, give them back to the `queue` by the rules, or to a `colleague`; how many moved."""
        if how == "keep":
            return 0
        colleague = db.session.get(User, colleague_id) if colleague_id else None
        ids = db.session.scalars(self._held().with_only_columns(Ticket.id)).all()
        for ticket_id in ids:
            ticket = Ticket.for_deed(ticket_id)
            if ticket.assignee_id != self.user.id or ticket.is_finished:
                continue  # somebody was quicker
            if colleague is None:
                ticket.release(by=by)
            else:
                ticket.assign_to(colleague, by=by)
        return len(ids)

    def _stores(self) -> set[int]:
        merchants = self._held().with_only_columns(Ticket.merchant_id).order_by(None)
        return set(db.session.scalars(merchants.distinct()))

    def _held(self) -> Select[tuple[Ticket]]:
        held = select(Ticket).where(
            Ticket.assignee_id == self.user.id, Ticket.deleted_at.is_(None), Ticket.status.in_(HELD)
        )
        return held.order_by(Ticket.id)
