"""What a new request is answered by itself."""

from helpdesk.core.events import Event, on
from helpdesk.tickets.ticket import Ticket


@on("ticket.created")
def answer(event: Event) -> None:
    """A customer's request gets the merchant's automatic reply, where there is one."""
    if event.actor["kind"] == "customer" and event.ticket_id:
        Ticket.for_deed(event.ticket_id).auto_reply(key=f"auto-{event.id}")
