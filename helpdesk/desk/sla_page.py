"""The page that explains a ticket's promises: what it shows, read in as few questions as there are kinds of things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.account import Account
from helpdesk.sla.calendar import CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.measure import Measure
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.sla.tracker import Tracker
from helpdesk.tickets.ticket import Ticket

PER_PAGE = 12
ORDER = {"resolution": 0, "first": 1, "next": 2}


@dataclass(frozen=True)
class SlaPage:
    """A ticket with some of its promises: resolution and first response first, then the questions, newest first."""

    ticket: Ticket
    accounts: list[Account]
    number: int  # of the page, from 1
    last: int

    @classmethod
    def find(cls, number: str, viewer: User, *, page: str = "", of_clock: str = "") -> SlaPage | None:
        """Through its viewer: the page of a number, or the one with a clock. What is no page is the first one."""
        found = Ticket.visible_to(viewer).where(Ticket.number == number)
        ticket = db.session.scalar(found.options(*Ticket.to_show(), *_whole_tracker()))
        if ticket is None:
            return None
        clocks = sorted(ticket.tracker.promises, key=lambda each: (ORDER[each.kind], -each.round))
        ids = [str(each.id) for each in clocks]
        last = max(1, -(-len(clocks) // PER_PAGE))
        wanted = ids.index(of_clock) // PER_PAGE + 1 if of_clock in ids else _number(page)
        wanted = wanted if wanted <= last else 1
        shown = _with_pauses(clocks[(wanted - 1) * PER_PAGE : wanted * PER_PAGE])
        accounts = [Account.of(each, ticket.tracker, clock.now()) for each in shown]
        return cls(ticket, accounts, wanted, last)

    @property
    def neighbours(self) -> tuple[int | None, int | None]:
        """The pages before and after."""
        return self.number - 1 or None, self.number + 1 if self.number < self.last else None


def _whole_tracker() -> tuple[Any, ...]:
    """All by which its clocks were ever measured, with the names."""
    tracker = joinedload(Ticket.tracker)
    measures = tracker.selectinload(Tracker.measures)
    return (
        tracker.joinedload(Tracker.version).joinedload(PolicyVersion.policy),
        tracker.joinedload(Tracker.calendar_version).joinedload(CalendarVersion.calendar),
        measures.joinedload(Measure.version).joinedload(PolicyVersion.policy),
        measures.joinedload(Measure.calendar_version).joinedload(CalendarVersion.calendar),
    )


def _with_pauses(clocks: list[Clock]) -> list[Clock]:
    """The clocks as they are, their pauses read in one question."""
    ids = [each.id for each in clocks]
    db.session.scalars(select(Clock).where(Clock.id.in_(ids)).options(selectinload(Clock.pauses))).all()
    return clocks


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdecimal() and 0 < len(said) < 6 and int(said) else 1


@dataclass(frozen=True)
class Imagined:
    """What would be promised to a ticket of a priority that is created at an instant. Nothing of it is kept."""

    version: PolicyVersion
    calendar_version: CalendarVersion | None
    priority: str
    at: datetime
    accounts: list[Account]
    zone: str | None  # in which the instant was understood

    @property
    def wall(self) -> str:
        """The instant by the clock of that zone, as fields for it hold it."""
        return self.at.astimezone(ZoneInfo(self.zone or "UTC")).isoformat()[:16]

    @classmethod
    def of(
        cls, tracker: Tracker, policy_id: int | None, priority: str, said: str, zone: str | None
    ) -> Imagined:
        """By a policy as it is now, or as the ticket is measured. ValueError for an instant that cannot be."""
        version, hours = tracker.version, tracker.calendar_version
        if policy_id:
            version = Policy.in_force(policy_id)
            hours = CalendarVersion.newest_of(version.calendar_id)
        zone = hours.zone if hours else zone
        at = instant(said, zone)
        return cls(version, hours, priority, at, Account.imagined(version, hours, priority, at), zone)


def instant(said: str, zone: str | None) -> datetime:
    """What somebody wrote: ISO 8601, by the clock of a zone unless it says its own; nothing is now.

    ValueError for anything else, and for years in which nobody has a ticket.
    """
    at = datetime.fromisoformat(said) if said else clock.now()
    if at.tzinfo is None:
        at = at.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    if not 2000 <= at.year < 2100:
        raise ValueError("out of range")
    return at.astimezone(UTC)
