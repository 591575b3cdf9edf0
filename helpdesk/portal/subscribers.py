"""Who looks at his request sees what happens to it."""

from helpdesk.core.events import Event, on
from helpdesk.portal.open_page import OpenPage


@on(
    "ticket.assigned", "ticket.replied", "ticket.commented", "ticket.transitioned", "ticket.resolved",
    "ticket.reopened", "ticket.closed", "ticket.reprioritised", "ticket.rated", "ticket.merged",
    "ticket.absorbed", "ticket.continued", "customer.confirmed", brief=True,
)  # fmt: skip
def show(event: Event) -> None:
    """Something changed that the customer may know."""
    open_page = OpenPage.of(event)
    if open_page:
        open_page.show(event)


@on("escalation.planned", "escalation.raised", brief=True)
def show_request(event: Event) -> None:
    """He asked for more attention, perhaps in another window; what the desk raises is the desk's."""
    open_page = OpenPage.of(event) if event.data["trigger"] == "customer" else None
    if open_page:
        open_page.show(event)


@on("ticket.merged", "ticket.absorbed", "message.removed", "message.restored", brief=True)
def show_thread(event: Event) -> None:
    """Messages came from elsewhere, came back or went away."""
    open_page = OpenPage.of(event) if event.data.get("visibility") != "internal" else None
    if open_page:
        open_page.show_thread(event)
