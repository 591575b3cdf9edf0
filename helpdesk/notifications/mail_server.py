"""The own mail server of a store, which carries the mails to its customers. Mails to the desk go by the house's."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, once, reading, transaction
from helpdesk.core.mail_line import Relay
from helpdesk.core.secret_text import reveal
from helpdesk.core.tenancy import Tenanted


class MailServer(Tenanted, Model):
    """Where it is and how to talk to it. Its `secret` is kept encrypted and shown nowhere."""

    __tablename__ = "mail_servers"
    __table_args__ = (UniqueConstraint("merchant_id"),)

    id: Mapped[Id]
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    is_on: Mapped[bool] = mapped_column(default=False)
    host: Mapped[str] = mapped_column(String(253), default="")
    port: Mapped[int] = mapped_column(default=587)
    security: Mapped[str] = mapped_column(String(10), default="starttls")  # plain, starttls or tls
    address: Mapped[str] = mapped_column(String(254), default="")  # from which it sends
    user_name: Mapped[str] = mapped_column(String(254), default="")
    secret: Mapped[str | None] = mapped_column(Text, deferred=True)
    trouble: Mapped[str | None] = mapped_column(String(200))  # what is wrong with it now, as it says
    trouble_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    UNREADABLE: ClassVar[str] = "the password cannot be read any more"

    @classmethod
    def in_use(cls) -> Select[tuple[int]]:
        """The stores whose own server carries their mails."""
        return select(cls.merchant_id).where(cls.is_on).order_by(cls.merchant_id)

    @classmethod
    def relay_of(cls, merchant_id: int) -> Relay | None:
        """How to reach the server of a store, if it is in use. Raises `Unreadable`."""
        row = db.session.scalar(select(cls).where(cls.merchant_id == merchant_id, cls.is_on))
        return row.relay() if row else None

    @classmethod
    def address_of(cls, merchant_id: int) -> str | None:
        """From which address the mails of a store go, if its own server carries them."""

        def ask() -> str | None:
            return db.session.scalar(select(cls.address).where(cls.merchant_id == merchant_id, cls.is_on))

        return once((cls, merchant_id), ask)

    @classmethod
    def note(cls, merchant_id: int, trouble: str | None) -> None:
        """Keep what is wrong with it now, or that it works. Opens its own transaction, if there is news."""
        with reading():
            kept = db.session.scalar(select(cls.trouble).where(cls.merchant_id == merchant_id))
        if kept == trouble:
            return
        with transaction():
            mine = select(cls).where(cls.merchant_id == merchant_id).with_for_update(key_share=True)
            row = db.session.scalars(mine).one()
            row.trouble, row.trouble_at = trouble, clock.now() if trouble else None

    def relay(self) -> Relay:
        """How to reach it. Raises `Unreadable`."""
        password = reveal(self.secret, self._purpose) if self.secret else ""
        return Relay(self.host, self.port, self.security, self.user_name, password, is_foreign=True)

    @property
    def _purpose(self) -> str:
        return f"mail-server-{self.merchant_id}"
