"""A chart: bars of one figure, in per cent of the drawing's width and height, so that it fits every screen. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from helpdesk.reports.figure import Figure
from helpdesk.reports.performance import Stretch

FILLED = 0.72  # of a bar's place; the rest is the gap to the next
LEAST = 1.5  # so that a bar of nothing is seen to be one, and a gap to be none


class Bar(NamedTuple):
    """One bar; its place and size in per cent."""

    first: date
    last: date
    value: float
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Chart:
    """A figure over some stretches of days. Where nothing was measured there is no bar."""

    figure: Figure
    first: date
    last: date
    bars: Sequence[Bar]

    @classmethod
    def of(cls, figure: Figure, stretches: Sequence[Stretch]) -> "Chart":
        """Draw it."""
        values = [figure.of(stretch.sums) for stretch in stretches]
        top = figure.top or max((value for value in values if value), default=0) or 1
        pitch = 100 / len(stretches)
        bars = []
        for place, (stretch, value) in enumerate(zip(stretches, values, strict=True)):
            if value is None or (figure.unit == "count" and not value):
                continue
            height = max(100 * value / top, LEAST)
            box = (pitch * (place + (1 - FILLED) / 2), 100 - height, pitch * FILLED, height)
            bars.append(Bar(stretch.first, stretch.last, value, *(f"{n:.2f}%" for n in box)))
        return cls(figure, stretches[0].first, stretches[-1].last, bars)

    @property
    def lowest(self) -> float:
        """The smallest value that was measured."""
        return min(bar.value for bar in self.bars)

    @property
    def highest(self) -> float:
        """The largest value."""
        return max(bar.value for bar in self.bars)
