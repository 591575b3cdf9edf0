"""The backlog: tickets that wait for an agent, and are tried again when something changed (AGT-007)."""

import logging
from collections.abc import Iterator
from time import monotonic
from typing import Any

from sqlalchemy import Select, and_, or_, select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User, merchants_of
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.assignment.decision import LOOKS, Decision, Overtaken, worker
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db, transaction
from helpdesk.core.events import Event
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket

log = logging.getLogger(__name__)

BUDGET_SECONDS = 20  # of one run; what is left is the next one's
PAGE = 40  # several workers take from it at the same time
Kind = tuple[Any, ...]  # what rules look at in a ticket; empty for one that is like no other


class Backlog:
    """What waits, nearest due first, then the most important, then the oldest."""

    @classmethod
    def work_off(cls) -> None:
        """Try everything that waits, each ticket in a transaction of its own; none may be open.

        Several workers at once do not wait for each other: a ticket that one of them has is left to him. Of tickets
        that look the same to every rule, one that nobody can have answers for the others.
        """
        until, tried, hopeless = monotonic() + BUDGET_SECONDS, set[int](), set[Kind]()
        while monotonic() < until:
            with transaction():
                page = dict(cls._page(tried))
            if not page:
                return
            tried |= page.keys()
            while monotonic() < until:
                left = [one for one, kind in page.items() if kind not in hopeless]
                # Always as many, so that it is one statement, which the database has prepared.
                ticket_id, is_placed = cls._try_one(left + left[:1] * (PAGE - len(left)))
                if ticket_id is None:
                    break
                kind = page.pop(ticket_id)
                if kind and not is_placed:
                    hopeless.add(kind)

    @classmethod
    def _try_one(cls, ids: list[int], looks: int = 1) -> tuple[int | None, bool]:
        """The first of some, and whether it was placed, or is not to be tried now; None if others have them all.

        Mostly nobody is faster, and one look is enough; it costs less than one that can be taken back.
        """
        ticket_id = None
        try:
            with transaction():
                if ticket := Ticket.waiting(ids):
                    ticket_id = ticket.id
                    Decision.make_for(ticket, looks=looks)
                return ticket_id, ticket is None or ticket.status != Status.OPEN
        except Exception as error:
            if isinstance(error, Overtaken) and looks == 1:
                return cls._try_one(ids, LOOKS)
            log.exception("ticket not assigned", extra={"ticket": ticket_id})
            return ticket_id, True

    @classmethod
    def _page(cls, tried: set[int]) -> Iterator[tuple[int, Kind]]:
        """The next ones with their kind."""
        failed = (
            select(Decision.id).where(Decision.ticket_id == Ticket.id, Decision.chosen_id.is_(None)).exists()
        )
        # Who handed one back does not get it again: such a ticket is like no other.
        moved = (
            select(Event.id).where(Event.ticket_id == Ticket.id, Event.name == "ticket.transitioned").exists()
        )
        looks = (
            Ticket.merchant_id, Ticket.group_id, Ticket.category_id, Ticket.language, Ticket.priority, Ticket.source,
            and_(Customer.is_vip, Ticket.is_proven()),
        )  # fmt: skip
        waiting = select(Ticket.id, failed & ~moved, *looks).join(Customer, Ticket.customer_id == Customer.id)
        waiting = waiting.where(cls.waits(), Ticket.id.not_in(tried) if tried else True)
        ordered = waiting.order_by(*Ticket.in_turn()).limit(PAGE)
        alike = not any(
            {"tags", "amount_from", "amount_to"} & (rule.conditions or {}).keys() for rule in cls._rules()
        )
        for ticket_id, may_be_alike, *kind in db.session.execute(ordered):
            yield ticket_id, tuple(kind) if alike and may_be_alike else ()

    @classmethod
    def _rules(cls) -> list[Rule]:
        return list(db.session.scalars(select(Rule).where(Rule.is_on, Rule.deleted_at.is_(None))))

    @classmethod
    def waits(cls) -> Any:
        """Open tickets without an agent that somebody could have by his merchant, his team and his room."""
        able = cls._able()
        return (
            (Ticket.status == Status.OPEN) & Ticket.assignee_id.is_(None) & Ticket.deleted_at.is_(None)
            & Ticket.merchant_id.in_(merchants_of(able))
            & or_(Ticket.group_id.is_(None), Ticket.group_id.in_(Group.with_some_of(able)))
        )  # fmt: skip

    @classmethod
    def _able(cls) -> Select[tuple[int]]:
        """Users who could take a ticket now."""
        free = Agent.able().where(Agent.availability == "online", Agent.is_on_shift.is_(True))
        return free.where(Agent.load < Agent.cap)

    @classmethod
    def hand_back(cls, user_id: int, *, is_asked: bool) -> None:
        """Take from somebody who has been away for too long what he has not begun, for others (AGT-002).

        To his substitute, if he has one who can have it; else it is open, and routed like a new one. What a person gave
        him stays his (AGT-007), unless he has asked for this himself.
        """
        absent = db.session.get_one(User, user_id)
        agent = Agent.of(user_id)
        if agent is None or agent.is_present:
            return
        untouched = select(Ticket.id).where(Ticket.assignee_id == user_id, Ticket.status == Status.ASSIGNED)
        ids = db.session.scalars(untouched.where(Ticket.deleted_at.is_(None))).all()
        tickets = Ticket.for_deeds(ids)
        Decision.begin()
        for ticket in tickets.values():
            is_his = ticket.assignee_id == user_id and ticket.status == Status.ASSIGNED
            if is_his and (is_asked or Decision.has_placed(ticket)):
                ticket.release(by=worker)
                Decision.hand_on(ticket, absent)
