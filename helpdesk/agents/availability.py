"""Whether somebody is there for new work: the trait of being available, by hand or by the schedule (AGT-002, AGT-009).

A choice by hand holds until it is taken back, or until the instant that was chosen with it. Without one the
schedule says it: on shift online, off shift offline, on leave away. Work is given automatically to who is online
and on shift; a choice by hand does not make anybody's shift longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from helpdesk.accounts.user import refuse_all_but_managers
from helpdesk.agents.leave import Leave
from helpdesk.agents.shift import Shift
from helpdesk.core import clock
from helpdesk.core.alarms import Alarm
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.core.zone import zone_names
from helpdesk.organizers.organizer import Organizer

if TYPE_CHECKING:
    from helpdesk.agents.agent import Agent

ABSENT = frozenset({"away", "offline"})
BATCH = 100
alarm = Alarm("shifts")
timetable = Robot("timetable", lazy("The schedule"))


def known_zone(name: str | None) -> str:
    """The zone that somebody said, UTC where there is none of that name."""
    return name if name in zone_names() else "UTC"


class Availability:
    """The trait of being available or not."""

    @property
    def zone(self: Agent) -> str:
        """The IANA time zone of his schedule and leave: his own, UTC where he has said none."""
        return known_zone(self.user.time_zone)

    @property
    def clock_zone(self: Agent) -> ZoneInfo:
        """The same as the clocks there."""
        return ZoneInfo(self.zone)

    @property
    def shift(self: Agent) -> Shift:
        """When he works. Asks for his leave each time."""
        return self.shift_with(db.session.scalars(Leave.ahead(self.user_id)))

    def shift_with(self: Agent, leaves: Iterable[Leave]) -> Shift:
        """When he works, with leave that was asked for already."""
        days = ((one.first_day, one.last_day) for one in leaves)
        return Shift.of(self.zone, self.schedule, days)

    @property
    def is_present(self: Agent) -> bool:
        """Whether he is at work, with room for more or not; otherwise a substitute stands in for him."""
        return self.availability not in ABSENT and self.is_on_shift

    @property
    def is_on_leave(self: Agent) -> bool:
        """Whether leave is why he is off shift now. Asks for his leave each time."""
        return not self.is_on_shift and self.shift.is_on_leave(clock.now())

    def choose(
        self: Agent,
        availability: str | None,
        *,
        by: Actor,
        until: datetime | None = None,
        hand_back: bool = False,
    ) -> None:
        """Say by hand how available he is, until an instant or for good; None: as the schedule says.

        `hand_back`: what he has not begun goes to others at once, if he is away now.
        """
        refuse_all_but_managers(by, own=self.user_id)
        if not self.user.is_active:
            raise Refusal(_("%(name)s is deactivated and gets no work.", name=self.user.name))
        is_anyway = availability == "online" and until is None and self.schedule is None
        if is_anyway and not self.shift.is_on_leave(clock.now()):
            availability = None  # nothing has to be taken back when he goes on leave
        self.settle(by=by, hand_back=hand_back, choice=(availability, until if availability else None))

    def settle(
        self: Agent,
        *,
        by: Actor = timetable,
        hand_back: bool = False,
        choice: tuple[str | None, datetime | None] | None = None,
    ) -> None:
        """Bring in line what he is now with what was chosen, his schedule and his leave. Twice changes nothing.

        The caller holds the row. `hand_back` and `choice` are those of `choose`.
        """
        now, before, until = clock.now(), (self.availability, self.is_on_shift), self.chosen_until
        if choice:
            self.chosen, self.chosen_until = choice
        if self.chosen_until and self.chosen_until <= now:
            self.chosen = self.chosen_until = None
        shift = self.shift
        self.is_on_shift, self.shift_changes_at = shift.is_on(now), shift.changes_at(now)
        if self.chosen:
            self.availability = self.chosen
        else:
            off = "away" if shift.is_on_leave(now) else "offline"
            self.availability = "online" if self.is_on_shift else off
        self._count_down(now, before[0])
        if hand_back and not self.is_present:
            self._stayed_away(is_asked=True)
        self._plan(shift.turns_at(now))
        is_other = before != (self.availability, self.is_on_shift)
        if is_other and self.is_present:
            self.idle_since = now
        if is_other or until != self.chosen_until:
            self._tell(before[0], by)

    def _tell(self: Agent, before: str, by: Actor) -> None:
        until = self.chosen_until and self.chosen_until.isoformat()
        record(
            "agent.availability_changed", on=None, by=by, user=self.user_id, called=self.user.name,
            **{"from": before, "to": self.availability}, on_shift=self.is_on_shift, until=until,
        )  # fmt: skip

    def _count_down(self: Agent, now: datetime, before: str) -> None:
        """If he goes away, note when what he has not begun is handed back; the end of a shift is no reason."""
        minutes = Organizer.present().hand_back_minutes
        if self.availability != "away":
            self.hand_back_at = None
        elif before != "away" and minutes is not None:
            self.hand_back_at = now + timedelta(minutes=minutes)

    def _stayed_away(self: Agent, *, is_asked: bool) -> None:
        """What he has not begun is for others now; `is_asked`: he said so himself, of all of it."""
        said = {"user": self.user_id, "called": self.user.name, "is_asked": is_asked}
        record("agent.stayed_away", on=None, by=timetable, **said)

    def _plan(self: Agent, turns_at: datetime | None) -> None:
        instants = [at for at in (self.chosen_until, turns_at, self.hand_back_at) if at]
        self.look_at = min(instants, default=None)
        if self.look_at:
            alarm.set(self.look_at)

    @classmethod
    def settle_due(cls: type[Agent]) -> bool:
        """Begin and end shifts, choices and absences whose instant has come. Answers whether there may be more."""
        now = clock.now()
        due = select(cls).where(cls.look_at <= now).order_by(cls.look_at, cls.id).limit(BATCH)
        rows = db.session.scalars(due.with_for_update(of=cls, skip_locked=True, key_share=True)).all()
        for agent in rows:
            if agent.hand_back_at and agent.hand_back_at <= now:
                agent.hand_back_at = None
                agent._stayed_away(is_asked=False)
            agent.settle()
        return len(rows) == BATCH
