"""What one delivery says: its words, its link and its headers, for this recipient."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from helpdesk.config import current_config
from helpdesk.core.db import db
from helpdesk.core.events import Robot
from helpdesk.core.i18n import instant, speaking
from helpdesk.core.mail import Mail
from helpdesk.core.richtext import render, unfolded
from helpdesk.core.signing import sign
from helpdesk.escalations.escalation import TRIGGERS, Escalation
from helpdesk.notifications.mail_kind import KINDS, REASONS
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.written_mail import WrittenMail
from helpdesk.tickets.customer_link import CustomerLink
from helpdesk.tickets.lifecycle import CLOCK_LABELS, PRIORITY_LABELS, Priority
from helpdesk.tickets.public_message import PublicMessage

if TYPE_CHECKING:
    from helpdesk.notifications.delivery import Delivery

UNSUBSCRIBE = "unsubscribe"  # the purpose of the signed link


def thread_id(ticket_number: str, ticket_id: int, recipient: str) -> str:
    """The Message-ID under which mail programs gather all mails on one ticket to one recipient (`c5`, `u7`)."""
    return f"<{ticket_number}.t{ticket_id}.{recipient}@{urlsplit(current_config().base_url).hostname}>"


def message_id(ticket_number: str, event_id: int, recipient: str) -> str:
    """The Message-ID of one delivery. It follows from what is told to whom, so a repeat is the same mail."""
    return f"<{ticket_number}.e{event_id}.{recipient}@{urlsplit(current_config().base_url).hostname}>"


class Letter:
    """One delivery, written out. Texts of messages come from the customers' drawer alone, in which no note is."""

    def __init__(self, delivery: "Delivery") -> None:
        self.delivery = delivery
        self.kind = KINDS[delivery.template]
        self.event = delivery.event
        self.ticket = delivery.ticket
        self.language = delivery.language

    def mail(self) -> Mail:
        """The mail, ready to be handed over."""
        with speaking(self.language):
            merchant = self.ticket.merchant
            return self._addressed(WrittenMail(
                template=MailTemplate.of(self.kind.key), kind=self.kind, language=self.language, merchant=merchant,
                sender=MailSender.of(merchant), values=self._values(), blocks=self._blocks(), link=self._link(),
                reason=str(REASONS[self.delivery.reason]), unsubscribe=self._unsubscribe_url(),
            ))  # fmt: skip

    def excerpt(self) -> tuple[dict[str, str], dict[str, str], str, str | None]:
        """What a mail about several things takes over from this one: values, safe HTML, the link, the way out."""
        return self._values(), self._blocks(), self._link(), self._unsubscribe_url()

    def _addressed(self, written: WrittenMail) -> Mail:
        thread = thread_id(self.ticket.number, self.ticket.id, self.delivery.recipient)
        earlier = None if self.delivery.message_id == thread else thread
        return Mail(
            sender=written.sender.header(
                written.merchant, to_customer=self.delivery.recipient_kind == "customer"
            ), reply_to=written.sender.reply_to or None,
            recipient=self.delivery.address, subject=written.subject, text=written.text, html=written.html(),
            message_id=self.delivery.message_id, in_reply_to=earlier, references=earlier,
            list_unsubscribe=written.unsubscribe, language=self.language, picture=written.picture,
        )  # fmt: skip

    def _values(self) -> dict[str, str]:
        """What placeholders become. Only those that this kind of mail may reach are in it."""
        ticket, actor, message = self.ticket, self.event.actor["name"], self._message
        known: dict[str, Callable[[], str]] = {
            "ticket_number": lambda: ticket.number,
            "ticket_subject": lambda: ticket.subject,
            "merchant_name": lambda: ticket.merchant.name,
            "customer_name": lambda: ticket.sender.shown_name,
            "actor_name": lambda: str(Robot.labels.get(actor, actor)),
            "priority": lambda: str(PRIORITY_LABELS[Priority(ticket.priority)]),
            "auto_close_at": lambda: self._instant(ticket.auto_close_at),
            "resolution_note": lambda: ticket.resolution_note,
            "message_text": lambda: message.body if message else "",
        }
        told = self._escalation() | self._deadline()
        return {
            name: known[name]() if name in known else told[name]
            for name in self.kind.placeholders & (known.keys() | told)
        }

    def _blocks(self) -> dict[str, str]:
        """Safe HTML of the values that people wrote with marks in them."""
        message = self._message
        known: dict[str, Callable[[], str]] = {
            "message_text": lambda: unfolded(message.body_html) if message else "",
            "resolution_note": lambda: unfolded(render(self.ticket.resolution_note)),
        }
        return {name: html() for name, html in known.items() if name in self.kind.placeholders}

    @cached_property
    def _message(self) -> PublicMessage | None:
        """The message that the event is about, if the customer may read it."""
        number = self.event.data.get("message")
        if number is None:
            return None
        return PublicMessage.find(number)

    def _escalation(self) -> dict[str, str]:
        if "escalation" not in self.event.data:
            return {}
        row = db.session.get_one(Escalation, self.event.data["escalation"])
        return {
            "escalation_level": str(row.level),
            "escalation_trigger": str(TRIGGERS[row.trigger]),
            "escalation_reason": row.because,
        }

    def _deadline(self) -> dict[str, str]:
        """Of an event about a clock: which one, and until when something was promised."""
        kind = self.event.data.get("kind", "") if self.event.name.startswith("sla.") else ""
        if not kind:
            return {}
        clocks = [one for one in self.ticket.tracker.clocks if one.kind == kind]
        return {
            "sla_clock": str(CLOCK_LABELS[kind]),
            "due_at": self._instant(clocks[-1].due_at) if clocks else "",
        }

    def _instant(self, at: datetime | None) -> str:
        return instant(at, self.language) if at else ""

    def _link(self) -> str:
        """The one thing to click. From the settings: no request's Host has a say in it."""
        base = current_config().base_url
        if self.delivery.recipient_kind == "customer":
            return f"{base}/t/{CustomerLink.known_of(self.ticket).token}"
        return f"{base}/tickets/{self.ticket.number}"

    def _unsubscribe_url(self) -> str | None:
        if self.kind.ends == "nothing":
            return None
        token = sign(UNSUBSCRIBE, [self.delivery.organizer_id, self.delivery.id])
        return f"{current_config().base_url}/unsubscribe/{token}"
