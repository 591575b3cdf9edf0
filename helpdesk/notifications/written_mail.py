"""A mail, written out for its reader: subject, text and HTML, whether it is sent, tried out or only looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.core.i18n import _, speaking
from helpdesk.core.mail import Inline
from helpdesk.core.pages import rendered
from helpdesk.notifications.mail_kind import MailKind
from helpdesk.notifications.mail_logo import CID
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.mail_template import MailTemplate
from helpdesk.organizers.merchant import Merchant

GREETING = 24  # a first paragraph of so few characters says nothing yet
GLIMPSE = 140  # characters that lists of mails show beside the subject


@dataclass(frozen=True)
class WrittenMail:
    """The texts of a template with everything filled in. `blocks` are safe HTML by name of the placeholder."""

    template: MailTemplate
    kind: MailKind
    language: str
    merchant: Merchant
    sender: MailSender
    values: Mapping[str, str]
    link: str
    reason: str
    blocks: Mapping[str, str] = field(default_factory=dict)
    unsubscribe: str | None = None

    @property
    def subject(self) -> str:
        """The subject line."""
        return self.template.subject(self.language, self.values)

    @property
    def text(self) -> str:
        """The plain half; its addresses are written out."""
        with speaking(self.language):
            foot = [f"{self.kind.label}:\n{self.link}", f"-- \n{self.reason}"]
            if self.unsubscribe:
                foot[-1] += f"\n{_('Unsubscribe from these mails')}: {self.unsubscribe}"
            return "\n\n".join([self.template.text(self.language, self.values), *foot]) + "\n"

    def html(self, logo_url: str = f"cid:{CID}") -> str:
        """The other half. Without its picture the store's name stands there."""
        with speaking(self.language):
            return rendered(
                "notifications/mail_layout.html", self.language, language=self.language, merchant=self.merchant,
                lines_html=self.template.html(self.language, self.values, self.blocks), link=self.link,
                link_label=str(self.kind.label), reason=self.reason, unsubscribe_url=self.unsubscribe,
                subject=self.subject, glimpse=self.glimpse, logo=self.sender.logo, logo_url=logo_url,
                sender_name=self.sender.name or self.merchant.name,
            )  # fmt: skip

    @property
    def glimpse(self) -> str:
        """What lists of mails show of it: its first words that say something."""
        said = self.template.paragraphs(self.language, self.values)
        if len(said) > 1 and len(said[0]) < GREETING:
            said = said[1:]
        words = " ".join(" ".join(said).split())
        return words if len(words) <= GLIMPSE else f"{words[:GLIMPSE].rsplit(' ', 1)[0]}…"

    @property
    def picture(self) -> Inline | None:
        """What comes along with it."""
        logo = self.sender.logo
        return logo.inline if logo else None
