"""What the mail of a batch says: a section per ticket, and in it what happened there, oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup

from helpdesk.config import current_config
from helpdesk.core.i18n import _, lazy, speaking
from helpdesk.core.mail import Mail, sender_named
from helpdesk.core.pages import rendered
from helpdesk.notifications.letter import Letter, thread_id
from helpdesk.notifications.mail_kind import KINDS, REASONS
from helpdesk.notifications.mail_logo import CID
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.ticket import Ticket

if TYPE_CHECKING:
    from helpdesk.notifications.batch import Batch
    from helpdesk.notifications.delivery import Delivery

NAMED = 3  # numbers of tickets in a subject
_NEWS = "\ufdd0"  # stands in the text for the sections until they are put there; nobody can write it
SAID: dict[str, Any] = {  # kind of mail → what happened; one that is not here has no line in a batch
    "ticket.replied.customer": lazy("%(actor)s replied:"),
    "ticket.resolved.customer": lazy(
        "Your request is resolved. If we hear nothing from you by %(until)s, we will close it."
    ),
    "ticket.closed.customer": lazy("Your request is closed now. You can still read everything on its page."),
    "ticket.created.user": lazy("A new ticket of %(customer)s for your team; nobody has it yet."),
    "ticket.assigned.user": lazy("%(actor)s assigned it to you."),
    "ticket.replied.user": lazy("%(actor)s replied:"),
    "ticket.noted.user": lazy("%(actor)s mentioned you in an internal note. Open the ticket to read it."),
    "ticket.reopened.user": lazy("%(actor)s reopened it; it is with you again."),
    "sla.warned.user": lazy("%(clock)s: the deadline comes near."),
    "sla.critical.user": lazy("%(clock)s: the deadline is very near."),
    "sla.breached.user": lazy("%(clock)s: the deadline was missed."),
}


def batch_message_id(batch: "Batch") -> str:
    """The Message-ID of a mail that tells several things. It follows from the batch, so a repeat is the same mail."""
    host = urlsplit(current_config().base_url).hostname
    return f"<b{batch.id}.{batch.recipient_kind[0]}{batch.recipient_id}@{host}>"


@dataclass
class Section:
    """One ticket of a batch: its address, and (what happened, what was written, the same as safe HTML)."""

    ticket: Ticket
    link: str
    lines: list[tuple[str, str, Markup]] = field(default_factory=list)


class BatchLetter:
    """Several deliveries, written out as one mail."""

    def __init__(self, batch: "Batch", deliveries: Sequence["Delivery"]) -> None:
        self.batch, self.deliveries, self.language = batch, deliveries, batch.language
        self.kind, self.is_to_customer = (
            KINDS[f"batch.{batch.recipient_kind}"],
            batch.recipient_kind == "customer",
        )
        self.tickets = list({row.ticket_id: row.ticket for row in deliveries}.values())
        merchants = {ticket.merchant_id: ticket.merchant for ticket in self.tickets}
        self.merchant = next(iter(merchants.values())) if len(merchants) == 1 else None
        self.signs = (
            MailSender.of(self.merchant) if self.merchant else None
        )  # of several stores the organizer's
        self.name = self._name()

    def mail(self) -> Mail:
        """The mail, ready to be handed over. One about a single ticket goes into that ticket's thread."""
        with speaking(self.language):
            template, values, sections = MailTemplate.of(self.kind.key), self._values(), self._sections()
            _values, _blocks, link, leave = Letter(self.deliveries[-1]).excerpt()
            text = template.text(self.language, values).replace(_NEWS, self._news("batch.txt", sections))
            html = template.html(self.language, values, {})
            news = self._news("batch.html", sections)
            html = html.replace(f"<p>{_NEWS}</p>", news).replace(_NEWS, news)
            thread, only = None, self.tickets[0] if len(self.tickets) == 1 else None
            if only:
                thread = thread_id(only.number, only.id, self.deliveries[0].recipient)
            logo = self.signs.logo if self.signs else None
            return Mail(
                sender=self._sender(), reply_to=(self.signs and self.signs.reply_to) or None,
                recipient=self.batch.address, picture=logo.inline if logo else None,
                subject=template.subject(self.language, values), text=text + self._foot(link, leave or ""),
                html=self._page(html, link, leave or ""), message_id=batch_message_id(self.batch),
                in_reply_to=thread, references=thread, list_unsubscribe=leave, language=self.language,
            )  # fmt: skip

    def _name(self) -> str:
        return (self.signs and self.signs.name) or self._shop()

    def _shop(self) -> str:
        return self.merchant.name if self.merchant else Organizer.present().name

    def _sender(self) -> str:
        """One store's mails go out under its name, and customers' from its own address if it has one."""
        if self.merchant and self.signs:
            return self.signs.header(self.merchant, to_customer=self.is_to_customer)
        return sender_named(self.name, current_config().mail_from)

    def _values(self) -> dict[str, str]:
        numbers = [ticket.number for ticket in self.tickets]
        more = " …" if len(numbers) > NAMED else ""
        known = {
            "ticket_number": ", ".join(numbers[:NAMED]) + more, "merchant_name": self._shop(), "news": _NEWS,
        }  # fmt: skip
        return {name: value for name, value in known.items() if name in self.kind.placeholders}

    def _sections(self) -> list[Section]:
        """In the order in which their tickets were first heard of."""
        found: dict[int, Section] = {}
        for row in self.deliveries:
            values, blocks, link, _leave = Letter(row).excerpt()
            section = found.setdefault(row.ticket_id, Section(row.ticket, link))
            section.lines += self._lines(row, values, blocks)
        return list(found.values())

    def _lines(
        self, row: "Delivery", values: dict[str, str], blocks: dict[str, str]
    ) -> list[tuple[str, str, Markup]]:
        """What one event adds. A reply that is the note of the solution as well is said once, as the note."""
        name = next((name for name in ("message_text", "resolution_note") if values.get(name)), "")
        if name == "message_text" and values[name] in self._notes(row.ticket_id):
            return []
        words = SAID[row.template] % {
            "actor": values.get("actor_name", ""), "customer": values.get("customer_name", ""),
            "clock": values.get("sla_clock", ""), "until": values.get("auto_close_at", ""),
        }  # fmt: skip
        return [(words, values.get(name, ""), Markup(blocks.get(name, "")))]  # noqa: S704 - cleaned when written

    def _notes(self, ticket_id: int) -> set[str]:
        resolved = [row for row in self.deliveries if row.event.name == "ticket.resolved"]
        return {row.ticket.resolution_note for row in resolved if row.ticket_id == ticket_id}

    def _news(self, name: str, sections: list[Section]) -> str:
        local = {"sections": sections, "is_customer": self.is_to_customer}
        return rendered(f"notifications/mail/{name}", self.language, **local).strip()

    def _ending(self, link: str, leave: str) -> tuple[str, str, str, str, str]:
        """The one link with its words; why one gets this; how to get less of it, with its address."""
        reasons = dict.fromkeys(row.reason for row in self.deliveries)
        why = " ".join(str(REASONS[reason]) for reason in reasons)
        if self.is_to_customer:
            return str(self.kind.label), link, why, _("Unsubscribe from these mails"), leave
        base = current_config().base_url
        several = len(self.tickets) > 1
        words = (_("Open the queue"), f"{base}/queue") if several else (str(self.kind.label), link)
        return *words, why, _("Choose what you are told"), f"{base}/me/notifications"

    def _foot(self, link: str, leave: str) -> str:
        label, link, why, way_out, address = self._ending(link, leave)
        return f"\n\n{label}:\n{link}\n\n-- \n{why}\n{way_out}: {address}\n"

    def _page(self, html: str, link: str, leave: str) -> str:
        label, link, why, way_out, address = self._ending(link, leave)
        reason = Markup('{} <a href="{}">{}</a>').format(why, address, way_out)
        return rendered(
            "notifications/mail_layout.html", self.language, language=self.language, merchant=self.merchant,
            lines_html=html, link=link, link_label=label, reason=reason, unsubscribe_url=None,
            logo=self.signs.logo if self.signs else None, logo_url=f"cid:{CID}", sender_name=self.name,
        )  # fmt: skip
