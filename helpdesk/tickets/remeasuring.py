"""Remeasuring: running tickets follow a version of their policy or calendar, where a manager wanted that.

The version remembers how far it has come, so a worker that dies in the middle costs one batch. It takes each tracker
once: what it has moved is pinned to it and is no longer found.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Robot
from helpdesk.core.i18n import lazy
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.policy import PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.ticket import Ticket

log = logging.getLogger(__name__)

BATCH = 25  # tickets of one transaction
LOOK = 2000  # trackers that are looked at for them: most are of tickets that ended long ago
SETTLING = timedelta(seconds=30)  # a deed that began before the version was there is through by then
remeasurer = Robot("Remeasuring", lazy("The SLA policies"))


class _Found(NamedTuple):
    tracker_id: int
    ticket_id: int
    is_alive: bool


@dataclass(frozen=True)
class Remeasuring:
    """A version that running tickets are still to be moved to."""

    version: PolicyVersion | CalendarVersion

    @classmethod
    def step(cls) -> bool:
        """Move a batch. Answers whether there may be more at once. What another worker is at is left to it."""
        return any(moving.go_on() for moving in cls.waiting())

    @classmethod
    def waiting(cls) -> Iterator["Remeasuring"]:
        """Those that are not through, locked."""
        for kind in (PolicyVersion, CalendarVersion):
            moving = select(kind).where(kind.moved_to_id.is_not(None)).order_by(kind.id)
            locked = moving.with_for_update(of=kind, skip_locked=True, key_share=True)
            yield from map(cls, db.session.scalars(locked.execution_options(populate_existing=True)).all())

    def go_on(self) -> bool:
        """Move a batch and remember how far it is."""
        found = self._next()
        if not found:
            self._arrive()
            return False
        alive = [each for each in found if each.is_alive][:BATCH]
        kept = self._reopened_since([each.ticket_id for each in alive])
        for ticket_id in sorted(each.ticket_id for each in alive if each.ticket_id not in kept):
            self._move(ticket_id)
        self.version.moved_to_id = (alive if len(alive) == BATCH else found)[-1].tracker_id
        return True

    def _arrive(self) -> None:
        """At the end: over again for deeds that were in the middle when the version was made, or done."""
        is_settled = self.version.created_at + SETTLING <= clock.now()
        self.version.moved_to_id = None if is_settled else 0

    def _next(self) -> Sequence[_Found]:
        ahead = select(Tracker.id).where(self._is_behind, Tracker.id > self.version.moved_to_id)
        some = ahead.order_by(Tracker.id).limit(LOOK).subquery()
        rows = (
            select(Tracker.id, Tracker.ticket_id, Ticket.is_alive)
            .join(Ticket, Ticket.id == Tracker.ticket_id)
            .where(Tracker.id.in_(select(some.c.id)))
            .order_by(Tracker.id)
        )
        return [_Found(*row) for row in db.session.execute(rows)]

    @property
    def _is_behind(self) -> ColumnElement[bool]:
        """Pinned to an earlier version of the same policy or calendar."""
        return self._pin.in_(self._earlier)

    @property
    def _pin(self) -> ColumnElement[int]:
        return Tracker.version_id if self._why == "policy" else Tracker.calendar_version_id

    @cached_property
    def _earlier(self) -> list[int]:
        kind, version = type(self.version), self.version
        own = (
            kind.policy_id == version.policy_id
            if self._why == "policy"
            else kind.calendar_id == version.calendar_id
        )
        return list(db.session.scalars(select(kind.id).where(own, kind.number < version.number)))

    @property
    def _why(self) -> str:
        return "policy" if isinstance(self.version, PolicyVersion) else "calendar"

    def _reopened_since(self, ticket_ids: Sequence[int]) -> set[int]:
        """Those that were resolved when the version was made: they keep what they were measured with."""
        lives = select(Event.ticket_id, Event.name).where(
            Event.ticket_id.in_(ticket_ids), Event.created_at >= self.version.created_at,
            Event.name.in_(("ticket.resolved", "ticket.reopened")),
        )  # fmt: skip
        first: dict[int, str] = {}
        for ticket_id, name in db.session.execute(lives.order_by(Event.id)):
            first.setdefault(ticket_id, name)
        return {ticket_id for ticket_id, name in first.items() if name == "ticket.reopened"}

    def _move(self, ticket_id: int) -> None:
        """One ticket, as it is once it is locked. One that cannot be measured keeps nobody else."""
        try:
            with db.session.begin_nested():
                self._measure(Ticket.for_deed(ticket_id))
        except Exception:
            log.exception("a ticket could not be measured anew", extra={"ticket": ticket_id})

    def _measure(self, ticket: Ticket) -> None:
        tracker, version = ticket.tracker, self.version
        if isinstance(version, CalendarVersion):
            if tracker.calendar_version_id in self._earlier:
                ticket.remeasure(tracker.version, version, why=self._why, by=remeasurer)
        elif tracker.version_id in self._earlier:
            hours = CalendarVersion.newest_of(version.calendar_id)
            ticket.remeasure(version, hours, why=self._why, by=remeasurer)
