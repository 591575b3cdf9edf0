"""A sheet: figures as a CSV file for a spreadsheet. Pure.

Numbers are plain: seconds, counts, per cent with a point. Where nothing was measured the cell is empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from helpdesk.core.i18n import _
from helpdesk.core.spreadsheet import as_csv
from helpdesk.reports.figure import FIGURES, WALL
from helpdesk.reports.performance import Performance


class Sheet:
    """Rows of cells under headings."""

    def __init__(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.headings, self.rows = headings, rows

    @classmethod
    def of_agents(cls, performance: Performance) -> "Sheet":
        """One line for each agent."""
        rows = ([agent.name, *_cells(sums)] for agent, sums in performance.rows)
        return cls([_("Agent"), *_headings()], rows)

    @classmethod
    def of_days(cls, performance: Performance) -> "Sheet":
        """One line for each day."""
        rows = ([stretch.first.isoformat(), *_cells(stretch.sums)] for stretch in performance.days)
        return cls([_("Day"), *_headings()], rows)

    @property
    def text(self) -> str:
        """The file."""
        return as_csv(self.headings, self.rows)


def _headings() -> list[str]:
    return [
        _("Tickets handled"), _("First responses"), _("Average first response (seconds)"),
        _("Average first response (seconds, closed hours included)"), _("Resolutions"),
        _("Average resolution (seconds)"), _("Average resolution (seconds, closed hours included)"),
        _("Promises kept"), _("Promises broken"), _("SLA compliance (%)"), _("Ratings"), _("Satisfaction (1 to 5)"),
    ]  # fmt: skip


def _cells(sums: Mapping[str, int]) -> list[Any]:
    handled, response, resolution, compliance, satisfaction = (figure.of(sums) for figure in FIGURES)
    walls = {key: figure.of(sums) for key, figure in WALL.items()}
    n = {name: sums.get(name, 0) for name in ("responses", "resolutions", "kept", "broken", "ratings")}
    return [
        handled, n["responses"], _whole(response), _whole(walls["response"]), n["resolutions"], _whole(resolution),
        _whole(walls["resolution"]), n["kept"], n["broken"],
        "" if compliance is None else round(100 * compliance, 1), n["ratings"],
        "" if satisfaction is None else round(satisfaction, 2),
    ]  # fmt: skip


def _whole(seconds: float | None) -> int | str:
    return "" if seconds is None else round(seconds)
