"""Tests of clocks happen at a desk whose time stands still until it is told to go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import events_of
from tests.support.world import World

T0 = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
MINUTE, HOUR = 60, 3600


def go_to(seconds: float) -> None:
    """Let it be so many seconds after the beginning."""
    clock.travel((T0 + timedelta(seconds=seconds) - clock.now()).total_seconds())


def after(seconds: float) -> datetime:
    """The instant so many seconds after the beginning."""
    return T0 + timedelta(seconds=seconds)


def look(world: World) -> None:
    """One pass of the monitor, in a transaction of its own."""
    with world.inside():
        Clock.mark_due()


def clock_of(world: World, ticket_id: int, kind: str) -> Clock:
    """The newest clock of a kind, detached from its transaction."""
    with world.inside():
        clocks = world.one(Ticket, id=ticket_id).tracker.clocks
        return [c for c in clocks if c.kind == kind and not c.is_tally][-1]


def marks_of(world: World, ticket_id: int, kind: str | None = None) -> list[tuple[str, float]]:
    """What the clocks recorded: the event and the second on which its threshold fell."""
    with world.inside():
        return [
            (event.name, (datetime.fromisoformat(event.data["due_at"]) - T0).total_seconds())
            for event in events_of(ticket_id)
            if "due_at" in event.data and kind in (None, event.data["kind"])
        ]


def own_policy(**version: Any) -> PolicyVersion:
    """The organizer's own default policy; call it inside the organizer."""
    policy = Policy(name_en="Own", name_vi="Riêng", is_default=True)
    db.session.add(policy)
    db.session.flush()
    row = PolicyVersion(policy_id=policy.id, number=1, **version)
    db.session.add(row)
    db.session.flush()
    return row


def targets(**kinds: int | None) -> dict[str, dict[str, int | None]]:
    """The same targets, in seconds, for every priority."""
    return {priority: dict(kinds) for priority in ("LOW", "MEDIUM", "HIGH", "CRITICAL")}
