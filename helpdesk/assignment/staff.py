"""The agents of a merchant as they stand now, and whom a rule can choose from among them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_day import AgentDay
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.availability import ABSENT
from helpdesk.agents.group import Group
from helpdesk.assignment.candidate import Candidate, Lack
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule import Rule, Turn
from helpdesk.core.db import db, holding, holds_everything
from helpdesk.tickets.ticket import Ticket

RECORD = timedelta(days=30)  # how far back promises count
HELD = "assigned"  # agents to whom a transaction is giving a ticket
SEEN = (
    Agent.user_id, User.name, Agent.load, Agent.cap, Agent.availability, Agent.is_on_shift, Agent.shift_changes_at,
    Agent.chosen, Agent.languages, Agent.last_assigned_at, Agent.idle_since,
)  # fmt: skip


@cache  # it is built far more slowly than it is answered
def _workers(seen: tuple[Any, ...]) -> Select[Any]:
    people = workers_of(bindparam("merchant")).with_only_columns(User.id)
    found = select(*seen).join(User, User.id == Agent.user_id)
    found = found.where(Agent.user_id.in_(people), Agent.relieved_at.is_(None))
    return found.order_by(Agent.user_id)


@cache
def _held(seen: tuple[Any, ...]) -> Select[Any]:
    own = select(*seen, holding(HELD, Agent.user_id).label("is_held")).join(User, User.id == Agent.user_id)
    return own.where(Agent.user_id == bindparam("user"))


def line_of(user_id: int, substitutes: Mapping[int, int | None]) -> list[int]:
    """Somebody, his substitute, that one's substitute, and so on; whom the line comes back to ends it."""
    line: list[int] = []
    at: int | None = user_id
    while at is not None and at not in line:
        line.append(at)
        at = substitutes.get(at)
    return line


@dataclass
class Staff:
    """Active agents of the merchant that a ticket is of. Read once; ask a new one for a new look."""

    seen: ClassVar[tuple[Any, ...]] = SEEN  # what is read of everybody
    facts: Facts
    # Whom another worker is giving a ticket just now: they are seen as they are with it.
    getting: set[int] = field(default_factory=set, init=False)

    @cached_property
    def agents(self) -> dict[int, Any]:
        """By user, as the database has them now: plain columns, for there may be hundreds, and it is often asked."""
        rows = db.session.execute(_workers(self.seen), {"merchant": self.facts.merchant_id})
        found: dict[int, Any] = {row.user_id: row for row in rows}
        if carrier := found.get(self.facts.carried_by or 0):  # the rules are tried as if he did not have it
            found[carrier.user_id] = SimpleNamespace(**dict(carrier._mapping) | {"load": carrier.load - 1})
        return found

    def hold(self, user_id: int) -> bool:
        """Have an agent to oneself until this transaction ends: workers that look at once would choose the same one.

        False if he is not as he was seen any more, or another worker has him: he is seen so from now on.
        """
        if holds_everything():
            return True
        now = db.session.execute(_held(self.seen), {"user": user_id}).one()
        if not now.is_held:
            self.getting.add(user_id)
            return False
        seen, self.agents[user_id] = self.agents[user_id], now
        return tuple(seen[: len(self.seen)]) == tuple(now[: len(self.seen)])

    @cached_property
    def _substitutes(self) -> dict[int, int | None]:
        """Of everybody in the organizer: a line may lead through somebody who works for another merchant."""
        rows = db.session.execute(
            select(Agent.user_id, Agent.substitute_id).where(Agent.substitute_id.is_not(None))
        )
        return dict(rows.all())

    def members(self, group_id: int) -> frozenset[int]:
        """Who belongs to a group."""
        return frozenset(db.session.scalars(Group.member_ids(group_id)))

    def stand_in(self, user_id: int) -> tuple[int, int] | None:
        """Who takes the place of an absent colleague: the first in his line who is present, and how far down it is."""
        for place, one in enumerate(line_of(user_id, self._substitutes)):
            if one in self.agents and self.stand(self.agents[one]).is_present:
                return one, place
        return None

    def stand(self, agent: Any) -> "Stand":
        """How available somebody is, as his profile has it."""
        back_at = None if agent.is_on_shift else agent.shift_changes_at
        by_leave = not agent.is_on_shift and agent.chosen is None and agent.availability == "away"
        return Stand(agent.availability, agent.is_on_shift, back_at, by_leave)

    def for_rule(self, rule: Rule) -> list[Candidate]:
        """Everybody, as this rule sees him."""
        return list(Look(self, rule).candidates())


class Stand(NamedTuple):
    """How available somebody is."""

    availability: str
    is_on_shift: bool
    back_at: datetime | None  # when his next shift begins; None: not known, or he is on shift
    is_on_leave: bool  # that is why he is off shift, as far as the schedule alone says how available he is

    @property
    def is_present(self) -> bool:
        """Whether he is at work; otherwise a substitute stands in for him."""
        return self.availability not in ABSENT and self.is_on_shift


