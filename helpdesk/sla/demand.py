"""A demand: what a version of a policy asks for. Checked here, so that no version is ever made that cannot be kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.hours import Hours
from helpdesk.core.i18n import _
from helpdesk.core.week import WEEK
from helpdesk.core.zone import DAY, SECOND
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import KINDS

PRIORITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
PAUSABLE = ("WAITING_USER", "WAITING_INTERNAL")  # the statuses in which the resolution clock may stand still
MOST_MINUTES = 525_600  # of a target: a year
FARTHEST = 100 * 366 * DAY  # so soon, with the hours of its calendar, every target is used up


@dataclass(frozen=True)
class Demand:
    """Targets, thresholds, what pauses and when it counts; written in one way only, so that two can be compared."""

    targets: dict[str, dict[str, int | None]]  # priority → kind of clock → seconds; None is no target
    warn_percent: int
    critical_percent: int
    pausing_statuses: list[str]
    calendar_id: int | None

    @classmethod
    def of(cls, said: Any) -> "Demand":
        """Of a version, or of the values of a form."""
        value = said.__getitem__ if isinstance(said, Mapping) else lambda name: getattr(said, name)
        targets, statuses = value("targets"), value("pausing_statuses")
        known = [each for each in PAUSABLE if each in statuses]
        return cls(
            {
                priority: {kind: targets.get(priority, {}).get(kind) for kind in KINDS}
                for priority in PRIORITIES
            },
            value("warn_percent"),
            value("critical_percent"),
            known + [each for each in statuses if each not in PAUSABLE],
            value("calendar_id"),
        )

    @property
    def columns(self) -> dict[str, Any]:
        """As a version keeps it."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """A mark by which a form knows that an answer was given to this very demand."""
        return hashlib.sha256(json.dumps(self.columns, sort_keys=True).encode()).hexdigest()[:16]

    def changes_from(self, before: "Demand") -> dict[str, list[Any]]:
        """What is other than before, as events keep it: name → [old, new]."""
        old, new = before.columns, self.columns
        return {name: [old[name], new[name]] for name in new if old[name] != new[name]}

    def check(self, *, kept: "Demand | None" = None) -> None:
        """Raise `Refusal` for what no policy may ask for. A calendar that was archived meanwhile may be kept."""
        seconds = [each for row in self.targets.values() for each in row.values() if each is not None]
        if any(type(each) is not int or each % 60 or not 60 <= each <= 60 * MOST_MINUTES for each in seconds):
            raise Refusal(_("A target is from 1 minute to %(n)s minutes (a year), or empty.", n=MOST_MINUTES))
        if not 1 <= self.warn_percent < self.critical_percent <= 99:
            raise Refusal(
                _(
                    "The warning comes before the critical mark, and both are from 1 to 99 percent of the target."
                )
            )
        if set(self.pausing_statuses) - set(PAUSABLE):
            raise Refusal(_("Only waiting for the customer or for others can pause a deadline."))
        self._check_calendar(kept.calendar_id if kept else None)

    def _check_calendar(self, kept: int | None) -> None:
        if self.calendar_id is None:
            return
        calendar = db.session.get(Calendar, self.calendar_id)
        if calendar is None or (calendar.archived_at and calendar.id != kept):
            raise Refusal(_("Choose one of the calendars in use, or around the clock."))
        self.check_hours(calendar.newest.hours)

    def check_hours(self, hours: Hours) -> None:
        """Raise `Refusal` where a target would not be used up for generations because it is hardly ever open."""
        longest = max((each or 0 for row in self.targets.values() for each in row.values()), default=0)
        if longest * SECOND * WEEK > FARTHEST * hours.week.total:
            raise Refusal(
                _("With so few opening hours, the longest target would take more than a hundred years.")
            )
