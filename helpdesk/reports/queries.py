"""Figures over all organizers, for operators. Reads only."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.accounts.user_session import UserSession
from helpdesk.assignment.decision import Decision
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.tenancy import across_organizers
from helpdesk.notifications.delivery import Delivery
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.clock import Clock
from helpdesk.tickets.ticket import Ticket

Figure = tuple[str, dict[str, str], float]


def figures() -> Iterator[Figure]:
    """(name, labels, value): what `/metrics` says about the desk's work."""
    with across_organizers():
        tickets = select(Merchant.prefix, Ticket.status, func.count()).join(
            Merchant, Ticket.merchant_id == Merchant.id
        )
        tickets = tickets.where(Ticket.deleted_at.is_(None))
        for prefix, status, count in db.session.execute(tickets.group_by(Merchant.prefix, Ticket.status)):
            yield "helpdesk_tickets", {"merchant": prefix, "status": status}, count
        made = select(Decision.chosen_id.is_not(None), func.count()).group_by(Decision.chosen_id.is_not(None))
        for success, count in db.session.execute(made):
            yield "helpdesk_assignments", {"result": "assigned" if success else "nobody"}, count
        for name, column in (("warned", Clock.warned_at), ("breached", Clock.breached_at)):
            marked = db.session.scalar(select(func.count()).where(column.is_not(None)))
            yield "helpdesk_sla_marks", {"mark": name}, marked or 0
        for state, count in db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)):
            yield "helpdesk_deliveries", {"state": state}, count
        yield "helpdesk_reactions_failed", {}, _count(Reaction.failed_at.is_not(None))
        yield "helpdesk_sessions_live", {}, _count(UserSession.ended_at.is_(None))
        yield (
            "helpdesk_oldest_event_seconds",
            {},
            _age(select(func.min(Event.created_at)).where(Event.sequence.is_(None))),
        )
        yield (
            "helpdesk_oldest_reaction_seconds",
            {},
            _age(select(func.min(Event.created_at)).join(Reaction).where(Reaction.next_at.is_not(None))),
        )


def _count(condition: object) -> int:
    return db.session.scalar(select(func.count()).where(condition)) or 0  # type: ignore[arg-type]


def _age(oldest: object) -> float:
    at: datetime | None = db.session.scalar(oldest)  # type: ignore[call-overload]
    return max(0.0, (clock.now() - at).total_seconds()) if at else 0.0
