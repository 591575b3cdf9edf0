"""The account of a clock: each stretch from its start to its end, whether it counts, and why (SLA-011).

Pure: it reads the clock with its pauses and the tracker with its measures, and asks the same `Hours` as the clock did,
so what it adds up is what the clock has counted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from helpdesk.core.zone import SECOND
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import KINDS, Clock
from helpdesk.sla.measure import Measure
from helpdesk.sla.policy import PolicyVersion
from helpdesk.sla.tracker import Tracker

Names = tuple[tuple[str, str], ...]  # English, Vietnamese
Eras = list[tuple[datetime | None, Measure | Tracker]]  # since when a clock is measured by what
MICROSECOND = timedelta(microseconds=1)
MOST_NAMED_DAYS = 40  # of one stretch of days off
TOLERANCE = 0.001  # seconds; a clock keeps fractions as floats


@dataclass(frozen=True)
class Change:
    """Other targets, another policy or calendar from an instant on."""

    clock: Clock
    before: Measure
    after: Measure | Tracker

    @property
    def is_kept(self) -> bool:
        """Whether the promise was broken already: its target stays."""
        return bool(self.clock.breached_at and self.clock.breached_at < self.before.to_at)

    @property
    def targets(self) -> tuple[int | None, int | None]:
        """Before and after, in seconds; None is no promise."""
        both = (self.before, self.before if self.is_kept else self.after)
        before, after = (each.version.target(each.priority, self.clock.kind) for each in both)
        return before, after


@dataclass(frozen=True)
class Line:
    """One stretch, [start, end), or the instant of a change."""

    start: datetime
    end: datetime
    reason: str  # open, closed, holiday, paused, changed; summed: several
    detail: str = ""  # of a pause: the status in which the clock stands, or DELETED
    is_late: bool = False  # after the clock was due
    total: int = 0  # microseconds counted up to its end
    names: Names = ()  # of the days off
    change: Change | None = None

    @property
    def is_counted(self) -> bool:
        """Whether the clock ran."""
        return self.reason == "open"

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start).total_seconds()

    @property
    def total_seconds(self) -> float:
        """What the clock has counted at its end."""
        return self.total / SECOND

    def goes_on_in(self, other: Line) -> bool:
        """Whether another line says the same and follows at once."""
        same = (self.reason, self.detail, self.is_late) == (other.reason, other.detail, other.is_late)
        return same and self.end == other.start and self.reason != "changed"


@dataclass(frozen=True)
class Account:
    """The lines of one clock from its start to its end, and what they add up to."""

    clock: Clock
    measure: Measure | Tracker  # what it is measured by at its end
    now: datetime
    start: datetime
    end: datetime
    lines: list[Line] = field(repr=False)

    @classmethod
    def of(cls, clock: Clock, tracker: Tracker, now: datetime) -> Account:
        """To the instant at which it was met, else at which it is due, else to now; past the due instant if late."""
        start, end = clock.started_at or tracker.started_at, _end_of(clock, now)
        eras = _eras(clock, tracker)
        found: list[Line] = []
        total = 0
        for line in _pieces(clock, eras, start, max(start, end)):
            if line.is_counted:
                total += (line.end - line.start) // MICROSECOND
            if found and found[-1].goes_on_in(line):
                found[-1] = replace(found[-1], end=line.end, total=total)
            else:
                found.append(replace(line, total=total))
        lines = [_named(line, _era_at(eras, line.start)) for line in found]
        return cls(clock, _era_at(eras, end), now, start, max(start, end), lines)

    @classmethod
    def imagined(
        cls, version: PolicyVersion, calendar_version: CalendarVersion | None, priority: str, at: datetime
    ) -> list[Account]:
        """Of the clocks of a ticket that was created at an instant. Nothing is kept; ValueError beyond the calendar."""
        tracker = Tracker(
            version=version, calendar_version=calendar_version, priority=priority, started_at=at,
            clocks=[], measures=[],
        )  # fmt: skip
        for kind in KINDS:
            target = version.target(priority, kind)
            if target is not None:
                clock = Clock(
                    kind=kind, round=1, is_off=False, target_seconds=target, started_at=at, used_seconds=0, pauses=[]
                )  # fmt: skip
                clock.run(at, tracker.hours, version.warn_percent, version.critical_percent)
                tracker.clocks.append(clock)
        return [cls.of(clock, tracker, at) for clock in tracker.clocks]

    def counted_until(self, at: datetime) -> float:
        """Seconds that count in the account before an instant."""
        spans = ((line.start, min(line.end, at)) for line in self.lines if line.is_counted)
        return sum((end - start) // MICROSECOND for start, end in spans if start < end) / SECOND

    def reached_at(self, seconds: float) -> datetime | None:
        """The first instant at which so many seconds are counted; None if the account ends before."""
        left = round(seconds * SECOND)
        for line in self.lines:
            if line.is_counted and left <= (length := (line.end - line.start) // MICROSECOND):
                return line.start + left * MICROSECOND
            left -= length if line.is_counted else 0
        return None

    @property
    def used(self) -> float:
        """Seconds counted so far."""
        return self.counted_until(self.now)

    @property
    def agrees(self) -> bool:
        """Whether it adds up to what the clock itself has counted. Not for clocks older than the record of pauses."""
        kept = self.clock.used_seconds
        if self.clock.running_since and self.clock.running_since < self.now:
            kept += self.measure.hours.spent(self.clock.running_since, self.now)
        return abs(kept - self.used) <= TOLERANCE

    def shortened(self, most: int) -> list[Line]:
        """At most so many lines: the middle of a longer account as one, with its sum."""
        if len(self.lines) <= most:
            return self.lines
        head, middle, tail = (
            self.lines[: most // 2],
            self.lines[most // 2 : -most // 2 + 1],
            self.lines[-most // 2 + 1 :],
        )
        first, last = middle[0], middle[-1]
        return [*head, Line(first.start, last.end, "summed", is_late=first.is_late, total=last.total), *tail]

    @property
    def changes(self) -> list[Change]:
        """What was changed on the way."""
        return [line.change for line in self.lines if line.change]

    @property
    def thresholds(self) -> list[tuple[int, datetime | None, datetime | None]]:
        """Of warning and critical: percent, the instant, when it was noticed. None where it is not known or not yet."""
        clock, version = self.clock, self.measure.version
        known = [
            (version.warn_percent, clock.warn_at, clock.warned_at),
            (version.critical_percent, clock.critical_at, clock.critical_marked_at),
        ]
        return [
            (
                percent,
                at or (self.reached_at(clock.target_seconds * percent / 100) if noticed else None),
                noticed,
            )
            for percent, at, noticed in known
        ]

    @property
    def stood(self) -> dict[str, float]:
        """Reason of a pause → seconds that it took from what would have counted, until the clock was due."""
        found: dict[str, float] = {}
        for line in self.lines:
            if line.reason == "paused" and not line.is_late:
                found[line.detail] = found.get(line.detail, 0) + line.seconds
        return found

    @property
    def days_off(self) -> Names:
        """The days off on the way, each name once."""
        named = (name for line in self.lines if not line.is_late for name in line.names)
        return tuple(dict.fromkeys(named))


def _end_of(clock: Clock, now: datetime) -> datetime:
    if clock.met_at:
        return clock.met_at
    if clock.due_at and clock.running_since:
        return max(clock.due_at, now)
    return now


def _eras(clock: Clock, tracker: Tracker) -> Eras:
    """By what a clock is measured from when on. What had ended when it was made says nothing about it."""
    made = clock.made_at or clock.started_at or tracker.started_at
    before = [measure for measure in tracker.measures if measure.to_at >= made]
    starts: list[datetime | None] = [None, *(measure.to_at for measure in before)]
    return list(zip(starts, [*before, tracker], strict=True))


def _turns(eras: Eras) -> Iterator[tuple[Measure, datetime, Measure | Tracker]]:
    for (_, before), (at, after) in pairwise(eras):
        assert isinstance(before, Measure)
        assert at
        yield before, at, after


def _era_at(eras: Eras, at: datetime) -> Measure | Tracker:
    starts = [start for start, _ in eras if start]
    return eras[bisect_right(starts, at)][1]


def _pieces(clock: Clock, eras: Eras, start: datetime, end: datetime) -> Iterator[Line]:
    """The span cut wherever the reason may change, with the changes of measure between."""
    due = clock.due_at if clock.due_at and (clock.breached_at or clock.running_since) else None
    turns = [
        Line(at, at, "changed", change=Change(clock, before, after)) for before, at, after in _turns(eras)
    ]
    turns = [turn for turn in turns if start <= turn.start <= end and turn.start != clock.met_at]
    stills = [(pause.from_at, pause.to_at or end, pause.reason) for pause in clock.pauses]
    edges = {start, end, due or end, *(turn.start for turn in turns)}
    edges |= {edge for still in stills for edge in still[:2]}
    cuts = sorted(edge for edge in edges if start <= edge <= end)
    for left, right in pairwise([*cuts, end]):
        yield from (turn for turn in turns if turn.start == left)
        still = next((still for still in stills if still[0] <= left < still[1]), None)
        hours = _era_at(eras, left).hours
        for segment in hours.segments(left, right, [(left, right)] if still else ()):
            detail = still[2] if still and segment.reason == "paused" else ""
            late = bool(due and left >= due)
            yield Line(segment.start, segment.end, segment.reason, detail, late)


def _named(line: Line, measure: Measure | Tracker) -> Line:
    """With the names of the days off that it goes over."""
    if line.reason != "holiday" or measure.calendar_version is None:
        return line
    zone = ZoneInfo(measure.calendar_version.zone)
    first, last = line.start.astimezone(zone).date(), (line.end - MICROSECOND).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, MOST_NAMED_DAYS))]
    names = ((name["en"], name["vi"]) for day in days for name in measure.calendar_version.names_on(day))
    return replace(line, names=tuple(dict.fromkeys(names)))
