"""Candidates, and the strategies that choose one of them: pure functions, nothing is read and nothing written."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Candidate:
    """An agent as he stands at the instant of a decision."""

    user_id: int
    name: str
    load: int
    cap: int
    availability: str
    last_assigned_at: float  # seconds since 1970; 0 is never
    in_group: bool = True  # of the team that the ticket was given to, if it was

    @property
    def passed_over(self) -> str | None:
        """Why he cannot have it: a code that the page puts into words; None if he can."""
        if not self.in_group:
            return "not_in_group"
        if self.availability != "online":
            return f"availability:{self.availability}"
        if self.load >= self.cap:
            return "at_cap"
        return None

    @property
    def share(self) -> float:
        """How full he is, 0 to 1."""
        return self.load / self.cap if self.cap else 1.0

    def as_kept(self) -> dict[str, Any]:
        """How the decision keeps him: enough to choose again and come to the same result."""
        return asdict(self) | {"passed_over": self.passed_over}


def load_balanced(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Least loaded relative to his cap first. Ties: longest since last assigned, then id."""
    return sorted(candidates, key=lambda c: (c.share, c.last_assigned_at, c.user_id))


STRATEGIES: dict[str, Callable[[Sequence[Candidate]], list[Candidate]]] = {"load_balanced": load_balanced}
