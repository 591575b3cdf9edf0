"""The catalogue: which mails there are, what their templates may say, and how one is rid of them."""

from dataclasses import dataclass, field
from typing import Any

from helpdesk.core.i18n import lazy

_OF_CUSTOMERS = frozenset({"ticket_number", "merchant_name"})
_OF_USERS = _OF_CUSTOMERS | {"ticket_subject", "customer_name", "actor_name"}
_FOLLOW = lazy("Open your request")
_LOOK = lazy("Open the ticket")

REASONS: dict[str, Any] = {  # why somebody gets a mail; kept with the delivery, said at its foot
    "customer": lazy("You get this mail because this request was sent with your address."),
    "assignee": lazy("You get this mail because you are the assignee."),
    "group": lazy("You get this mail because you belong to the team."),
    "mention": lazy("You get this mail because you were mentioned."),
    "follower": lazy("You get this mail because you follow the ticket."),
    "lead": lazy("You get this mail because you lead the team."),
    "managers": lazy("You get this mail because you are a manager."),
    "admins": lazy("You get this mail because you are an administrator."),
}


@dataclass(frozen=True)
class MailKind:
    """One kind of mail: an event, and to whom.

    `placeholders` is all that its templates can reach. A customer's mails know neither notes nor, in the first
    one, which may go to an address that a stranger typed in, anything that the submitter wrote.
    """

    key: str  # event and audience: ticket.replied.customer
    placeholders: frozenset[str]
    required: frozenset[str] = field(default=frozenset())  # in the body; the subject always names the ticket
    label: Any = _LOOK  # of the one link
    ends: str = "kind"  # what its unsubscribe link ends: the "kind", the kind on this "ticket", "nothing"

    @property
    def event(self) -> str:
        """The event that it tells about."""
        return self.key.rpartition(".")[0]


def _to_customer(event: str, *more: str, required: str = "", ends: str = "ticket") -> MailKind:
    needed = frozenset({required} - {""})
    return MailKind(f"{event}.customer", _OF_CUSTOMERS | {*more} | needed, needed, _FOLLOW, ends)


def _to_user(event: str, *more: str, required: str = "", ends: str = "kind") -> MailKind:
    needed = frozenset({required} - {""})
    return MailKind(f"{event}.user", _OF_USERS | {*more} | needed, needed, _LOOK, ends)


_NEWS = frozenset({"news"})
BATCHES = (  # what was gathered for one recipient: no event of its own; `ticket_number` may be several
    MailKind("batch.customer", _OF_CUSTOMERS | _NEWS, _NEWS, _FOLLOW),
    MailKind("batch.user", frozenset({"ticket_number"}) | _NEWS, _NEWS, _LOOK),
)

KINDS: dict[str, MailKind] = {
    kind.key: kind
    for kind in (
        _to_customer("ticket.created", ends="kind"),
        _to_customer("ticket.replied", "ticket_subject", "actor_name", required="message_text"),
        _to_customer("ticket.resolved", "ticket_subject", "auto_close_at", required="resolution_note"),
        _to_customer("ticket.closed", "ticket_subject"),
        _to_customer("link.renewed", ends="nothing"),  # he has just asked for it
        _to_user("ticket.assigned", "priority"),
        _to_user("ticket.replied", required="message_text"),
        _to_user("ticket.noted"),  # that there is a note for him; its text stays at the desk
        _to_user("ticket.reopened"),
        _to_user("ticket.created", "priority"),  # to the team, while nobody has it
        _to_user("sla.warned", "due_at", required="sla_clock"),
        _to_user("sla.critical", "due_at", required="sla_clock"),
        _to_user("sla.breached", "due_at", required="sla_clock"),
        _to_user("escalation.raised", "escalation_trigger", "escalation_reason", "priority",
                 required="escalation_level", ends="nothing"),  # NTF-003: cannot be switched off
        *BATCHES,
    )
}  # fmt: skip
