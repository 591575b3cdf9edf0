"""The conditions of a rule: pure questions about the facts of a ticket (AGT-005)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from helpdesk.assignment.facts import Facts
from helpdesk.core.hours import Hours
from helpdesk.core.week import DAYS


@dataclass(frozen=True)
class Conditions:
    """What a rule keeps: `{"categories": [id], "priorities": [name], "languages": [code], "tags": [id],
    "sources": [name], "vip": true, "amount_from": "100.00", "amount_to": "999.99",
    "time": {"zone": name, "from": "18:00", "to": "08:00", "days": ["mon"]}}`.

    All that are there must hold; of a list one is enough. A category means its whole branch. Nothing: every ticket.
    """

    kept: dict[str, Any]

    def failing(self, facts: Facts) -> str | None:
        """The first condition that does not hold, by its key; None if all do."""
        return next((name for name, holds in self._answers(facts) if not holds), None)

    @property
    def about_tags(self) -> bool:
        """Whether tags matter; they are read only then."""
        return bool(self.kept.get("tags"))

    def _answers(self, facts: Facts) -> Iterator[tuple[str, bool]]:
        kept = self.kept
        for name, values in (
            ("categories", set(facts.categories)), ("priorities", {facts.priority}), ("languages", {facts.language}),
            ("tags", facts.tags), ("sources", {facts.source}),
        ):  # fmt: skip
            if kept.get(name):
                yield name, not values.isdisjoint(kept[name])
        if kept.get("vip"):
            yield "vip", facts.is_vip
        if kept.get("amount_from"):
            yield "amount_from", facts.amount is not None and facts.amount >= Decimal(kept["amount_from"])
        if kept.get("amount_to"):
            yield "amount_to", facts.amount is not None and facts.amount <= Decimal(kept["amount_to"])
        if kept.get("time"):
            yield "time", self._is_time(facts.at)

    def _is_time(self, at: datetime) -> bool:
        return bool(self.hours.elapsed(at, at + timedelta(seconds=1)))

    @cached_property
    def hours(self) -> Hours:
        """The time of day: from one time to another, past midnight if the second is earlier, on some days or on all."""
        time = self.kept["time"]
        return Hours.of(time["zone"], {day: [[time["from"], time["to"]]] for day in time.get("days") or DAYS})
