"""The organizer: the tenant that everything else belongs to."""

from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core import clock
from helpdesk.core.db import Id, Model, db
from helpdesk.core.events import Actor, record
from helpdesk.core.tenancy import present_organizer


class Organizer(Model):
    """A company that runs support for one or more merchants."""

    __tablename__ = "organizers"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    default_language: Mapped[str] = mapped_column(String(2), default="en")
    auto_close_hours: Mapped[int] = mapped_column(default=48)
    hand_back_minutes: Mapped[
        int | None
    ]  # away for so long, an agent loses what he has not begun; None: he keeps it
    most_files: Mapped[int] = mapped_column(default=10)  # on one message
    most_file_mb: Mapped[int] = mapped_column(default=20)  # each, in units of 2**20 bytes
    mail_window_seconds: Mapped[int] = mapped_column(
        default=120
    )  # what comes within it is one mail; 0: none waits
    factor_from: Mapped[str] = mapped_column(
        String(10), default=""
    )  # the first role that needs a second factor
    hides_start: Mapped[bool] = mapped_column(default=False)  # whether the list of first steps is put away
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def present(cls) -> "Organizer":
        """The organizer that this request or job is inside of."""
        return db.session.get_one(cls, present_organizer())

    @property
    def most_file_bytes(self) -> int:
        """The size of one attached file."""
        return self.most_file_mb << 20

    @classmethod
    def lock(cls, *, shared: bool = False) -> None:
        """Make others who change what belongs to the whole organizer (its tree, its tags) wait for this transaction.

        `shared` goes along with others who say so, and waits only for changes. References to the row go on.
        """
        here = select(cls.id).where(cls.id == present_organizer())
        db.session.execute(here.with_for_update(read=shared, key_share=not shared))

    def hand_back_after(self, minutes: int | None, *, by: Actor) -> None:
        """Say for how long somebody may be away before others get what he has not begun; None: for ever (AGT-002).

        It counts from the next time that somebody goes away.
        """
        if minutes == self.hand_back_minutes:
            return
        changes = {"hand_back_minutes": [self.hand_back_minutes, minutes]}
        self.hand_back_minutes = minutes
        record("organizer.changed", on=None, by=by, called=self.name, changes=changes)

    def gather_mails_for(self, seconds: int, *, by: Actor) -> None:
        """Say for how long mails wait for others to go along with (NTF-005); 0: none waits.

        What waits already leaves when it was to leave.
        """
        if seconds == self.mail_window_seconds:
            return
        changes = {"mail_window_seconds": [self.mail_window_seconds, seconds]}
        self.mail_window_seconds = seconds
        record("organizer.changed", on=None, by=by, called=self.name, changes=changes)

    def ask_of_requests(self, values: dict[str, int], *, by: Actor) -> None:
        """Say how many files a message may have and how large, and how long a resolved one waits (MSG-006, TKT-010).

        `values` holds `most_files`, `most_file_mb` and `auto_close_hours`. What is there already stays as it is.
        """
        changes = {
            name: [getattr(self, name), new] for name, new in values.items() if getattr(self, name) != new
        }
        for name, (_old, new) in changes.items():
            setattr(self, name, new)
        if changes:
            record("organizer.changed", on=None, by=by, called=self.name, changes=changes)

    def require_factor(self, role: str, *, by: Actor) -> None:
        """Say from which role on everybody needs a second factor; empty: nobody does. It counts at the next sign-in."""
        if role == self.factor_from:
            return
        changes = {"factor_from": [self.factor_from, role]}
        self.factor_from = role
        record("organizer.changed", on=None, by=by, called=self.name, changes=changes)

    @classmethod
    def active_ids(cls) -> list[int]:
        """Ids of all organizers for whom work is done."""
        return list(db.session.scalars(select(cls.id).where(cls.is_active).order_by(cls.id)))
