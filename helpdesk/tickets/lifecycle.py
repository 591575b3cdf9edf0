"""The life of a ticket: which moves there are, as data, and the one way to make them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Actor, Event, record
from helpdesk.core.i18n import _, lazy
from helpdesk.tickets.snooze import Snooze

if TYPE_CHECKING:
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


@dataclass(frozen=True)
class Move:
    """One way from a status to another: the deed that makes it, who may, and what it wants.

    `who` holds `agent` (anybody at the desk), `holder` (an agent, unless somebody else has the ticket), `manager`,
    `customer` and `system`. `needs` holds `assignee`, `note` and `reason`.
    """

    deed: str
    who: frozenset[str]
    needs: frozenset[str] = frozenset()

    def is_for(self, ticket: "Ticket", by: Actor) -> bool:
        """Whether somebody may make it on a ticket."""
        if not isinstance(by, User):
            return by.actor["kind"] in self.who
        if by.is_at_least("manager"):
            return "manager" in self.who
        return "agent" in self.who or ("holder" in self.who and ticket.assignee_id in (None, by.id))


_STAFF = frozenset({"agent", "manager"})
_TAKEN_BACK = frozenset(
    {"holder", "manager"}
)  # from whoever has it: an agent releases his own only (TKT-005)
_SOMEBODY = frozenset({"assignee"})
_STEP = Move("move_to", _STAFF, _SOMEBODY)
_FROM_WORK = {  # how a ticket that is worked on comes to each other status
    _S.OPEN: Move("release", _TAKEN_BACK | {"system"}),
    _S.ASSIGNED: _STEP,
    _S.IN_PROGRESS: _STEP,
    _S.WAITING_USER: _STEP,
    _S.WAITING_INTERNAL: _STEP,
    _S.ESCALATED: Move("move_to", _STAFF | {"system"}),
    _S.RESOLVED: Move("resolve", _STAFF, frozenset({"note"})),
    _S.CLOSED: Move("close", frozenset({"manager"}), frozenset({"reason"})),
}


def _all_but(own: Status, **others: Move) -> dict[Status, Move]:
    found = _FROM_WORK | {Status(name): move for name, move in others.items()}
    return {to: move for to, move in found.items() if to != own}


MOVES: dict[Status, dict[Status, Move]] = {  # TKT-004
    _S.OPEN: {
        _S.ASSIGNED: Move("assign_to", _STAFF | {"system"}, _SOMEBODY),
        **{to: _FROM_WORK[to] for to in (_S.ESCALATED, _S.RESOLVED, _S.CLOSED)},
    },
    _S.ASSIGNED: _all_but(_S.ASSIGNED),
    _S.IN_PROGRESS: _all_but(_S.IN_PROGRESS),
    _S.WAITING_USER: _all_but(_S.WAITING_USER, IN_PROGRESS=Move("move_to", _STAFF | {"customer"}, _SOMEBODY)),
    _S.WAITING_INTERNAL: _all_but(_S.WAITING_INTERNAL),
    _S.ESCALATED: _all_but(_S.ESCALATED),
    _S.RESOLVED: {
        _S.CLOSED: Move("close", frozenset({"manager", "customer", "system"})),
        _S.ASSIGNED: Move("reopen", _STAFF | {"customer"}, _SOMEBODY),
        _S.OPEN: Move("reopen", _TAKEN_BACK | {"customer"}),
    },
    _S.CLOSED: {},
}
MAY_NOT = {  # deed → what is said to who may not
    "release": lazy("Only a manager may take a ticket away from somebody else."),
    "reopen": lazy("Only a manager may take a ticket away from somebody else."),
    "close": lazy("Only a manager may close a ticket."),
}
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
    def as_it_is_now(self: "Ticket") -> str:
        """What an edit against an older state is answered, where it is not about one property (TKT-008)."""
        return _(
            "Somebody changed this ticket meanwhile. It is “%(status)s” now, with the priority “%(priority)s”, "
            "and its assignee is: %(who)s. Look at it and try again.",
            status=STATUS_LABELS[Status(self.status)],
            priority=PRIORITY_LABELS[Priority(self.priority)],
            who=self.assignee.name if self.assignee else _("Unassigned"),
        )

    @property
    def moves(self: "Ticket") -> list[Status]:
        """The statuses that it can go to as it stands, in the order of the table: what the page offers."""
        possible = MOVES[Status(self.status)]
        return [
            status for status in Status
            if status in possible and (self.assignee_id or "assignee" not in possible[status].needs)
        ]  # fmt: skip

    def move_to(self: "Ticket", status: Status, *, by: "User") -> None:
        """Change the status by hand. Raises `Refusal` where the table does not allow it.

        Resolving and closing want more than a status, and taking an unassigned ticket is a deed of its own.
        """
        if status == self.status:
            return
        deed = self._checked(status, by).deed
        if deed == "resolve":
            self.resolve(by=by)  # says that it wants a note
        elif deed == "close":
            self.close(by=by)  # says that it wants a reason, unless it is resolved
        elif deed == "reopen":
            self.reopen(by=by, to=status)
        elif deed == "release":
            self.release(by=by)
        else:
            self._move(status, by=by)

    def _checked(self: "Ticket", to: Status, by: Actor) -> Move:
        """The move to a status, if there is one from here and it is somebody's to make."""
        move = MOVES[Status(self.status)].get(to)
        if move is None:
            raise Refusal(self.why_not(to))
        if not move.is_for(self, by):
            raise NotAllowed(str(MAY_NOT.get(move.deed) or _("You do not have permission to do this.")))
        return move

    def _move(
        self: "Ticket",
        to: Status,
        *,
        by: Actor,
        event: str = "ticket.transitioned",
        at: datetime | None = None,
        clocks_at: datetime | None = None,
        counted: bool = False,
        **data: Any,
    ) -> Event:
        """Make one move of the table: load, clocks, one event and one system message, all or nothing.

        `counted`: the assignee's load says so already. `clocks_at`: when it was to happen, where that was before now.
        """
        origin = Status(self.status)
        if "assignee" in self._checked(to, by).needs and self.assignee_id is None:
            raise Refusal(_("Somebody has to take this ticket first."))
        if not counted:
            self._carry(origin, to)
        self.status = to
        self.updated_at = at or clock.now()
        if to not in FINISHED and origin not in FINISHED:
            self.tracker.follow(to, clocks_at or self.updated_at)
        if to in FINISHED:
            Snooze.forget(self)
        self._follow_clocks()
        return self._tell(record(event, on=self, by=by, **{"from": origin, "to": to}, **data))

    def why_not(self: "Ticket", to: Status) -> str:
        """That there is no move to a status from here, and which ones there are."""
        there = (status for status in Status if status in MOVES[Status(self.status)])
        possible = ", ".join(str(STATUS_LABELS[status]) for status in there) or _("nothing")
        return _(
            "A ticket that is “%(origin)s” cannot become “%(to)s”. Possible from here: %(possible)s.",
            origin=STATUS_LABELS[Status(self.status)],
            to=STATUS_LABELS[to],
            possible=possible,
        )

    def _carry(self: "Ticket", origin: Status, to: Status) -> None:
        """Keep the assignee's load in step (AGT-010)."""
        if self.assignee_id is None or (origin in LOADS) == (to in LOADS):
            return
        if to in LOADS:
            Agent.take(self.assignee_id, within_cap=False)
        else:
            Agent.give_back(self.assignee_id)
