"""A mail that somebody sends himself to see what it looks like. Made-up words only; sent once or not at all."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Select, String, Text, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.config import current_config
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, partial_index, transaction
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _
from helpdesk.core.mail import Mail, Undelivered
from helpdesk.core.mail_line import Line, Relay
from helpdesk.core.tenancy import Tenanted
from helpdesk.notifications.mail_logo import CID
from helpdesk.notifications.mail_sender import MailSender
from helpdesk.notifications.written_mail import WrittenMail
from helpdesk.organizers.merchant import Merchant

log = logging.getLogger(__name__)

MOST_PER_HOUR = 10  # of one user
SHOWN = 5


class MailTest(Tenanted, Model):
    """`state`: queued, sending (taken; if a worker dies then, it stays so), sent, failed."""

    __tablename__ = "mail_tests"
    __table_args__ = (partial_index("ix_mail_tests_queued", "organizer_id", "id", where="state = 'queued'"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    kind: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(Text, deferred=True)
    text: Mapped[str] = mapped_column(Text, deferred=True)
    html: Mapped[str] = mapped_column(Text, deferred=True)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    answer: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]

    merchant: Mapped[Merchant] = relationship(viewonly=True)

    @classmethod
    def ask(cls, written: WrittenMail, *, by: User) -> "MailTest":
        """Have it sent to oneself, and to nobody else. Raises `Refusal`."""
        if current_config().smtp_url is None:
            raise Refusal(_("No mail server is set up, so nothing can be sent."))
        since = clock.now() - timedelta(hours=1)
        recent = select(func.count(cls.id)).where(cls.user_id == by.id, cls.created_at > since)
        if (db.session.scalar(recent) or 0) >= MOST_PER_HOUR:
            raise Refusal(_("You have sent %(n)s test mails within an hour. Wait a while.", n=MOST_PER_HOUR))
        test = cls(
            user_id=by.id, merchant_id=written.merchant.id, kind=written.kind.key, language=written.language,
            address=by.email, subject=_("Test: %(subject)s", subject=written.subject), text=written.text,
            html=written.html(), state="queued",
        )  # fmt: skip
        db.session.add(test)
        db.session.flush()
        return test

    @classmethod
    def last_of(cls, user: User, kind: str) -> Select[tuple["MailTest"]]:
        """What he sent himself last, newest first."""
        return (
            select(cls).where(cls.user_id == user.id, cls.kind == kind).order_by(cls.id.desc()).limit(SHOWN)
        )

    @classmethod
    def send_queued(cls) -> None:
        """Send what waits. Opens its own transactions; none may be open."""
        url = current_config().smtp_url
        if url is None:
            return
        with Line(Relay.of(url)) as line:
            while (test_id := cls._take()) is not None:
                cls._send(test_id, line)

    @classmethod
    def _take(cls) -> int | None:
        """Claim the next one; of two workers one gets it."""
        with transaction():
            first = db.session.scalar(select(cls.id).where(cls.state == "queued").order_by(cls.id).limit(1))
            if first is None:
                return None
            mine = update(cls).where(cls.id == first, cls.state == "queued").values(state="sending")
            taken = db.session.execute(mine.execution_options(synchronize_session=False)).rowcount
        return first if taken else cls._take()

    @classmethod
    def _send(cls, test_id: int, line: Line) -> None:
        with transaction():
            mail = db.session.get_one(cls, test_id)._mail()
        try:
            state, answer = "sent", line.deliver(mail)
        except Undelivered as fault:
            state, answer = "failed", fault.answer
        with transaction():
            test = db.session.get_one(cls, test_id)
            test.state, test.answer = state, answer[:200]
            test.sent_at = clock.now() if state == "sent" else None

    def _mail(self) -> Mail:
        sender = MailSender.of(self.merchant)
        host = current_config().base_url.partition("://")[2].partition("/")[0].partition(":")[0]
        logo = sender.logo
        return Mail(
            sender=sender.header(self.merchant), reply_to=sender.reply_to or None, recipient=self.address,
            subject=self.subject, text=self.text, html=self.html, language=self.language,
            message_id=f"<test.{self.id}@{host}>", picture=logo.inline if logo and CID in self.html else None,
        )  # fmt: skip
