"""Sessions are rows: signing out ends the session wherever its cookie is replayed."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.device import Device
from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.tenancy import Tenanted, at_the_door
from helpdesk.organizers.organizer import Organizer

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)


class UserSession(Tenanted, Model):
    """One sign-in on one browser. The cookie holds the token, the row only its hash."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(45), default="")  # the network that it was begun from
    awaits_factor: Mapped[bool] = mapped_column(default=False)  # good for setting up a second factor only

    user: Mapped[User] = relationship(back_populates="sessions", lazy="joined", innerjoin=True)
    # It comes along, so that no page asks for its settings again.
    organizer: Mapped[Organizer] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @classmethod
    def begin(cls, user: User, browser: str, *, place: str = "", awaits_factor: bool = False) -> str:
        """Start a session; returns the token for the cookie (256 bit, seen only there)."""
        token = secrets.token_urlsafe(32)
        now = clock.now()
        row = cls(
            user_id=user.id, token_hash=_hash(token), created_at=now, seen_at=now, browser=browser[:200]
        )
        row.place, row.awaits_factor = place, awaits_factor
        db.session.add(row)
        return token

    @classmethod
    def living_of(cls, user: User) -> "list[UserSession]":
        """Somebody's sessions, the one that was last in use first."""
        now = clock.now()
        own = select(cls).where(
            cls.user_id == user.id, cls.ended_at.is_(None), cls.seen_at > now - IDLE, cls.created_at > now - ABSOLUTE
        )  # fmt: skip
        return list(db.session.scalars(own.order_by(cls.seen_at.desc(), cls.id.desc())))

    @classmethod
    def end_all(cls, user: User, *, but: "UserSession | None" = None) -> int:
        """End somebody's sessions and sockets, perhaps all but one; how many there were."""
        ended = [row for row in cls.living_of(user) if but is None or row.id != but.id]
        for row in ended:
            row.end()
        return len(ended)

    @property
    def device(self) -> Device:
        """What it says of its browser."""
        return Device(self.browser)

    @classmethod
    def find(cls, token: str) -> "UserSession | None":
        """The live session of a cookie. It says which organizer the request is inside of."""
        session = at_the_door(select(cls).where(cls.token_hash == _hash(token)))
        return session if session and session.is_live else None

    @property
    def is_live(self) -> bool:
        """Not signed out, not idle or old for too long, and its user is still active."""
        now = clock.now()
        fresh = now - self.seen_at < IDLE and now - self.created_at < ABSOLUTE
        return self.ended_at is None and fresh and self.user.is_active

    @property
    def wants_touch(self) -> bool:
        """Whether it is time to write down again that it is in use (once in ten minutes is enough)."""
        return clock.now() - self.seen_at > timedelta(minutes=10)

    def awaits_factor_again(self) -> bool:
        """Its user has switched his second factor off: who has to have one sets it up again here, before all else."""
        if self.user.needs_factor:
            UserSession.end_all(self.user, but=self)
            self.awaits_factor = True
            live.rights_changed("session", self.id)
        return self.awaits_factor

    def has_factor(self) -> None:
        """Its user has set one up here. Where that was waited for elsewhere, nobody has shown a code: those end."""
        self.awaits_factor = False
        for other in self.living_of(self.user):
            if other.awaits_factor and other.id != self.id:
                other.end()

    def end(self) -> None:
        """Sign out: the cookie is dead everywhere, and so are the sockets opened with it."""
        if self.ended_at is None:
            self.ended_at = clock.now()
            live.rights_changed("session", self.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
