"""What a new request is answered by itself, and what a new name, or a new target, brings about."""

from helpdesk.core.events import Event, on
from helpdesk.tickets.jobs import index_customer, index_tagged, remeasure_soon
from helpdesk.tickets.search_document import NEWEST, SearchDocument
from helpdesk.tickets.ticket import Ticket


@on("ticket.created", brief=True, when=lambda event: event.ticket_id and event.actor["kind"] == "customer")
def answer(event: Event) -> None:
    """A customer's request gets the merchant's automatic reply, where there is one."""
    if Ticket.is_answered_at_once(event.ticket_id):
        Ticket.for_deed(event.ticket_id).auto_reply(key=f"auto-{event.id}")


@on("tag.renamed", "tag.merged")
def index(event: Event) -> None:
    """Tickets are found by what their tags are called now."""
    tag_id = event.data["into"]["id"] if "into" in event.data else event.data["tag"]
    if last := SearchDocument.rebuild_tagged(tag_id, NEWEST):
        index_tagged.later(tag_id, last)


@on("customer.changed")
def index_his(event: Event) -> None:
    """Tickets are found by what their customer is called now."""
    customer_id = event.data["customer"]
    if last := SearchDocument.rebuild_of(customer_id, NEWEST):
        index_customer.later(customer_id, last)


@on("policy.changed", "calendar.changed")
def follow(event: Event) -> None:
    """Running tickets are measured anew where the manager wanted that; a sweep finds them too."""
    if event.data.get("running"):
        remeasure_soon.later()
