"""Under whose name a store's mails go out: name, reply address, colour, logo."""

from base64 import b64encode
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, undefer

from helpdesk.config import current_config
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import Actor, record
from helpdesk.core.mail import sender_named
from helpdesk.core.memory import once
from helpdesk.core.tenancy import Tenanted
from helpdesk.notifications.brand_colour import BrandColour
from helpdesk.notifications.mail_logo import MailLogo
from helpdesk.notifications.mail_server import MailServer
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

WORDS = ("name", "reply_to")


class MailSender(Tenanted, Model):
    """How a store signs its mails. A store without a row, or with empty fields, sends under its plain name."""

    __tablename__ = "mail_senders"
    __table_args__ = (UniqueConstraint("merchant_id"),)

    id: Mapped[Id]
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    name: Mapped[str] = mapped_column(String(100), default="")
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    logo_type: Mapped[str | None] = mapped_column(String(20))
    logo_width: Mapped[int | None]
    logo_height: Mapped[int | None]
    logo_data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # small: at most 64 KB
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def of(cls, merchant: Merchant, *, lock: bool = False) -> "MailSender":
        """The one of a store; a blank one, which is not kept, where nothing was chosen. Who changes it locks."""
        if not lock:
            return once((cls, merchant.id), lambda: cls._kept(merchant, lock))
        Organizer.lock()
        return cls._kept(merchant, lock)

    @classmethod
    def _kept(cls, merchant: Merchant, lock: bool) -> "MailSender":
        own = select(cls).where(cls.merchant_id == merchant.id).options(undefer(cls.logo_data))
        kept = db.session.scalar(own.execution_options(populate_existing=lock))
        return kept or cls(merchant_id=merchant.id, name="", reply_to="", version=0)

    @classmethod
    def by_merchant(cls) -> dict[int, "MailSender"]:
        """All that were chosen, by the id of the store."""
        return {row.merchant_id: row for row in db.session.scalars(select(cls))}

    def change(self, merchant: Merchant, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of a form: `name`, `reply_to`, `brand_colour`, and `logo` (a picture, None for none).

        What is the same stays unsaid; without `logo` the logo stays.
        """
        changes: dict[str, list[Any]] = {
            word: [getattr(self, word), values[word]] for word in WORDS if getattr(self, word) != values[word]
        }
        colour = values["brand_colour"] or None
        if merchant.brand_colour != colour:
            changes["brand_colour"] = [merchant.brand_colour, colour]
        logo: MailLogo | None = values.get("logo", self.logo)
        if logo != self.logo:
            changes["logo"] = [bool(self.logo), bool(logo)]
            self._wear(logo)
        if not changes:
            return
        self.name, self.reply_to, merchant.brand_colour = values["name"], values["reply_to"], colour
        self.updated_at = clock.now()
        if not self.id:
            self.version = 1
            db.session.add(self)
        record("sender.changed", on=None, by=by, merchant=merchant.id, called=merchant.name, changes=changes)

    def _wear(self, logo: MailLogo | None) -> None:
        self.logo_type, self.logo_data = (logo.content_type, logo.content) if logo else (None, None)
        self.logo_width, self.logo_height = (logo.width, logo.height) if logo else (None, None)

    @property
    def logo(self) -> MailLogo | None:
        """Its picture."""
        if not self.logo_type:
            return None
        return MailLogo(self.logo_type, self.logo_width or 0, self.logo_height or 0, self.logo_data or b"")

    def header(self, merchant: Merchant, *, to_customer: bool = False) -> str:
        """The sender as the header says it: under the store's name our own address, or that of its own mail server."""
        own = MailServer.address_of(merchant.id) if to_customer else None
        return sender_named(self.name or merchant.name, own or current_config().mail_from)

    def logo_url(self) -> str:
        """Its picture for a page of ours, in which nothing is asked for from elsewhere."""
        logo = self.logo
        return f"data:{logo.content_type};base64,{b64encode(logo.content).decode()}" if logo else ""


def colour_of(merchant: Merchant | None) -> BrandColour:
    """The colour of a store, for templates."""
    return BrandColour.of(merchant.brand_colour if merchant else None)
