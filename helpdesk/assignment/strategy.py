"""The strategies (AGT-006): pure functions over candidates. Nothing is read and nothing written.

Each puts those who can have a ticket in order, the best first. Every order ends with the same two tie-breakers: longest
since last assigned, then id. So it is total, and does not depend on the order of asking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.assignment.candidate import Candidate
from helpdesk.core.i18n import lazy

Key = Callable[[Candidate], tuple[float, ...]]


@dataclass(frozen=True)
class Strategy:
    """A way to choose: what it is called, and what it compares, smallest first."""

    name: str
    label: Any
    sentence: Any
    key: Key

    def order(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those who can have it, the best first."""
        eligible = [one for one in candidates if one.passed_over is None]
        return sorted(eligible, key=lambda one: (*self.key(one), one.last_assigned_at, one.user_id))


_ALL = (
    Strategy(
        "round_robin", lazy("In turn"),
        lazy("Each in turn: whoever has waited for longest since his last turn with this rule."),
        lambda one: (one.turn,),
    ),
    Strategy(
        "load_balanced", lazy("Least loaded"),
        lazy("Whoever has the most room, measured by how many tickets he can carry."),
        lambda one: (one.share,),
    ),
    Strategy(
        "skill_based", lazy("Best skilled"),
        lazy("Whoever is best at what is asked for; among equals, the least loaded."),
        lambda one: (-one.fit, one.share),
    ),
    Strategy(
        "language_first", lazy("Language first"),
        lazy("Whoever speaks the customer's language; then the least loaded."),
        lambda one: (not one.speaks, one.share),
    ),
    Strategy(
        "longest_idle", lazy("Longest idle"),
        lazy("Whoever has waited for longest since a ticket came to him or left him."),
        lambda one: (one.idle_since,),
    ),
    Strategy(
        "last_agent", lazy("Last agent of the customer"),
        lazy("Whoever helped this customer last, or his substitute; then the least loaded."),
        lambda one: (-one.served_at, one.share),
    ),
    Strategy(
        "best_record", lazy("Best SLA record"),
        lazy("Whoever kept the greatest part of his promises in the last 30 days; then the least loaded."),
        lambda one: (-one.record, one.share),
    ),
    Strategy(
        "fixed", lazy("A certain agent"), lazy("One person, or while he is away whoever stands in for him."),
        lambda one: (one.place,),
    ),
)  # fmt: skip
STRATEGIES = {strategy.name: strategy for strategy in _ALL}
