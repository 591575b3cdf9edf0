"""What raises an escalation: the trait of being raised, by a person or by something that happened (SLA-008)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Event
from helpdesk.core.i18n import _, instant, language
from helpdesk.escalations.ladder_step import ladder
from helpdesk.escalations.roll import Roll
from helpdesk.tickets.lifecycle import MOVES, Priority, Status
from helpdesk.tickets.ticket import Ticket

if TYPE_CHECKING:
    from helpdesk.escalations.escalation import Escalation

PATIENCE = timedelta(hours=24)  # of a customer, between two requests on one ticket


@dataclass(frozen=True)
class Asked:
    """When the customer asked for more attention the last time."""

    at: datetime

    @property
    def again_at(self) -> datetime:
        """When he may ask again."""
        return self.at + PATIENCE

    @property
    def is_recent(self) -> bool:
        """Whether it is too early to ask again."""
        return clock.now() < self.again_at


class Raising:
    """The trait of being raised. Each way locks the ticket first, or was given it locked."""

    @classmethod
    def raise_by_hand(
        cls: "type[Escalation]", ticket: Ticket, *, by: User, level: int, reason: str
    ) -> "Escalation":
        """An agent asks for more attention: the ticket becomes ESCALATED, and climbs from that level."""
        if Status.ESCALATED not in MOVES[Status(ticket.status)] and ticket.status != Status.ESCALATED:
            raise Refusal(_("A finished ticket cannot be escalated; reopen it first."))
        own = select(cls.level, cls.ended_at).where(cls.ticket_id == ticket.id, cls.trigger == "manual")
        raised = db.session.execute(own).all()
        if any(ended_at is None and there >= level for there, ended_at in raised):
            raise Refusal(_("This ticket is escalated already."))
        ticket.move_to(Status.ESCALATED, by=by)  # before the ladder, which may give it to a team
        cause = f"hand:{len(raised) + 1}"  # rows are never removed: it is always another one
        row = cls.raise_on(ticket, "manual", cause=cause, by=by, level=level, reason=reason)
        if row is None:
            raise Refusal(_("This ticket is escalated already."))
        return row

    @classmethod
    def raise_by_customer(
        cls: "type[Escalation]", ticket: Ticket, reason: str, *, by: Customer
    ) -> "Escalation":
        """The customer asks for more attention, at most once in 24 hours."""
        asked = cls.asked(ticket.id)
        if asked and asked.is_recent:
            raise Refusal(
                _(
                    "You have asked already. A senior colleague was told on %(then)s. "
                    "You can ask again from %(again)s.",
                    then=instant(asked.at, language()), again=instant(asked.again_at, language()),
                )
            )  # fmt: skip
        cause = f"customer:{int(clock.now().timestamp())}"
        row = cls.raise_on(ticket, "customer", cause=cause, by=by, reason=reason)
        if row is None:
            raise Refusal(_("This request is not open any more."))
        return row

    @classmethod
    def asked(cls: "type[Escalation]", ticket_id: int) -> Asked | None:
        """The customer's last request, whatever it has climbed to."""
        own = select(func.max(cls.triggered_at)).where(cls.ticket_id == ticket_id, cls.trigger == "customer")
        at = db.session.scalar(own)
        return Asked(at) if at else None

    @classmethod
    def raise_for_breaches(cls: "type[Escalation]", events: Sequence[Event]) -> None:
        """The first level at each breach; the clock is the cause, so that it is raised once."""
        tickets = Ticket.for_deeds(event.ticket_id for event in events if event.ticket_id)
        roll, rows = Roll(cls.causes_on(tickets)), []
        for event in events:
            row = cls._begin(
                tickets[event.ticket_id], "breach", cause=f"clock:{event.data['clock']}", by=ladder, roll=roll,
                triggered_at=datetime.fromisoformat(event.data["due_at"]), facts={"clock": event.data["kind"]},
            )  # fmt: skip
            rows += [row] if row else []
        db.session.add_all(rows)
        db.session.flush()
        for row in rows:
            row._tell(by=ladder)

    @classmethod
    def raise_for_nobody(cls: "type[Escalation]", event: Event) -> None:
        """Nobody could be assigned: the managers hear of it, once until somebody was, unless he was meanwhile."""
        ticket = Ticket.for_deed(event.ticket_id)
        if ticket.assignee_id is None:
            cls.raise_on(ticket, "no_agent", cause=f"no_agent:{event.id}", by=ladder)

    @classmethod
    def raise_for_impact(cls: "type[Escalation]", event: Event) -> None:
        """A ticket came as CRITICAL, or of a VIP, or was raised to CRITICAL by anybody but the ladder itself."""
        priority = event.data.get("to") or event.data.get("priority")
        if priority == Priority.CRITICAL and event.actor != ladder.actor:
            cls._matters(event.ticket_id, "critical", event.created_at)
        elif event.name in ("ticket.created", "customer.confirmed"):
            whose = select(Customer.is_vip).join(Ticket, Ticket.customer_id == Customer.id)
            if db.session.scalar(whose.where(Ticket.id == event.ticket_id, Ticket.is_proven())):
                cls._matters(event.ticket_id, "vip", event.created_at)

    @classmethod
    def raise_for_vip(cls: "type[Escalation]", event: Event) -> None:
        """A customer became a VIP: what he waits for matters from now on. In the order of ids, as all do."""
        customer = db.session.get_one(Customer, event.data["customer"])
        if "is_vip" in event.data["changed"] and customer.is_vip:
            waiting = select(Ticket.id).where(Ticket.customer_id == customer.id, Ticket.is_alive.is_(True))
            for ticket_id in db.session.scalars(waiting.where(Ticket.is_proven()).order_by(Ticket.id)).all():
                cls._matters(ticket_id, "vip", event.created_at)

    @classmethod
    def _matters(cls: "type[Escalation]", ticket_id: int, impact: str, at: datetime) -> None:
        """Once per ticket, for whichever reason came first."""
        ticket = Ticket.for_deed(ticket_id)
        cls.raise_on(
            ticket, "high_impact", cause="high_impact", by=ladder, triggered_at=at, facts={"impact": impact}
        )
