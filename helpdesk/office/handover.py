"""The handover: what becomes of the unfinished tickets of somebody who leaves, or is given no more work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.name_order import by_name
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
        linked = select(Membership.user_id).where(Membership.deleted_at.is_(None))
        if stores := self._stores():
            linked = linked.where(Membership.merchant_id.in_(stores))
        able = select(User).where(User.is_active, User.id != self.user.id, User.id.in_(Agent.able()))
        return by_name(db.session.scalars(able.where(User.id.in_(linked)).order_by(User.id)))

    def begin(self, colleague_id: int | None) -> dict[int, Ticket]:
        """Take what the deed needs, before anything is changed: the tickets, then the agents, each by their ids.

        Everybody takes them in this order, so that a handover and an assignment never wait for each other in a
        circle. The caller holds the organizer. Refuses a colleague who does not see all of the tickets.
        """
        tickets = Ticket.for_deeds(db.session.scalars(self._held().with_only_columns(Ticket.id)).all())
        for user_id in sorted({self.user.id, colleague_id or self.user.id}):
            Agent.of(user_id, lock=True)
        colleague = db.session.get(User, colleague_id) if colleague_id else None
        if colleague and not self._stores() <= set(db.session.scalars(colleague.merchant_ids())):
            raise Refusal(_("%(name)s does not work for all stores of these tickets.", name=colleague.name))
        return tickets

    def relieve(self, how: str, colleague_id: int | None, *, by: User) -> None:
        """Give him no more work, and see to what he has. The caller holds the organizer. Raises `Refusal`."""
        tickets = self.begin(colleague_id)
        if agent := Agent.of(self.user.id, lock=True):
            agent.relieve(by=by)
            self.settle(tickets, how, colleague_id, by=by)

    def settle(self, tickets: Mapping[int, Ticket], how: str, colleague_id: int | None, *, by: User) -> None:
        """`keep` what he holds of these, give it back to the `queue` by the rules, or to a `colleague`."""
        if how == "keep":
            return
        colleague = db.session.get(User, colleague_id) if colleague_id else None
        for ticket in tickets.values():
            if ticket.assignee_id != self.user.id or ticket.is_finished or ticket.deleted_at:
                continue  # somebody was quicker
            if colleague is None:
                ticket.release(by=by)
            else:
                ticket.assign_to(colleague, by=by)

    def _stores(self) -> set[int]:
        merchants = self._held().with_only_columns(Ticket.merchant_id).order_by(None)
        return set(db.session.scalars(merchants.distinct()))

    def _held(self) -> Select[tuple[Ticket]]:
        held = select(Ticket).where(
            Ticket.assignee_id == self.user.id, Ticket.deleted_at.is_(None), Ticket.status.in_(HELD)
        )
        return held.order_by(Ticket.id)
