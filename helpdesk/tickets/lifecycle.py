"""The life of a ticket: which moves there are, as data, and the one way to make them."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, Event, record
from helpdesk.core.i18n import _, lazy

if TYPE_CHECKING:
    from helpdesk.accounts.user import User
    from helpdesk.tickets.ticket import Ticket


class Status(StrEnum):
    """Where a ticket stands."""

    OPEN = "OPEN"
    ASSIGNED = "ASSIGNED"
    IN_PROGRESS = "IN_PROGRESS"
    WAITING_USER = "WAITING_USER"
    WAITING_INTERNAL = "WAITING_INTERNAL"
    ESCALATED = "ESCALATED"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"


class Priority(StrEnum):
    """How much it matters, least first."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


_S = Status
_WORKING = (_S.OPEN, _S.ASSIGNED, _S.IN_PROGRESS, _S.WAITING_USER, _S.WAITING_INTERNAL, _S.ESCALATED)


def _all_but(own: Status) -> frozenset[Status]:
    return frozenset({*_WORKING, _S.RESOLVED, _S.CLOSED} - {own})


MOVES: dict[
    Status, frozenset[Status]
] = {  # TKT-004; CLOSED from anywhere but RESOLVED is a manager's, with a reason
    _S.OPEN: frozenset({_S.ASSIGNED, _S.ESCALATED, _S.RESOLVED, _S.CLOSED}),
    _S.ASSIGNED: _all_but(_S.ASSIGNED),
    _S.IN_PROGRESS: _all_but(_S.IN_PROGRESS),
    _S.WAITING_USER: _all_but(_S.WAITING_USER),
    _S.WAITING_INTERNAL: _all_but(_S.WAITING_INTERNAL),
    _S.ESCALATED: _all_but(_S.ESCALATED),
    _S.RESOLVED: frozenset({_S.CLOSED, _S.ASSIGNED, _S.OPEN}),
    _S.CLOSED: frozenset(),
}
NEEDS_ASSIGNEE = frozenset({_S.ASSIGNED, _S.IN_PROGRESS, _S.WAITING_USER, _S.WAITING_INTERNAL})
LOADS = frozenset({_S.ASSIGNED, _S.IN_PROGRESS, _S.WAITING_INTERNAL, _S.ESCALATED})  # AGT-010
FINISHED = frozenset({_S.RESOLVED, _S.CLOSED})
CLOSE_REASONS = ("duplicate", "spam", "withdrawn")

STATUS_LABELS = {
    _S.OPEN: lazy("Open"),
    _S.ASSIGNED: lazy("Assigned"),
    _S.IN_PROGRESS: lazy("In progress"),
    _S.WAITING_USER: lazy("Waiting for customer"),
    _S.WAITING_INTERNAL: lazy("On hold"),
    _S.ESCALATED: lazy("Escalated"),
    _S.RESOLVED: lazy("Resolved"),
    _S.CLOSED: lazy("Closed"),
}
_AT_WORK = lazy("We are working on it")
CUSTOMER_LABELS = {
    _S.OPEN: _AT_WORK,
    _S.ASSIGNED: _AT_WORK,
    _S.IN_PROGRESS: _AT_WORK,
    _S.WAITING_USER: lazy("Waiting for your reply"),
    _S.WAITING_INTERNAL: lazy("Waiting for others involved, we will tell you"),
    _S.ESCALATED: _AT_WORK,
    _S.RESOLVED: lazy("Resolved – please confirm"),
    _S.CLOSED: lazy("Closed"),
}
CLOCK_LABELS = {
    "first": lazy("First response"),
    "next": lazy("Next response"),
    "resolution": lazy("Resolution"),
}
PRIORITY_LABELS = {
    Priority.LOW: lazy("Low"),
    Priority.MEDIUM: lazy("Normal"),
    Priority.HIGH: lazy("High"),
    Priority.CRITICAL: lazy("Urgent"),
}


class Lifecycle:
    """The trait of having a life: questions about the status, and `_move`."""

    @property
    def is_finished(self: "Ticket") -> bool:
        """Resolved or closed."""
        return self.status in FINISHED

    @property
    def is_closed(self: "Ticket") -> bool:
        """Closed for good."""
        return self.status == Status.CLOSED

    @property
    def awaits_customer(self: "Ticket") -> bool:
        """Whether the next word is the customer's."""
        return self.status == Status.WAITING_USER

    @property
    def moves(self: "Ticket") -> list[Status]:
        """The statuses that it can go to from here, in the order of the table."""
        return [status for status in Status if status in MOVES[Status(self.status)]]

    def move_to(self: "Ticket", status: Status, *, by: "User") -> None:
        """Change the status by hand. Raises `Refusal` where the table does not allow it.

        Resolving and closing want more than a status, and taking an unassigned ticket is a deed of its own.
        """
        if status == self.status:
            return
        if status not in MOVES[Status(self.status)]:
            self._refuse(status)
        if status == Status.RESOLVED:
            self.resolve(by=by)  # says that it wants a note
        elif status == Status.CLOSED:
            self.close(by=by, reason="")  # says that it wants a reason
        elif self.is_finished:
            self.reopen(by=by, to=status)
        elif status == Status.OPEN:
            self.release(by=by)
        else:
            self._move(status, by=by)

    def _move(
        self: "Ticket",
        to: Status,
        *,
        by: Actor,
        event: str = "ticket.transitioned",
        at: datetime | None = None,
        **data: Any,
    ) -> Event:
        """Make one move of the table: load, clocks, one event and one system message, all or nothing."""
        origin = Status(self.status)
        if to not in MOVES[origin]:
            self._refuse(to)
        if to in NEEDS_ASSIGNEE and self.assignee_id is None:
            raise Refusal(_("Somebody has to take this ticket first."))
        self._carry(origin, to)
        self.status = to
        self.updated_at = at or clock.now()
        if to not in FINISHED and origin not in FINISHED:
            self.tracker.follow(to, self.updated_at)
        self._follow_clocks()
        return self._tell(record(event, on=self, by=by, **{"from": origin, "to": to}, **data))

    def _refuse(self: "Ticket", to: Status) -> None:
        possible = ", ".join(str(STATUS_LABELS[status]) for status in self.moves) or _("nothing")
        raise Refusal(
            _(
                "A ticket that is “%(origin)s” cannot become “%(to)s”. Possible from here: %(possible)s.",
                origin=STATUS_LABELS[Status(self.status)],
                to=STATUS_LABELS[to],
                possible=possible,
            )
        )

    def _carry(self: "Ticket", origin: Status, to: Status) -> None:
        """Keep the assignee's load in step (AGT-010)."""
        if self.assignee_id is None or (origin in LOADS) == (to in LOADS):
            return
        if to in LOADS:
            Agent.take(self.assignee_id, within_cap=False)
        else:
            Agent.give_back(self.assignee_id)
