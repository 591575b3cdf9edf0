"""Who looks at his request sees what happens to it."""

from helpdesk.core.events import Event, on
from helpdesk.portal.open_page import OpenPage


@on(
    "ticket.assigned", "ticket.replied", "ticket.commented", "ticket.transitioned", "ticket.resolved",
    "ticket.reopened", "ticket.closed", "ticket.reprioritised", "ticket.rated",
)  # fmt: skip
def show(event: Event) -> None:
    """Something changed that the customer may know."""
    open_page = OpenPage.of(event)
    if open_page:
        open_page.show(event)
