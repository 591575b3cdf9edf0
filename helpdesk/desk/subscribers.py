"""Who looks sees it: rows are pushed, lists are rung, the ticket's page gets its new parts."""

from helpdesk.core.events import Event, on
from helpdesk.desk.broadcast import Broadcast, views_changed


@on(
    "ticket.created", "ticket.assigned", "ticket.replied", "ticket.noted", "ticket.commented", "ticket.transitioned",
    "ticket.resolved", "ticket.reopened", "ticket.closed", "ticket.reprioritised", "ticket.rated",
    "ticket.merged", "ticket.absorbed", "ticket.continued", "ticket.restored", "message.removed", "message.restored",
    "reply.held", "reply.withdrawn", "ticket.related", "ticket.unrelated",
    "ticket.recategorised", "ticket.tagged", "ticket.regrouped", "ticket.remeasured",
    "ticket.snoozed", "ticket.woken", "ticket.renamed", "customer.confirmed",
    "sla.warned", "sla.critical", "sla.breached", "sla.met", brief=True,
)  # fmt: skip
def show(event: Event) -> None:
    """Something changed on a ticket."""
    Broadcast(event).ticket_changed()


@on(
    "escalation.planned", "escalation.raised", "escalation.acknowledged", "escalation.ended", brief=True
)  # fmt: skip
def show_escalations(event: Event) -> None:
    """More or less attention on a ticket."""
    broadcast = Broadcast(event)
    broadcast.ticket_changed()
    broadcast.escalations_changed()


@on("ticket.merged", "ticket.absorbed", "ticket.continued", "ticket.related", "ticket.unrelated")
def show_relations(event: Event) -> None:
    """Tickets have to do with each other."""
    Broadcast(event).relations_changed()


@on("customer.confirmed", brief=True)
def show_customer(event: Event) -> None:
    """Who asks has proven that the address is his."""
    Broadcast(event).customer_changed()


@on("ticket.merged")
def show_what_is_left(event: Event) -> None:
    """What was said is in another ticket now."""
    Broadcast(event).ticket_merged()


@on("message.removed")
def hide_message(event: Event) -> None:
    """A manager took a message away."""
    Broadcast(event).message_removed()


@on("mail.failed", "mail.retried")
def show_mails(event: Event) -> None:
    """A mail could not be delivered, or is tried once more."""
    Broadcast(event).mails_changed()


@on("ticket.deleted", urgent=True)
def hide_ticket(event: Event) -> None:
    """A manager took a ticket away."""
    Broadcast(event).ticket_gone()


@on("view.created", "view.changed", "view.archived", "view.restored")
def show_saved_views(event: Event) -> None:
    """The list of saved views of some people is another now."""
    views_changed(event)
