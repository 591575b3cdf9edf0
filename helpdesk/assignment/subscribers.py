"""When a ticket waits for somebody, and when somebody may have become able to take one."""

from collections.abc import Sequence

from helpdesk.assignment.backlog import Backlog
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.jobs import look_again
from helpdesk.core.events import Event, on
from helpdesk.tickets.lifecycle import LOADS


@on("ticket.created", "ticket.reopened", "ticket.restored", "ticket.regrouped", urgent=True)
def assign(event: Event) -> None:
    """A new ticket, one that came back, or one that another team has now."""
    Decision.make(event.ticket_id)


@on("ticket.transitioned", urgent=True, when=lambda event: event.data.get("to") == "OPEN")
def assign_again(event: Event) -> None:
    """One that was handed back."""
    Decision.make(event.ticket_id)


def _makes_room(event: Event) -> bool:
    return event.data.get("from") in LOADS and event.data.get("to") not in LOADS


@on(
    "ticket.transitioned", "ticket.resolved", "ticket.closed", "ticket.merged", together=100, when=_makes_room
)  # fmt: skip
def use_room(events: Sequence[Event]) -> None:
    """Somebody carries less than before."""
    look_again.later()


@on(
    "ticket.assigned", "ticket.deleted", "ticket.recategorised", "ticket.reprioritised", "ticket.tagged",
    together=100, when=lambda event: event.name != "ticket.assigned" or event.data.get("before"),
)  # fmt: skip
def use_change(events: Sequence[Event]) -> None:
    """One left its agent, or looks different to the rules now."""
    look_again.later()


@on(
    "agent.availability_changed",
    "agent.changed",
    "agent.load_corrected",
    "group.changed",
    "rule.changed",
    "rule.created",
    "rule.restored",
    together=100,
)
def use_people(events: Sequence[Event]) -> None:
    """Somebody came, a cap was raised, a team or a rule is another one."""
    look_again.later()


@on("agent.stayed_away", urgent=True)
def hand_back(event: Event) -> None:
    """Others get what he has not begun."""
    Backlog.hand_back(event.data["user"], is_asked=event.data["is_asked"])
