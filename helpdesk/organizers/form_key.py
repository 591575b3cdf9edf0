"""The public key under which a merchant's own site embeds the form."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model
from helpdesk.core.tenancy import Tenanted, at_the_door
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer


class FormKey(Tenanted, Model):
    """A form of a merchant: where it may be shown and what it allows."""

    __tablename__ = "form_keys"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    secret: Mapped[str] = mapped_column(
        String(100)
    )  # signs the identity that the merchant's server vouches for
    allowed_origins: Mapped[list[str]] = mapped_column(default=list)  # empty: any site may show the form
    highest_priority: Mapped[str] = mapped_column(String(10), default="HIGH")
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    # They come along, so that no page asks for their settings again.
    merchant: Mapped[Merchant] = relationship(lazy="joined", innerjoin=True)
    organizer: Mapped[Organizer] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @classmethod
    def find(cls, key: str) -> "FormKey | None":
        """The form with this key, whoever's it is: the key is all that a visitor of a shop brings."""
        return at_the_door(select(cls).where(cls.key == key))
