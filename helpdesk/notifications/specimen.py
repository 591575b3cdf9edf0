"""What a mail is tried out with: made-up words, or a real ticket and made-up words for what it does not say."""

from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.config import current_config
from helpdesk.core.db import db
from helpdesk.core.i18n import instant, speaking
from helpdesk.core.richtext import render, unfolded
from helpdesk.notifications.mail_kind import REASONS, MailKind
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.notifications.placeholder import offered
from helpdesk.notifications.written_mail import WrittenMail
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, Priority
from helpdesk.tickets.public_message import PublicMessage
from helpdesk.tickets.ticket import Ticket

BLOCKS = ("message_text", "resolution_note", "news")  # written with marks in them
NOWHERE = "preview"  # stands where a real mail has a secret


@dataclass(frozen=True)
class Specimen:
    """One kind of mail of one store. With a ticket it says what that says; its link opens nothing."""

    kind: MailKind
    merchant: Merchant
    ticket: Ticket | None = None

    @classmethod
    def merchant_for(cls, viewer: User, merchant_id: int | None = None) -> Merchant | None:
        """The store that is wanted, if he sees it; without a wish the first one."""
        seen = select(Merchant).where(Merchant.id.in_(viewer.merchant_ids())).order_by(Merchant.id)
        if merchant_id is not None:
            seen = seen.where(Merchant.id == merchant_id)
        return db.session.scalars(seen.limit(1)).first()

    def written(self, template: MailTemplate, language: str) -> WrittenMail:
        """The mail that these texts make."""
        with speaking(language):
            values = self._values(language)
            blocks = {name: unfolded(render(values[name])) for name in BLOCKS if name in values}
            reason = str(REASONS[self._reason])
        base = current_config().base_url
        link = (
            f"{base}/t/{NOWHERE}" if self._is_for_customers else f"{base}/tickets/{values['ticket_number']}"
        )
        return WrittenMail(
            template=template, kind=self.kind, language=language, merchant=self.merchant,
            sender=MailSender.of(self.merchant), values=values, blocks=blocks, link=link, reason=reason,
            unsubscribe=None if self.kind.ends == "nothing" else f"{base}/unsubscribe/{NOWHERE}",
        )  # fmt: skip

    def _values(self, language: str) -> dict[str, str]:
        made_up = {one.name: one.sample(language) for one in offered(self.kind)}
        made_up |= dict.fromkeys(self.kind.placeholders - made_up.keys(), "")
        said = {"merchant_name": self.merchant.name} | self._of_ticket(language)
        return made_up | {name: words for name, words in said.items() if name in made_up and words}

    def _of_ticket(self, language: str) -> dict[str, str]:
        ticket = self.ticket
        if ticket is None:
            return {}
        return {
            "ticket_number": ticket.number,
            "ticket_subject": ticket.subject,
            "merchant_name": ticket.merchant.name,
            "customer_name": ticket.sender.shown_name,
            "actor_name": ticket.assignee.name if ticket.assignee else "",
            "priority": str(PRIORITY_LABELS[Priority(ticket.priority)]),
            "auto_close_at": instant(ticket.auto_close_at, language) if ticket.auto_close_at else "",
            "resolution_note": ticket.resolution_note,
            "message_text": self._last_words(ticket) if "message_text" in self.kind.placeholders else "",
        }

    def _last_words(self, ticket: Ticket) -> str:
        """The last thing that the other side of this mail wrote, from the customers' drawer, in which no note is."""
        author = "user" if self._is_for_customers else "customer"
        theirs = PublicMessage.thread(ticket.id).where(PublicMessage.author_kind == author)
        last = db.session.scalars(theirs.order_by(None).order_by(PublicMessage.id.desc()).limit(1)).first()
        return last.body if last else ""

    @property
    def _reason(self) -> str:
        """One of those for which somebody may get it."""
        if self._is_for_customers:
            return "customer"
        others = {"ticket.created": "group", "ticket.noted": "mention", "escalation.raised": "managers"}
        return others.get(self.kind.event, "assignee")

    @property
    def _is_for_customers(self) -> bool:
        return self.kind.key.endswith(".customer")
