"""A dry run: what the rules would do with a ticket, at this or another instant. Nothing is written, nothing locked."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.availability import known_zone
from helpdesk.agents.leave import Leave
from helpdesk.agents.shift import Shift
from helpdesk.assignment.candidate import Candidate
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.reasons import CONDITION_NAMES, Reasons, Row
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.staff import SEEN, Staff, Stand
from helpdesk.assignment.trial import Trial
from helpdesk.core.db import db
from helpdesk.core.i18n import _


@dataclass
class StaffAt(Staff):
    """The staff as it will stand, or stood, at another instant, as far as that can be known.

    Shifts and leave are those of that instant. A choice by hand stays as it is now, unless it ends before; who has made
    none is as available as his schedule says. What everybody carries is as now.
    """

    seen = (*SEEN, Agent.schedule, Agent.chosen_until, User.time_zone)
    at: datetime

    @cached_property
    def _leave(self) -> dict[int, list[tuple[date, date]]]:
        """User → his days of leave that are not over at that instant, wherever on earth he is."""
        ahead = select(Leave.user_id, Leave.first_day, Leave.last_day).where(
            Leave.user_id.in_(self.agents), Leave.cancelled_at.is_(None),
            Leave.last_day >= self.at.date() - timedelta(days=1),
        )  # fmt: skip
        found: dict[int, list[tuple[date, date]]] = defaultdict(list)
        for user_id, first, last in db.session.execute(ahead):
            found[user_id].append((first, last))
        return found

    def stand(self, agent: Any) -> Stand:
        """By his schedule, his leave and what he chose."""
        shift = Shift.of(known_zone(agent.time_zone), agent.schedule, self._leave.get(agent.user_id, ()))
        is_on = shift.is_on(self.at)
        chosen = None if agent.chosen_until and agent.chosen_until <= self.at else agent.chosen
        off = "away" if shift.is_on_leave(self.at) else "offline"
        by_schedule = "online" if is_on else off
        back_at = None if is_on else shift.begins_at(self.at)
        return Stand(chosen or by_schedule, is_on, back_at, off == "away")


class Line(NamedTuple):
    """One rule of the order: what became of it, in words; the candidates where it came to choosing."""

    rule: Rule
    state: str  # won, passed, nobody, off, later
    why: str
    rows: list[Row]


@dataclass(frozen=True)
class DryRun:
    """What the rules would do with these facts."""

    facts: Facts
    rules: list[Rule]
    trial: Trial

    @classmethod
    def of(cls, facts: Facts, *, at: datetime | None = None) -> "DryRun":
        """Now, with everybody as his profile has him, as the worker does it; or at another instant."""
        facts = replace(facts, at=at) if at else facts
        rules = Rule.all_in_order()
        staff = StaffAt(facts, at) if at else Staff(facts)
        return cls(facts, rules, Trial.of(facts, [rule for rule in rules if rule.is_on], staff))

    @property
    def best(self) -> Candidate | None:
        """Who would get it."""
        return self.trial.best

    @cached_property
    def lines(self) -> list[Line]:
        """Every rule in its order."""
        passed = {each["rule"]: each["why"] for each in self.trial.passes}
        return [self._line(rule, passed.get(rule.id)) for rule in self.rules]

    def _line(self, rule: Rule, why: str | None) -> Line:
        if not rule.is_on:
            return Line(rule, "off", _("switched off"), [])
        if why:
            looked = self._rows(rule, None) if why == "nobody" else []
            return Line(rule, "nobody" if why == "nobody" else "passed", str(CONDITION_NAMES[why]), looked)
        if rule is self.trial.rule and self.best:
            return Line(rule, "won", _("chooses"), self._rows(rule, self.best.user_id))
        return Line(rule, "later", _("not asked any more"), [])

    def _rows(self, rule: Rule, chosen_id: int | None) -> list[Row]:
        return Reasons(self.trial.looks[rule.id], chosen_id).rows