class Look:
    """One rule's look at the staff."""

    def __init__(self, staff: Staff, rule: Rule) -> None:
        self.staff, self.rule, self.facts = staff, rule, staff.facts
        self.wanted = rule.wanted_skills(self.facts)
        self.levels = AgentSkill.levels(self.wanted)
        self.pool, self.places, self.standing_in = self._whom()
        team = self.facts.group_id
        self.team = staff.members(team) if team else None
        self.turns = Turn.taken(rule.id) if rule.strategy == "round_robin" else {}
        self.served = self._served() if rule.strategy == "last_agent" else {}
        self.records = self._records() if rule.strategy == "best_record" else {}

    def _whom(self) -> tuple[Collection[int], dict[int, int], dict[int, str]]:
        """Whom it is about, with the places in a line and those whom somebody stands in for."""
        asked, staff = self.rule.candidates, self.staff
        if self.rule.strategy == "fixed":
            named, group = {asked["fixed"]} if asked.get("fixed") else set(), None
        else:
            named, group = set(asked.get("users") or ()), asked.get("group")
        if not named and self.rule.strategy != "fixed":
            return (staff.members(group) if group else staff.agents.keys()), {}, {}
        pool, places, standing_in = set(named), {}, {}
        for user_id in sorted(named):
            found = staff.stand_in(user_id)
            if found and found[0] != user_id and found[0] not in named:
                stand_in, place = found
                pool.add(stand_in)
                places[stand_in] = place
                standing_in[stand_in] = self._name(user_id)
        return pool | (staff.members(group) if group else set()), places, standing_in

    def _name(self, user_id: int) -> str:
        user = self.staff.agents.get(user_id) or db.session.get(User, user_id)
        return user.name if user else ""

    def _records(self) -> dict[int, tuple[int, int]]:
        return AgentDay.records(list(self.staff.agents), (self.facts.at - RECORD).date())

    def _served(self) -> dict[int, float]:
        """User → when he last had a ticket of this customer; an absent one's is his substitute's."""
        if self.facts.customer_id is None:
            return {}
        before = select(Ticket.assignee_id, func.max(Ticket.assigned_at)).where(
            Ticket.customer_id == self.facts.customer_id, Ticket.assignee_id.is_not(None),
            Ticket.id != (self.facts.ticket_id or 0), Ticket.deleted_at.is_(None),
        )  # fmt: skip
        found: dict[int, float] = {}
        for user_id, at in db.session.execute(before.group_by(Ticket.assignee_id)):
            stand_in = self.staff.stand_in(user_id)
            heir = stand_in[0] if stand_in else user_id
            if heir != user_id:
                self.standing_in[heir] = self._name(user_id)
            found[heir] = max(at.timestamp(), found.get(heir, 0.0))
        return found

    def candidates(self) -> Iterator[Candidate]:
        """One after another, in the order of ids."""
        language, insists = self.facts.language, self.rule.candidates.get("language")
        for user_id, agent in self.staff.agents.items():
            speaks = language in agent.languages
            lacks, fit = self._skills(user_id) if self.wanted else ((), 0)
            kept, broken = self.records.get(user_id, (0, 0))
            stand, gets = self.staff.stand(agent), user_id in self.staff.getting
            last_at, idle_since = [self.facts.at] * 2 if gets else (agent.last_assigned_at, agent.idle_since)
            yield Candidate(
                user_id, agent.name, agent.load + gets, agent.cap, stand.availability,
                last_at.timestamp() if last_at else 0.0,
                in_group=self.team is None or user_id in self.team, in_pool=user_id in self.pool,
                on_shift=stand.is_on_shift, on_leave=stand.is_on_leave,
                back_at=stand.back_at.isoformat() if stand.back_at else None,
                handed_back=user_id in self.facts.handed_back_by, lacks=lacks,
                needs_language=language if insists and not speaks else None, speaks=speaks, fit=fit,
                turn=self.turns.get(user_id, 0), idle_since=idle_since.timestamp() if idle_since else 0.0,
                served_at=self.served.get(user_id, 0.0), kept=kept, broken=broken,
                place=self.places.get(user_id, 0), stands_in_for=self.standing_in.get(user_id),
            )  # fmt: skip

    def _skills(self, user_id: int) -> tuple[tuple[Lack, ...], int]:
        """What he lacks of what is asked for, and the sum of his levels in it."""
        has = {skill_id: self.levels.get((user_id, skill_id), 0) for skill_id in self.wanted}
        lacks = (Lack(id_, least, has[id_]) for id_, least in self.wanted.items() if has[id_] < least)
        return tuple(lacks), sum(has.values())
