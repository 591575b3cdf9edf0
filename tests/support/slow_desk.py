"""A slow model of a desk's promises, for comparing: it walks every minute and asks what is open then.

It shares nothing with the product. Deeds happen on whole minutes; targets are such that every threshold lies on a
whole minute, too. It says which thresholds are passed and when, which promises are kept, and which levels the ladder
climbs to, for a monitor that may be down for a while: what the deeds say counts, whenever it is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LADDER = {1: 0, 2: 60, 3: 240}  # level → minutes after the breach
SHARES = {"sla.warned": 75, "sla.critical": 90, "sla.breached": 100}


@dataclass
class SlowPolicy:
    """Targets in minutes by priority and kind; `opened` says of each minute of the walk whether it counts."""

    name: str
    targets: dict[str, dict[str, int | None]]
    opened: Sequence[bool]


@dataclass
class SlowClock:
    """One promise. `said` is what it says: (event, kind, round, minute)."""

    kind: str
    round: int
    target: int | None
    said: list[tuple[str, str, int, int]]
    used: int = 0
    runs: bool = True
    marked: set[str] = field(default_factory=set)
    due: int | None = None  # the minute at which it was used up, while it is not a breach yet
    met: bool = False

    @property
    def late(self) -> bool:
        return "sla.breached" in self.marked

    def _say(self, name: str, minute: int) -> None:
        self.marked.add(name)
        self.said.append((name, self.kind, self.round, minute))

    def look(self, minute: int) -> None:
        """A minute has come: what was used up before it is a breach; what is reached now is marked."""
        if not self.runs or self.met or self.target is None or self.late:
            return
        for name, share in SHARES.items():
            reached = self.used * 100 >= self.target * share
            if name != "sla.breached" and reached and name not in self.marked:
                self._say(name, minute)
            if name == "sla.breached" and self.due is not None and self.due < minute:
                self._say(name, self.due)
            elif name == "sla.breached" and reached and self.due is None:
                self.due = minute

    def stop(self) -> None:
        """Stand still. Used up at this very minute is not late yet."""
        self.runs, self.due = False, None

    def meet(self) -> None:
        """What it waited for has happened."""
        if self.met:
            return
        self.stop()
        self.met = True
        if not self.late and self.target is not None:
            self.said.append(("sla.met", self.kind, self.round, -1))

    def aim(self, target: int | None) -> None:
        """Another target; a breach keeps its own."""
        if not self.met and not self.late:
            self.target, self.due = target, None


@dataclass
class SlowEscalation:
    """A level that was raised for a breach."""

    cause: tuple[str, int]
    level: int
    since: int
    climbs: int | None
    outcome: str | None = None

    @classmethod
    def at(cls, cause: tuple[str, int], level: int, since: int) -> SlowEscalation:
        above = LADDER.get(level + 1)
        return cls(cause, level, since, None if above is None else since + above)


@dataclass
class SlowTicket:
    """One request: its state in the words of the requirements, its clocks and its escalations."""

    policies: dict[str, SlowPolicy]
    merchant: str
    priority: str
    category: str | None
    status: str = "ASSIGNED"
    deleted: bool = False
    answered: bool = False
    clocks: list[SlowClock] = field(default_factory=list)
    said: list[tuple[str, str, int, int]] = field(default_factory=list)
    escalations: list[SlowEscalation] = field(default_factory=list)
    escalated: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for kind in ("first", "resolution"):
            self._begin(kind, 1)

    @property
    def policy(self) -> SlowPolicy:
        """The category's, else the merchant's (SLA-004)."""
        return self.policies[self.category or self.merchant]

    @property
    def is_finished(self) -> bool:
        return self.status in ("RESOLVED", "CLOSED")

    def _begin(self, kind: str, round: int) -> None:
        self.clocks.append(SlowClock(kind, round, self.policy.targets[self.priority][kind], self.said))

    def _open(self, kind: str) -> list[SlowClock]:
        return [clock for clock in self.clocks if clock.kind == kind and not clock.met]

    # Time ---------------------------------------------------------------------------------------------------------

    def look(self, minute: int) -> None:
        """A minute has come."""
        for clock in self.clocks:
            clock.look(minute)

    def pass_by(self, minute: int) -> None:
        """A minute goes by."""
        if self.policy.opened[minute]:
            for clock in self.clocks:
                clock.used += clock.runs and not clock.met

    # Deeds ----------------------------------------------------------------------------------------------------------

    def reply(self, then: str | None = None) -> None:
        for clock in self._open("first") + self._open("next"):
            clock.meet()
        self.answered = True
        self._go(then or ("IN_PROGRESS" if self.status == "ASSIGNED" else self.status))

    def wait(self) -> None:
        self.reply("WAITING_USER")

    def ask(self) -> None:
        if self.answered and not self._open("next"):
            self._begin("next", 1 + sum(clock.kind == "next" for clock in self.clocks))
        if self.status == "RESOLVED":
            self._reopen()
        elif self.status == "WAITING_USER":
            self._go("IN_PROGRESS")

    def resolve(self) -> None:
        self.status = "RESOLVED"
        for clock in self.clocks:
            if clock.kind == "resolution":
                clock.meet()
            else:
                clock.stop()
        self._end()

    def close(self) -> None:
        self.status = "CLOSED"
        for clock in self.clocks:
            clock.stop()
        self._end()

    def delete(self) -> None:
        self.deleted = True
        for clock in self.clocks:
            clock.stop()
        self._end()

    def restore(self) -> None:
        self.deleted = False
        for clock in self.clocks:
            clock.runs = not clock.met
        self._go(self.status)

    def prioritise(self, priority: str) -> None:
        self.priority = priority
        self._aim()

    def categorise(self, category: str | None) -> None:
        before = self.policy
        self.category = category
        if self.policy is not before:
            self._aim()

    def _aim(self) -> None:
        for clock in self.clocks:
            clock.aim(self.policy.targets[self.priority][clock.kind])

    def _reopen(self) -> None:
        self.status = "ASSIGNED"
        for clock in self.clocks:
            if clock.kind == "resolution" and not clock.late:
                clock.met = False
                clock.aim(self.policy.targets[self.priority][clock.kind])
            clock.runs = not clock.met

    def _go(self, status: str) -> None:
        self.status = status
        for clock in self._open("resolution"):
            if status == "WAITING_USER":
                clock.stop()
            else:
                clock.runs = True

    # The ladder -------------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        for one in self.escalations:
            one.outcome, one.climbs = one.outcome or "finished", None

    def climb(self, minute: int) -> None:
        """The monitor and the ladder look, just before a minute."""
        if self.is_finished or self.deleted:
            for name, kind, round, _ in self.said:
                if name == "sla.breached":
                    self.escalated.add((kind, round))
            return
        for name, kind, round, at in self.said:
            if name == "sla.breached" and (kind, round) not in self.escalated:
                self.escalated.add((kind, round))
                self.escalations.append(SlowEscalation.at((kind, round), 1, at))
        for one in self.escalations:  # also those that are added meanwhile
            if one.climbs is not None and one.climbs < minute:
                one.climbs, one.outcome = None, "climbed"
                self.escalations.append(SlowEscalation.at(one.cause, one.level + 1, one.since))

    @property
    def open_escalations(self) -> list[SlowEscalation]:
        return [one for one in self.escalations if one.outcome is None]

    def acknowledge(self, one: SlowEscalation) -> None:
        one.outcome, one.climbs = "acknowledged", None
