"""A figure: one of the five that say how an agent does, out of counts and sums. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.core.i18n import lazy

DIGITS = {"count": 0, "time": 0, "share": 3, "stars": 1}  # what is smaller than this is no change


@dataclass(frozen=True)
class Change:
    """How much more or less it is than before, and whether that is better; None: neither."""

    size: float
    is_more: bool
    is_better: bool | None


@dataclass(frozen=True)
class Figure:
    """A part over a whole, or with no whole the part itself. `unit` says how it is read: count, time, share or stars.

    `rises`: whether more of it is better; None where it is neither.
    """

    key: str
    label: Any
    unit: str
    part: str
    whole: tuple[str, ...]
    rises: bool | None = None
    top: float | None = None  # the highest there is

    def of(self, sums: Mapping[str, int]) -> float | None:
        """Its value; None where nothing was measured, which is not zero."""
        part = sums.get(self.part, 0)
        if not self.whole:
            return part
        whole = self.basis(sums)
        return part / whole if whole else None

    def basis(self, sums: Mapping[str, int]) -> int:
        """How many were measured."""
        return sum(sums.get(name, 0) for name in self.whole or (self.part,))

    def change(self, now: Mapping[str, int], before: Mapping[str, int]) -> Change | None:
        """Against another period; None where one of both has no value."""
        values = self.of(now), self.of(before)
        if values[0] is None or values[1] is None:
            return None
        size = round(values[0], DIGITS[self.unit]) - round(values[1], DIGITS[self.unit])
        is_better = None if not size or self.rises is None else (size > 0) == self.rises
        return Change(round(abs(size), DIGITS[self.unit]), size > 0, is_better)


FIGURES = (
    Figure("handled", lazy("Tickets handled"), "count", "handled", ()),
    Figure(
        "response", lazy("Average first response"), "time", "response_seconds", ("responses",), rises=False
    ),
    Figure(
        "resolution", lazy("Average resolution"), "time", "resolution_seconds", ("resolutions",), rises=False
    ),
    Figure("compliance", lazy("SLA compliance"), "share", "kept", ("kept", "broken"), rises=True, top=1),
    Figure("satisfaction", lazy("Satisfaction"), "stars", "rating_sum", ("ratings",), rises=True, top=5),
)
WALL = {  # the same by the clock on the wall
    "response": Figure("response_wall", "", "time", "response_wall_seconds", ("responses",)),
    "resolution": Figure("resolution_wall", "", "time", "resolution_wall_seconds", ("resolutions",)),
}
