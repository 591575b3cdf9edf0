"""The own mail server of a store, which carries the mails to its customers. Mails to the desk go by the house's."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
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
    secret: Mapped[str | None] = mapped_column(Text, repr=False, deferred=True)
    trouble: Mapped[str | None] = mapped_column(String(200))  # what is wrong with it now, as it says
    trouble_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
