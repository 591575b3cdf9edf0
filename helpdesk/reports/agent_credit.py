"""A credit: what was counted for an agent on a ticket, so that it is counted once and can be taken back.

Every reaction settles the whole ticket: what should count is read from the ticket itself (`Merit`), compared with the
credits that are there, and the difference goes into the days of the agents. So it does not matter how often, how late
or in which order events are heard.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, or_, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.user import User
from helpdesk.agents.agent_day import AMOUNTS, AgentDay, Amounts, Counted, day_of
from helpdesk.core.db import BigId, Id, Model, db, transaction
from helpdesk.core.events import Event, Robot, record
from helpdesk.core.i18n import lazy
from helpdesk.core.tenancy import Tenanted
from helpdesk.reports.merit import READ, Line, Log, Merit
from helpdesk.tickets.ticket import Ticket

log = logging.getLogger(__name__)
checker = Robot("performance check", lazy("The check of the figures"))

Place = tuple[int, int, date]  # agent, merchant, day
Changes = dict[Place, dict[str, int]]


class AgentCredit(Counted, Tenanted, Model):
    """One thing on one ticket and for whom it counts, and when. One that was taken back counts nothing."""

    __tablename__ = "agent_credits"
    __table_args__ = (UniqueConstraint("ticket_id", "what"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    what: Mapped[str] = mapped_column(
        String(40)
    )  # first_response, resolution, rating, handled:<user>, clock:<id>
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    at: Mapped[datetime]
    day: Mapped[date]  # where the agent was when it was counted; it stays if he moves

    @classmethod
    def hear(cls, events: Sequence[Event]) -> None:
        """Something happened on these tickets. What a customer writes counts for nobody."""
        cls.settle(
            event.ticket_id for event in events
            if event.ticket_id and (event.name != "ticket.replied" or event.actor["kind"] == "user")
        )  # fmt: skip

    @classmethod
    def settle(cls, ticket_ids: Iterable[int]) -> None:
        """Count on these tickets what is to be counted now, no more and no less. Twice changes nothing."""
        tickets = Ticket.for_deeds(ticket_ids)
        logs, credits = _logs(tickets), cls._on(tickets)
        merits = {id_: Merit.all_on(ticket, logs[id_]) for id_, ticket in tickets.items()}
        zones = _zones({merit.user_id for found in merits.values() for merit in found})
        changes: Changes = defaultdict(lambda: defaultdict(int))
        for id_, found in merits.items():
            wanted = {merit.what: merit for merit in found}
            for what in sorted(wanted.keys() | credits[id_].keys()):
                credit = credits[id_].get(what) or cls._new(tickets[id_], what)
                credit._become(wanted.get(what), zones, changes)
        _apply(changes)

    @classmethod
    def _new(cls, ticket: Ticket, what: str) -> "AgentCredit":
        return cls(
            ticket_id=ticket.id, merchant_id=ticket.merchant_id, what=what, **dict.fromkeys(AMOUNTS, 0)
        )

    @classmethod
    def _on(cls, ticket_ids: Iterable[int]) -> "dict[int, dict[str, AgentCredit]]":
        found: dict[int, dict[str, AgentCredit]] = defaultdict(dict)
        own = select(cls).where(cls.ticket_id.in_(ticket_ids)).execution_options(populate_existing=True)
        for credit in db.session.scalars(own):
            found[credit.ticket_id][credit.what] = credit
        return found

    def _become(self, merit: Merit | None, zones: Mapping[int, str], changes: Changes) -> None:
        """Count this merit, or None, instead of what it counted; the difference goes to `changes`."""
        before = self.amounts
        after = merit.amounts if merit else {}
        is_same = merit is None or (merit.user_id, merit.at) == (self.user_id, self.at)
        if is_same and before == {name: n for name, n in after.items() if n}:
            return
        if before:
            self._note(changes, before, -1)
        if merit and not is_same:
            self.user_id, self.at, self.day = merit.user_id, merit.at, day_of(zones[merit.user_id], merit.at)
        for name in AMOUNTS:
            setattr(self, name, after.get(name, 0))
        if after:
            self._note(changes, after, 1)
        db.session.add(self)

    def _note(self, changes: Changes, amounts: Amounts, sign: int) -> None:
        for name, amount in amounts.items():
            changes[self.user_id, self.merchant_id, self.day][name] += sign * amount

    # The check -------------------------------------------------------------------------------------------------

    @classmethod
    def check_all(cls) -> None:
        """Compare the days of every agent with his credits. Each is a transaction of its own; none may be open."""
        with transaction():
            ids = db.session.scalars(select(User.id).order_by(User.id)).all()
        for user_id in ids:
            with transaction():
                cls.check(user_id)

    @classmethod
    def check(cls, user_id: int) -> None:
        """Put right where an agent's days are not the sum of his credits, and say so: it must not happen."""
        found = {(user_id, merchant_id, day): wrong for merchant_id, day, wrong in cls._drift(user_id)}
        if not found:
            return
        _apply(found)
        log.warning("figures of an agent were wrong", extra={"agent": user_id, "days": len(found)})
        agent = db.session.get_one(User, user_id)
        told = {"id": user_id, "name": agent.name}
        record("performance.corrected", on=None, by=checker, agent=told, days=len({day for *_, day in found}))

    @classmethod
    def _drift(cls, user_id: int) -> Iterator[tuple[int, date, Amounts]]:
        """What is missing on which of an agent's days, in one statement: it sees both sides at one instant."""
        sides = [
            select(side.merchant_id, side.day, *((sign * getattr(side, name)).label(name) for name in AMOUNTS))
            .where(side.user_id == user_id)
            for side, sign in ((cls, 1), (AgentDay, -1))
        ]  # fmt: skip
        both = union_all(*sides).subquery()
        sums = [func.sum(both.c[name]) for name in AMOUNTS]
        wrong = select(both.c.merchant_id, both.c.day, *sums).group_by(both.c.merchant_id, both.c.day)
        for merchant_id, day, *numbers in db.session.execute(
            wrong.having(or_(*(n != 0 for n in sums)))
        ).all():
            missing = {name: int(n) for name, n in zip(AMOUNTS, numbers, strict=True) if n}
            yield merchant_id, day, missing


def _apply(changes: Mapping[Place, Mapping[str, int]]) -> None:
    """In the order of places, so that two who count at once do not wait for each other."""
    for user_id, merchant_id, day in sorted(changes):
        amounts = {name: n for name, n in changes[user_id, merchant_id, day].items() if n}
        if amounts:
            AgentDay.add(user_id, merchant_id, day, **amounts)


def _logs(ticket_ids: Iterable[int]) -> dict[int, Log]:
    """What the log says of each ticket, in the order in which it happened: deeds on one ticket wait for each other."""
    columns: tuple[Any, ...] = (Event.ticket_id, Event.name, Event.actor, Event.data, Event.created_at)
    told = select(*columns).where(Event.ticket_id.in_(ticket_ids), Event.name.in_(READ))
    found: dict[int, list[Line]] = defaultdict(list)
    for ticket_id, *line in db.session.execute(told.order_by(Event.ticket_id, Event.id)):
        found[ticket_id].append(Line(*line))
    return found  # type: ignore[return-value]


def _zones(user_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(select(User.id, User.time_zone).where(User.id.in_(user_ids)))
    return dict(rows.all())
