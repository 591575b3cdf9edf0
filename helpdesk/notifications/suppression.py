"""The address that takes no mails: after repeated refusals it is left alone for a while, in its organizer."""

from datetime import datetime, timedelta

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import Id, Model, db
from helpdesk.core.memory import foreknow, once
from helpdesk.core.tenancy import Tenanted

REASON = "the address is suppressed"  # kept with what is skipped for it
FAILURES = 3  # for good, one after the other; afterwards one is enough
DAYS = 7


class Suppression(Tenanted, Model):
    """How often an address was refused for good, and until when nothing is sent to it.

    A mail that arrives, or somebody who wants it tried again, starts the count anew.
    """

    __tablename__ = "mail_suppressions"
    __table_args__ = (UniqueConstraint("organizer_id", "address"),)

    id: Mapped[Id]
    address: Mapped[str] = mapped_column(String(254))
    failures: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))  # what the server said last
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def holds(cls, address: str) -> bool:
        """Whether an address is left alone now."""
        return once((cls, address), lambda: address in cls._held({address}))

    @classmethod
    def foresee(cls, addresses: set[str]) -> None:
        """Look them all up."""
        held = cls._held(addresses)
        foreknow({(cls, address): address in held for address in addresses})

    @classmethod
    def _held(cls, addresses: set[str]) -> set[str]:
        kept = select(cls.address).where(cls.address.in_(addresses), cls.until > clock.now())
        return set(db.session.scalars(kept)) if addresses else set()

    @classmethod
    def refused(cls, address: str, answer: str) -> None:
        """A server takes no mails for it."""
        row = cls._locked(address)
        if row is None:
            add_once(cls(address=address, failures=0))
            row = cls._locked(address)
        assert row
        row.failures += 1
        row.answer, row.changed_at = answer, clock.now()
        if row.failures >= FAILURES:
            row.until = clock.now() + timedelta(days=DAYS)

    @classmethod
    def lift(cls, *addresses: str) -> None:
        """Forget what was refused."""
        kept = select(cls.address).where(cls.address.in_(addresses), cls.failures > 0).order_by(cls.address)
        for address in db.session.scalars(kept).all() if addresses else ():
            if row := cls._locked(address):
                row.failures, row.until, row.changed_at = 0, None, clock.now()

    @classmethod
    def _locked(cls, address: str) -> "Suppression | None":
        mine = select(cls).where(cls.address == address).with_for_update(key_share=True)
        return db.session.scalar(mine.execution_options(populate_existing=True))
