"""The catalogue of what people are told: every event with each of its audiences, and how they hear of it as shipped."""

from dataclasses import dataclass
from typing import Any

from helpdesk.core.i18n import lazy

LIVE, NOW, BATCHED, OFF = "live", "mail_now", "mail_batched", "off"
CHANNELS = {  # from the loudest to silence; whoever gets mails sees it on the screen too
    NOW: lazy("Mail at once"),
    BATCHED: lazy("Mail, gathered"),
    LIVE: lazy("On the screen only"),
    OFF: lazy("Not at all"),
}
AUDIENCES: dict[str, Any] = {
    "customer": lazy("The customer"),
    "assignee": lazy("The assignee"),
    "group": lazy("The team, while nobody has it"),
    "mention": lazy("Who is mentioned"),
    "managers": lazy("Whom the escalation ladder names"),
    "follower": lazy("Who follows it"),
}


@dataclass(frozen=True)
class PreferenceTopic:
    """One event for one audience. Who belongs to the audience is worked out in `Audience`, and nowhere else."""

    event: str
    audience: str  # a key of AUDIENCES
    channel: str  # as shipped
    label: Any = ""  # as users choose it; what customers are told is not chosen here
    hint: Any = ""
    is_fixed: bool = False  # it cannot be switched off
    is_held: bool = True  # quiet hours hold its mails
    is_mailed: bool = True  # there is a mail about it

    @property
    def key(self) -> str:
        """Event and audience: `ticket.replied.assignee`."""
        return f"{self.event}.{self.audience}"

    @property
    def channels(self) -> list[str]:
        """What can be chosen."""
        return [channel for channel in CHANNELS if self.is_mailed or channel not in MAILS]

    @property
    def field(self) -> str:
        """Its field on the page of preferences."""
        return self.key.replace(".", "_")

    @property
    def said(self) -> str:
        """What happened, for a table of all topics."""
        return str(_SAID[self.event])

    @property
    def kind(self) -> str:
        """The kind of mail that tells it."""
        return f"{self.event}.{'customer' if self.audience == 'customer' else 'user'}"


_SAID: dict[str, Any] = {
    "ticket.created": lazy("A request comes in"),
    "ticket.assigned": lazy("A ticket is assigned"),
    "ticket.replied": lazy("Somebody replies"),
    "ticket.noted": lazy("Somebody writes an internal note"),
    "ticket.resolved": lazy("A ticket is resolved"),
    "ticket.closed": lazy("A ticket is closed"),
    "ticket.reopened": lazy("A ticket is reopened"),
    "sla.warned": lazy("A deadline comes near"),
    "sla.critical": lazy("A deadline is very near"),
    "sla.breached": lazy("A deadline was missed"),
    "ticket.woken": lazy("A snoozed ticket is back"),
    "escalation.raised": lazy("A ticket is escalated"),
    "mail.failed": lazy("A mail could not be delivered"),
    "link.renewed": lazy("The customer asks for a new link"),
}
_T = PreferenceTopic
CATALOGUE: tuple[PreferenceTopic, ...] = (  # of one event: the first audience that somebody is in counts
    _T("ticket.created", "customer", NOW),
    _T("ticket.created", "group", BATCHED, lazy("A new ticket of my team that nobody has")),
    _T("ticket.assigned", "assignee", BATCHED, lazy("A ticket is assigned to me")),
    _T("ticket.replied", "customer", BATCHED),
    _T("ticket.replied", "assignee", BATCHED, lazy("A customer replies on my ticket")),
    _T("ticket.replied", "follower", LIVE, lazy("A customer replies on a ticket that I follow")),
    _T("ticket.noted", "mention", BATCHED, lazy("Somebody mentions me in a note")),
    _T("ticket.noted", "follower", LIVE, lazy("Somebody writes a note on a ticket that I follow"), is_mailed=False),
    _T("ticket.resolved", "customer", BATCHED),
    _T("ticket.resolved", "follower", LIVE, lazy("A ticket that I follow is resolved"), is_mailed=False),
    _T("ticket.closed", "customer", BATCHED),
    _T("ticket.closed", "follower", LIVE, lazy("A ticket that I follow is closed"), is_mailed=False),
    _T("ticket.reopened", "assignee", BATCHED, lazy("My ticket is reopened")),
    _T("ticket.reopened", "follower", LIVE, lazy("A ticket that I follow is reopened"), is_mailed=False),
    _T("ticket.woken", "assignee", LIVE, lazy("A ticket that I snoozed, or that is mine, is back"), is_mailed=False),
    _T("sla.warned", "assignee", LIVE, lazy("A deadline of my ticket comes near")),
    _T("sla.critical", "assignee", NOW, lazy("A deadline of my ticket is very near")),
    _T("sla.breached", "assignee", NOW, lazy("A deadline of my ticket was missed")),
    _T("sla.breached", "follower", LIVE, lazy("A deadline of a ticket that I follow was missed")),
    _T("escalation.raised", "managers", NOW, lazy("A ticket is escalated to me"),
       lazy("Escalations are always mailed at once, in quiet hours too: somebody is waiting for help."),
       is_fixed=True, is_held=False),
    _T("mail.failed", "assignee", LIVE, lazy("A mail about my ticket could not be delivered"),
       lazy("Only on the screen: a mail about mails that do not arrive helps nobody."), is_mailed=False),
    _T("link.renewed", "customer", NOW),
)  # fmt: skip
TOPICS = {topic.key: topic for topic in CATALOGUE}
OF_USERS = tuple(topic for topic in CATALOGUE if topic.audience != "customer")


MAILS = (NOW, BATCHED)


def topics_of(event: str) -> list[PreferenceTopic]:
    """What the catalogue says about an event."""
    return [topic for topic in CATALOGUE if topic.event == event]
