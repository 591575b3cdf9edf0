"""Performance: the figures of some agents over a period, put together from their days. Reads only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from helpdesk.accounts.user import User
from helpdesk.agents.agent_day import AgentDay, Amounts
from helpdesk.core.name_order import place
from helpdesk.reports.figure import FIGURES
from helpdesk.reports.scope import Scope

WEEK = 7  # days that are drawn as one where single ones would be too thin


class Stretch(NamedTuple):
    """Some days in a row and their sums."""

    first: date
    last: date
    sums: Mapping[str, int]


@dataclass(frozen=True)
class Performance:
    """The sums of each agent and of each day in the period, and of all together in the period before."""

    scope: Scope
    agents: Sequence[User]
    by_agent: dict[int, Amounts]
    by_day: dict[date, Amounts]
    before: Mapping[str, int]
    today: date

    @classmethod
    def of(cls, agents: Sequence[User], scope: Scope, today: date) -> "Performance":
        """Ask for the sums of these agents; each day is the agent's own, `today` is where they are drawn to."""
        merchant_id = scope.merchant.id if scope.merchant else None
        since = {agent.id: scope.since(agent) for agent in agents}
        earlier = {id_: day - timedelta(days=scope.days) for id_, day in since.items()}
        by_agent = AgentDay.by_agent(since, merchant_id)
        before = Counter(_sum(AgentDay.by_agent(earlier, merchant_id).values()))
        before.subtract(_sum(by_agent.values()))
        return cls(scope, agents, by_agent, AgentDay.by_day(since, merchant_id), before, today)

    @property
    def total(self) -> Mapping[str, int]:
        """All agents together."""
        return _sum(self.by_agent.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not any(self.total.values())

    @property
    def rows(self) -> list[tuple[User, Mapping[str, int]]]:
        """Each agent with his sums, in the order of the scope; who has no such figure comes last."""
        rows: list[tuple[User, Mapping[str, int]]] = [(a, self.by_agent.get(a.id, {})) for a in self.agents]
        rows.sort(key=lambda row: (place(row[0].name), row[0].id))
        key, is_reversed = self.scope.order.removeprefix("-"), self.scope.order.startswith("-")
        figure = {figure.key: figure for figure in FIGURES}.get(key)
        if figure is None:
            return rows[::-1] if is_reversed else rows
        valued = [(figure.of(sums), (agent, sums)) for agent, sums in rows]
        measured = [(value, row) for value, row in valued if value is not None]
        measured.sort(key=lambda pair: pair[0], reverse=is_reversed)
        return [row for _, row in measured] + [row for value, row in valued if value is None]

    @property
    def first_day(self) -> date:
        """Where the period begins."""
        return self.today - timedelta(days=self.scope.days - 1)

    @property
    def days(self) -> list[Stretch]:
        """Every day of the period, also those without anything."""
        return self._cut(1)

    @property
    def stretches(self) -> list[Stretch]:
        """What is drawn as one bar each: days, or weeks that end today where there are many."""
        return self._cut(1 if self.scope.days <= 31 else WEEK)

    def _cut(self, size: int) -> list[Stretch]:
        """Cut the period from its end. An agent's day may be one before or after the page's: it goes to the edge."""
        count = -(-self.scope.days // size)
        sums: list[Counter[str]] = [Counter() for _ in range(count)]
        for day, amounts in self.by_day.items():
            place = (self.today - day).days // size
            sums[min(max(place, 0), count - 1)].update(amounts)
        ends = [self.today - timedelta(days=place * size) for place in range(count)]
        firsts = [max(end - timedelta(days=size - 1), self.first_day) for end in ends]
        return [Stretch(*parts) for parts in zip(firsts, ends, sums, strict=True)][::-1]


def _sum(many: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for each in many:
        found.update(each)
    return found
