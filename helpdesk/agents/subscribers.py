"""What changes when somebody works, and when somebody comes or goes."""

from helpdesk.agents.agent import Agent
from helpdesk.core import live
from helpdesk.core.events import Event, on
from helpdesk.core.tenancy import present_organizer

# What changes how available he is, or until when.
HIS = ("agent.availability_changed", "agent.changed", "agent.leave_cancelled", "agent.leave_taken")


@on("user.changed")
def settle(event: Event) -> None:
    """His schedule is one of another time zone now."""
    if agent := Agent.of(event.data["user"], lock=True):
        agent.settle()


@on(*HIS, "group.changed")
def show_staff(event: Event) -> None:
    """Managers who look at who is on see it."""
    live.nudge(f"staff.{present_organizer()}")


@on(*HIS)
def show(event: Event) -> None:
    """The switch in the header of his open pages says so at once, whoever changed it."""
    user_id = event.data["user"]
    if agent := Agent.of(user_id):
        live.push(f"user.{user_id}", "agents/availability_update.stream.html", sequence=None, profile=agent)
