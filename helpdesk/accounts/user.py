"""The user: somebody who signs in."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock, live
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import NotAllowed
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _, lazy
from helpdesk.core.tenancy import Tenanted, at_the_door
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

ROLES = ("agent", "manager", "admin")  # each may do what those before it may
ROLE_NAMES = {"agent": lazy("Agent"), "manager": lazy("Manager"), "admin": lazy("Administrator")}
# what each chooses for himself
OWN = ("undo_seconds", "language", "time_zone", "theme", "density", "uses_shortcuts", "after_send")
NO_PASSWORD = "!"  # noqa: S105 - no hash, so nothing matches it
_hasher = PasswordHasher()  # Argon2id with the library's defaults (RFC 9106, second recommended option)


@cache
def _nobody() -> str:
    """A hash to compare with where there is no such user, so that the answer takes as long."""
    return _hasher.hash("somebody who is not there")


class Membership(Tenanted, Model):
    """A user works for a merchant. Ended, never removed."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "merchant_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    merchant_id: Mapped[int] = mapped_column(BigId, ForeignKey("merchants.id"), index=True)
    deleted_at: Mapped[datetime | None]


class User(Tenanted, Model):
    """Somebody who signs in; belongs to one organizer."""

    __tablename__ = "users"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(10), default="agent")
    language: Mapped[str] = mapped_column(String(2), default="en")
    time_zone: Mapped[str] = mapped_column(String(60), default="")  # IANA name; empty: the browser's
    theme: Mapped[str] = mapped_column(String(10), default="system")
    density: Mapped[str] = mapped_column(String(12), default="comfortable")
    uses_shortcuts: Mapped[bool] = mapped_column(default=True)  # single keys; they can be in somebody's way
    after_send: Mapped[str] = mapped_column(
        String(10), default="stay"
    )  # where a sent reply leads: stay, next, queue
    undo_seconds: Mapped[int] = mapped_column(default=10)  # how long his replies are held, 0 to 30
    is_active: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[datetime | None]  # when he could first sign in; None: he is invited
    version: Mapped[int] = mapped_column(default=1)  # of what the form of his settings shows
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @classmethod
    def create(cls, *, name: str, email: str, password: str, role: str, language: str = "en") -> "User":
        """A new user of the present organizer."""
        user = cls(
            name=name,
            email=email.strip().lower(),
            role=role,
            language=language,
            is_active=True,
            joined_at=clock.now(),
        )
        user.set_password(password)
        db.session.add(user)
        db.session.flush()
        return user

    @classmethod
    def create_invited(cls, *, name: str, email: str, role: str, language: str) -> "User":
        """One who cannot sign in until he has set a password."""
        user = cls(name=name, email=email.strip().lower(), role=role, language=language, is_active=False)
        user.password_hash = NO_PASSWORD
        db.session.add(user)
        db.session.flush()
        return user

    @classmethod
    def find(cls, email: str) -> "User | None":
        """The user with this address, whoever's he is: an address signs in to one organizer."""
        return at_the_door(select(cls).where(cls.email == email.strip().lower()))

    @classmethod
    def at_the_door(cls, user_id: int) -> "User | None":
        """Who has just shown that he knows his password; it says which organizer the request is inside of."""
        return at_the_door(select(cls).where(cls.id == user_id))

    @classmethod
    def to_change(cls, user_id: int) -> "User | None":
        """One who is about to be changed, as he is now. Whoever changes people waits, so that nothing is lost."""
        Organizer.lock()
        own = select(cls).where(cls.id == user_id)
        return db.session.scalar(own.execution_options(populate_existing=True))

    @classmethod
    def authenticate(cls, email: str, password: str) -> "User | None":
        """The active user with this address and password. Takes as long when there is none."""
        user = cls.find(email)
        known = user.password_hash if user and user.password_hash != NO_PASSWORD else _nobody()
        return user if _matches(known, password) and user and user.is_active else None

    def knows(self, password: str) -> bool:
        """Whether this is his password."""
        return _matches(self.password_hash, password)

    @property
    def is_invited(self) -> bool:
        """Whether he has still to set his first password."""
        return self.joined_at is None

    @property
    def actor(self) -> dict[str, Any]:
        """How events name him."""
        return {"kind": "user", "id": self.id, "name": self.name}

    def set_password(self, password: str) -> None:
        """Keep an Argon2id hash of it."""
        self.password_hash = _hasher.hash(password)

    def join(self, password: str) -> None:
        """Take up an invitation: from now on he signs in."""
        self.set_password(password)
        self.is_active, self.joined_at = True, clock.now()
        record("user.joined", on=None, by=self, user=self.id, called=self.name)

    def change_password(self, password: str) -> None:
        """Another one from now on."""
        self.set_password(password)
        record("user.password_changed", on=None, by=self, user=self.id, called=self.name)

    def is_at_least(self, role: str) -> bool:
        """Whether his role includes another."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def needs_factor(self) -> bool:
        """Whether somebody of his role has to have a second factor (`Organizer.require_factor`)."""
        first = Organizer.present().factor_from
        return bool(first) and self.is_at_least(first)

    def works_for(self, merchant: Merchant) -> None:
        """Link him to a merchant."""
        db.session.add(Membership(user_id=self.id, merchant_id=merchant.id))

    def merchant_ids(self) -> Select[tuple[int]]:
        """Ids of the merchants that he sees: his own, or the whole organizer's for a manager."""
        if self.is_at_least("manager"):
            return select(Merchant.id).where(Merchant.deleted_at.is_(None))
        links = select(Membership.merchant_id).where(Membership.user_id == self.id)
        return links.where(Membership.deleted_at.is_(None))

    def sees_merchant(self, merchant_id: int) -> bool:
        """Whether a merchant is among his."""
        return merchant_id in set(db.session.scalars(self.merchant_ids()))

    def work_only_for(self, merchant_ids: Collection[int]) -> None:
        """Link him to exactly these merchants. Links end and begin again; every open page of his is checked again."""
        links = select(Membership).join(Merchant, Merchant.id == Membership.merchant_id)
        links = links.where(Membership.user_id == self.id, Merchant.deleted_at.is_(None))
        own = {row.merchant_id: row for row in db.session.scalars(links)}
        wanted = set(merchant_ids)
        before = {id_ for id_, row in own.items() if row.deleted_at is None}
        for merchant_id in before - wanted:
            own[merchant_id].deleted_at = clock.now()
        for merchant_id in wanted - before:
            if merchant_id in own:
                own[merchant_id].deleted_at = None
            else:
                db.session.add(Membership(user_id=self.id, merchant_id=merchant_id))
        if before != wanted:
            db.session.flush()
            self.rights_changed()

    def choose(self, choices: Mapping[str, Any]) -> None:
        """Set up the desk as he likes it (`OWN`). Where he is says when he works. The caller holds the organizer."""
        new = {name: choices[name] for name in OWN if getattr(self, name) != choices[name]}
        for name, value in new.items():
            setattr(self, name, value)
        if new:
            self.version += 1
        if "time_zone" in new:
            said = {"user": self.id, "called": self.name, "time_zone": new["time_zone"]}
            record("user.changed", on=None, by=self, **said)

    def deactivate(self) -> None:
        """End his work: he cannot sign in, and every session and socket of his ends now."""
        self.is_active = False
        for session in self.sessions:
            session.end()

    def rights_changed(self) -> None:
        """His role or merchants changed: every open page of his is checked again, now."""
        for session in self.sessions:
            live.rights_changed("session", session.id)

    sessions: Mapped[list["UserSession"]] = relationship(back_populates="user")  # noqa: F821 - its own file


def _matches(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (Argon2Error, InvalidHashError):
        return False


def workers_of(merchant_id: int) -> Select[tuple[User]]:
    """Active users linked to a merchant, by name."""
    linked = select(Membership.user_id).where(
        Membership.merchant_id == merchant_id, Membership.deleted_at.is_(None)
    )
    return select(User).where(User.is_active, User.id.in_(linked)).order_by(User.name, User.id)


def merchants_of(user_ids: Select[tuple[int]]) -> Select[tuple[int]]:
    """Ids of the merchants that some of these users, if active, work for."""
    active = select(User.id).where(User.is_active, User.id.in_(user_ids))
    links = select(Membership.merchant_id).where(Membership.user_id.in_(active))
    return links.where(Membership.deleted_at.is_(None))


def refuse_all_but_managers(by: Actor, *, own: int | None = None) -> None:
    """People, teams and skills are changed by managers alone; what is somebody's `own`, by himself too."""
    if isinstance(by, User) and not by.is_at_least("manager") and by.id != own:
        raise NotAllowed(_("Only managers can change this."))
