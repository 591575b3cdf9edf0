"""The form of a merchant: the public key under which his own site embeds it, and what it asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, Text, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import Localized, lazy
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Tenanted, at_the_door
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer
from helpdesk.organizers.rotating import Rotating

VALUES = (
    "name", "is_on", "allowed_origins", "takes_plain", "highest_priority", "category_ids", "order_asked",
    "order_category_ids", "phone_asked", "phone_category_ids", "person_first", "colour", "title_en", "title_vi",
    "intro_en", "intro_vi", "thanks_en", "thanks_vi",
)  # fmt: skip
LABELS: Mapping[str, Any] = {  # what each of them is called, on its page and in the history
    "name": lazy("Name"), "is_on": lazy("Takes requests"), "allowed_origins": lazy("Allowed sites"),
    "takes_plain": lazy("Takes plain HTML forms"), "highest_priority": lazy("Highest priority"),
    "category_ids": lazy("Topics on offer"), "order_asked": lazy("Order number"),
    "order_category_ids": lazy("Order number for"), "phone_asked": lazy("Phone number"),
    "phone_category_ids": lazy("Phone number for"), "person_first": lazy("Asks first who it is"),
    "colour": lazy("Colour"), "title_en": lazy("Heading in English"), "title_vi": lazy("Heading in Vietnamese"),
    "intro_en": lazy("Introduction in English"), "intro_vi": lazy("Introduction in Vietnamese"),
    "thanks_en": lazy("Thanks in English"), "thanks_vi": lazy("Thanks in Vietnamese"),
}  # fmt: skip
ASKED = {  # of whom: for all categories, for those that are named, for none
    "always": lazy("Always"), "some": lazy("For some topics"), "never": lazy("Never"),
}  # fmt: skip
# As high as most forms are, until the script has put the form in its place: what comes after it is not moved. What
# is drawn on has a size of its own, which neither a strict policy nor a page's wildest style takes away.
ROOM = '<canvas width="0" height="1050"></canvas>'


class FormKey(Rotating, Tenanted, Model):
    """A form of a merchant: where it may be shown and what it allows."""

    __tablename__ = "form_keys"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"))
    plain_secret: Mapped[str] = mapped_column(
        "secret", String(100), default=""
    )  # of before they were concealed
    hidden_secret: Mapped[str | None] = mapped_column(
        Text
    )  # signs the identity that the merchant's server vouches for
    allowed_origins: Mapped[list[str]] = mapped_column(default=list)  # empty: any site may show the form
    highest_priority: Mapped[str] = mapped_column(String(10), default="HIGH")
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    name: Mapped[str] = mapped_column(String(100), default="")  # for the settings; customers never see it
    takes_plain: Mapped[bool] = mapped_column(default=False)  # from a page's own HTML form, without ours
    category_ids: Mapped[list[Any]] = mapped_column(default=list)  # on offer; empty: all that are on forms
    order_asked: Mapped[str] = mapped_column(String(10), default="always")
    order_category_ids: Mapped[list[Any]] = mapped_column(
        default=list
    )  # with `some`: these and those below them
    phone_asked: Mapped[str] = mapped_column(String(10), default="always")
    phone_category_ids: Mapped[list[Any]] = mapped_column(default=list)
    person_first: Mapped[bool] = mapped_column(default=False)  # who it is before what it is about
    colour: Mapped[str | None] = mapped_column(String(7))  # of its button; readable under white letters
    title_en: Mapped[str | None] = mapped_column(String(200))  # None: the shipped words
    title_vi: Mapped[str | None] = mapped_column(String(200))
    intro_en: Mapped[str | None] = mapped_column(Text)
    intro_vi: Mapped[str | None] = mapped_column(Text)
    thanks_en: Mapped[str | None] = mapped_column(Text)
    thanks_vi: Mapped[str | None] = mapped_column(Text)
    old_key: Mapped[str | None] = mapped_column(String(60), unique=True, index=True)
    old_key_until: Mapped[datetime | None]  # None: until it is switched off
    old_hidden_secret: Mapped[str | None] = mapped_column(Text)
    old_secret_until: Mapped[datetime | None]
    key_used_at: Mapped[datetime | None]
    old_key_used_at: Mapped[datetime | None]
    secret_used_at: Mapped[datetime | None]
    old_secret_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None]

    title, intro, thanks = Localized("title"), Localized("intro"), Localized("thanks")
    # They come along, so that no page asks for their settings again.
    merchant: Mapped[Merchant] = relationship(lazy="joined", innerjoin=True)
    organizer: Mapped[Organizer] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @classmethod
    def find(cls, key: str) -> "FormKey | None":
        """The form with this key, whoever's it is: the key is all that a visitor of a shop brings."""
        lives = or_(cls.old_key_until.is_(None), cls.old_key_until > clock.now())
        return at_the_door(select(cls).where(or_(cls.key == key, and_(cls.old_key == key, lives))))

    @classmethod
    def of(cls, merchant: Merchant) -> Select[tuple["FormKey"]]:
        """All forms of a merchant, the oldest first."""
        return select(cls).where(cls.merchant_id == merchant.id).order_by(cls.id)

    @classmethod
    def locked(cls, form_id: int, merchant_id: int) -> "FormKey | None":
        """One of a merchant that is about to be changed, while nobody else changes it."""
        Organizer.lock()
        own = select(cls).where(cls.id == form_id, cls.merchant_id == merchant_id)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def create(cls, merchant: Merchant, name: str, *, by: Actor) -> "FormKey":
        """A new form, which is off until somebody has looked at it. Its first secret is made when it is wanted."""
        form = cls(merchant=merchant, name=name, key=cls.new_key(merchant), is_on=False, version=1)
        form.colour = None
        db.session.add(form)
        db.session.flush()
        record("form.created", on=None, by=by, **form._said)
        return form

    def change(self, values: dict[str, Any], *, by: Actor) -> None:
        """Take over values of the editor; what is the same stays unsaid."""
        changes = {
            name: [getattr(self, name), values[name]]
            for name in VALUES if name in values and getattr(self, name) != values[name]
        }  # fmt: skip
        if not changes:
            return
        for name in changes:
            setattr(self, name, values[name])
        self.version += 1
        record("form.changed", on=None, by=by, **self._said, changes=changes)

    def archive(self, *, by: Actor) -> None:
        """Close it and put it out of the way; what came by it stays."""
        if self.archived_at is None:
            self.archived_at = clock.now()
            record("form.archived", on=None, by=by, **self._said)

    def restore(self, *, by: Actor) -> None:
        """Put it back as it was."""
        if self.archived_at is not None:
            self.archived_at = None
            record("form.restored", on=None, by=by, **self._said)

    @property
    def is_open(self) -> bool:
        """Whether it takes requests."""
        return self.is_on and self.archived_at is None and self.merchant.archived_at is None

    @property
    def called(self) -> str:
        """What it is called in the settings: its name, or its key where it has none."""
        return self.name or self.key

    @property
    def _said(self) -> dict[str, Any]:
        return {
            "form": self.id,
            "merchant": self.merchant_id,
            "called": self.called,
            "store": self.merchant.name,
        }


@shipped
def conceal_plain_secrets() -> None:
    """Secrets from before they were kept concealed."""
    for form in db.session.scalars(select(FormKey).where(FormKey.plain_secret != "")):
        form.secret = form.plain_secret
