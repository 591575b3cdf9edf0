"""The mail about somebody's account: the link with which he sets his password. It leaves as all other mails do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import escape
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from helpdesk.accounts.account_link import AccountLink
from helpdesk.config import current_config
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Event
from helpdesk.core.i18n import instant, speaking
from helpdesk.core.mail import Mail, sender_named
from helpdesk.core.pages import rendered
from helpdesk.core.tenancy import Tenanted
from helpdesk.notifications.sending import Sending, Written, alarm
from helpdesk.notifications.suppression import REASON, Suppression


class AccountMail(Sending, Tenanted, Model):
    """One per link. Its states are those of a delivery."""

    __tablename__ = "account_mails"
    __table_args__ = (
        UniqueConstraint("link_id"),
        partial_index("ix_account_mails_due", "organizer_id", "next_at", where="next_at IS NOT NULL"),
    )

    id: Mapped[Id]
    link_id: Mapped[int] = mapped_column(BigId, ForeignKey("account_links.id"))
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    begun: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    smtp_answer: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    via_merchant_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("merchants.id")
    )  # the house's: always None

    link: Mapped[AccountLink] = relationship(viewonly=True)

    @classmethod
    def plan(cls, event: Event) -> None:
        """Write down what an event wants sent, once."""
        link = db.session.get_one(AccountLink, event.data["link"])
        now = clock.now()
        row = cls(
            link_id=link.id, address=link.user.email, language=link.user.language, state="queued", attempts=0,
            fence=0, begun=0, is_uncertain=False, created_at=now, next_at=now,
        )  # fmt: skip
        if add_once(row):
            alarm.set(now)

    def letter(self) -> Written:
        """The mail, or why nobody wants it any more."""
        why = (
            REASON
            if Suppression.holds(self.address)
            else None
            if self.link.is_live
            else "the link is not good any more"
        )
        return Written(None, {self.id: why}) if why else Written(self._mail())

    def settle(self, written: Written) -> None:
        """Take over what was found out when it was written."""
        if not written.mail:
            self.state, self.error, self.next_at = "skipped", written.dropped[self.id], None

    @classmethod
    def along(cls, noting: bool) -> list[Any]:
        """What is loaded with them."""
        return [] if noting else [joinedload(cls.link)]

    @classmethod
    def foresee(cls, rows: Sequence["AccountMail"]) -> None:
        """Look up together what each letter will ask for."""
        Suppression.foresee({row.address for row in rows})

    def _mail(self) -> Mail:
        link, base = self.link, current_config().base_url
        local = {"purpose": link.purpose, "name": link.user.name, "desk": link.organizer.name}
        with speaking(self.language):
            words = rendered(
                "notifications/mail/account.txt", self.language, until=instant(link.expires_at, self.language), **local
            ).strip()  # fmt: skip
            subject, label, reason, *paragraphs = [" ".join(part.split()) for part in words.split("\n\n")]
            url = f"{base}/account/{link.token}"
            html = rendered(
                "notifications/mail_layout.html", self.language, language=self.language, merchant=None,
                lines_html="".join(f"<p>{escape(one)}</p>" for one in paragraphs), link=url, link_label=label,
                reason=reason, subject=subject, glimpse=paragraphs[1], sender_name=link.organizer.name,
                unsubscribe_url=None,
            )  # fmt: skip
        return Mail(
            sender=sender_named(link.organizer.name, current_config().mail_from), recipient=self.address,
            subject=subject, text="\n\n".join([*paragraphs, f"{label}:\n{url}", f"-- \n{reason}"]) + "\n", html=html,
            message_id=f"<account.{link.id}@{urlsplit(base).hostname}>", language=self.language,
        )  # fmt: skip
