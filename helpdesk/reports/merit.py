"""Merit: what is to be counted for whom on a ticket, as its own rows and its log say it now. Pure.

- *handled*: a ticket counts for an agent once, on the day of his first deed for its customer: he replied, or resolved
  it. To have it, or to write notes on it, is not enough.
- *first response*: for who sent the first reply, on the day when it left. One that was taken back never left.
- *resolution*: for who resolved it, as long as it stays so. A ticket that was merged into another is gone on with
  there, and is no resolution.
- *promises*: for who had the ticket at the instant at which one was met or broken; if nobody had it, for nobody. One
  that was kept and is awaited again counts when it is met again; one that was broken stays so.
- *rating*: for who resolved it, on the day of the rating; one of a ticket that was closed unresolved for who had it.

A deleted ticket counts for nothing until it is restored.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from helpdesk.agents.agent_day import Amounts
from helpdesk.tickets.ticket import Ticket

DEEDS = ("ticket.replied", "ticket.resolved")
HANDED_OVER = ("ticket.assigned", "ticket.transitioned", "ticket.reopened")
READ = (*DEEDS, *HANDED_OVER, "ticket.rated")


class Line(NamedTuple):
    """What is read of an event."""

    name: str
    actor: dict[str, Any]
    data: dict[str, Any]
    at: datetime


Log = Sequence[Line]  # of one ticket, in order


@dataclass(frozen=True)
class Merit:
    """Something on a ticket that counts once: `what` it is, whose, since when, and how much of what."""

    what: str
    user_id: int
    at: datetime
    amounts: Amounts

    @classmethod
    def all_on(cls, ticket: Ticket, log: Log) -> "list[Merit]":
        """Everything that counts on a ticket."""
        if ticket.deleted_at:
            return []
        kinds = (cls._handled, cls._response, cls._resolution, cls._promises, cls._rating)
        return [merit for kind in kinds for merit in kind(ticket, log)]

    @classmethod
    def _handled(cls, ticket: Ticket, log: Log) -> "Iterator[Merit]":
        first: dict[int, datetime] = {}
        for line in _deeds(log, *DEEDS):
            first.setdefault(line.actor["id"], line.at)
        for user_id, at in first.items():
            yield cls(f"handled:{user_id}", user_id, at, {"handled": 1})

    @classmethod
    def _response(cls, ticket: Ticket, log: Log) -> "Iterator[Merit]":
        tracker, reply = ticket.tracker, next(_deeds(log, "ticket.replied"), None)
        if reply and tracker.first_response_at:
            seconds, wall = tracker.first_response_seconds or 0, tracker.first_response_wall_seconds or 0
            amounts = {"responses": 1, "response_seconds": seconds, "response_wall_seconds": wall}
            yield cls("first_response", reply.actor["id"], tracker.first_response_at, amounts)

    @classmethod
    def _resolution(cls, ticket: Ticket, log: Log) -> "Iterator[Merit]":
        tracker = ticket.tracker
        if ticket.resolved_by_id and tracker.resolution_at and ticket.merged_into_id is None:
            seconds, wall = tracker.resolution_seconds or 0, tracker.resolution_wall_seconds or 0
            amounts = {"resolutions": 1, "resolution_seconds": seconds, "resolution_wall_seconds": wall}
            yield cls("resolution", ticket.resolved_by_id, tracker.resolution_at, amounts)

    @classmethod
    def _promises(cls, ticket: Ticket, log: Log) -> "Iterator[Merit]":
        for clock in ticket.tracker.promises:
            at = clock.breached_at or clock.met_at
            holder = _holder(ticket, log, at) if at else None
            if at and holder:
                yield cls(f"clock:{clock.id}", holder, at, {"broken" if clock.breached_at else "kept": 1})

    @classmethod
    def _rating(cls, ticket: Ticket, log: Log) -> "Iterator[Merit]":
        whose = ticket.resolved_by_id or ticket.assignee_id
        if ticket.rating and whose:
            said = [line.at for line in log if line.name == "ticket.rated"]
            at = said[-1] if said else ticket.closed_at or ticket.updated_at
            yield cls("rating", whose, at, {"ratings": 1, "rating_sum": ticket.rating})


def _deeds(log: Iterable[Line], *names: str) -> Iterator[Line]:
    return (line for line in log if line.name in names and line.actor["kind"] == "user")


def _holder(ticket: Ticket, log: Log, at: datetime) -> int | None:
    """Who had it at an instant. Where the log tells of no change: who has it now, if he had it then."""
    changes = [(line.at, line.data["assignee"]) for line in log if "assignee" in line.data]
    if not changes:
        return ticket.assignee_id if ticket.assigned_at and ticket.assigned_at <= at else None
    before = [whose for since, whose in changes if since <= at]
    return before[-1]["id"] if before and before[-1] else None
