"""The own mail server of a store, which carries the mails to its customers. Mails to the desk go by the house's."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.config import current_config
from helpdesk.core import circuit, clock
from helpdesk.core.db import BigId, Id, Model, after_commit, db, reading, transaction
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _
from helpdesk.core.mail_line import Relay
from helpdesk.core.memory import once
from helpdesk.core.secret_text import conceal, reveal
from helpdesk.core.tenancy import Tenanted
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

WORDS = ("is_on", "host", "port", "security", "address", "user_name")
PLACE = ("host", "port", "security", "user_name")  # a password is for this place, and for no other


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
    secret: Mapped[str | None] = mapped_column(Text)
    trouble: Mapped[str | None] = mapped_column(String(200))  # what is wrong with it now, as it says
    trouble_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    UNREADABLE: ClassVar[str] = "the password cannot be read any more"

    @classmethod
    def of(cls, merchant: Merchant, *, lock: bool = False) -> "MailServer":
        """The one of a store; a blank one, which is not kept, where there is none. Who changes it locks."""
        if lock:
            Organizer.lock()
        own = select(cls).where(cls.merchant_id == merchant.id)
        blank = {
            "is_on": False,
            "host": "",
            "port": 587,
            "security": "starttls",
            "address": "",
            "user_name": "",
        }
        kept = db.session.scalar(own.execution_options(populate_existing=lock))
        return kept or cls(merchant_id=merchant.id, version=0, **blank)

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

    @staticmethod
    def key(merchant_id: int) -> str:
        """Its name for the breaker."""
        return f"smtp-{merchant_id}"

    def change(self, merchant: Merchant, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of a form: `WORDS`, and `password` (empty: the one that is kept). Raises `Refusal`.

        The password is said nowhere. What waited is tried at once.
        """
        self.check(values)
        changes = {
            word: [getattr(self, word), values[word]] for word in WORDS if getattr(self, word) != values[word]
        }
        if values["password"] or (self.secret and not values["user_name"]):
            changes["password"] = [bool(self.secret), bool(values["password"])]
            self.secret = conceal(values["password"], self._purpose) if values["password"] else None
        if not changes:
            return
        for word in WORDS:
            setattr(self, word, values[word])
        self.version, self.changed_at = self.version + 1, clock.now()
        self.trouble = self.trouble_at = None
        if not self.id:
            db.session.add(self)
        record("server.changed", on=None, by=by, merchant=merchant.id, called=merchant.name, changes=changes)
        after_commit(lambda: circuit.forgive(self.key(merchant.id)))

    def check(self, values: dict[str, Any]) -> None:
        """A password goes to the place for which it was entered, and never in the open. Raises `Refusal`."""
        has_moved = any(values[word] != getattr(self, word) for word in PLACE)
        if values["user_name"] and not values["password"] and (has_moved or not self.secret):
            raise Refusal(
                _("Enter the password again: it is only ever sent to the server for which it was entered.")
            )
        if values["password"] and not values["user_name"]:
            raise Refusal(_("Enter the user name to which this password belongs."))
        if (
            values["user_name"]
            and values["security"] == "plain"
            and not current_config().private_mail_servers
        ):
            raise Refusal(_("A password must not travel unprotected. Choose STARTTLS or TLS."))

    def relay(self, values: dict[str, Any] | None = None) -> Relay:
        """How to reach it; with the values of a form, as if they were kept. Raises `Unreadable`, `Refusal`."""
        if values is None:
            password = reveal(self.secret, self._purpose) if self.secret else ""
            return Relay(self.host, self.port, self.security, self.user_name, password, is_foreign=True)
        self.check(values)
        kept = reveal(self.secret, self._purpose) if self.secret and not values["password"] else ""
        place = (values["host"], values["port"], values["security"], values["user_name"])
        return Relay(*place, values["password"] or (kept if values["user_name"] else ""), is_foreign=True)

    @property
    def _purpose(self) -> str:
        return f"mail-server-{self.merchant_id}"
