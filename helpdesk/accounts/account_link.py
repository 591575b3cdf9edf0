"""The link in a mail with which somebody sets his password: to join, or because he forgot it."""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.signing import sign, unsign
from helpdesk.core.tenancy import Tenanted, at_the_door
from helpdesk.organizers.organizer import Organizer

LIVES = {"invitation": timedelta(days=7), "password": timedelta(hours=1)}


class AccountLink(Tenanted, Model):
    """Good once, for one purpose and one user, for a limited time. `revoked_at`: withdrawn, or there is a newer one."""

    __tablename__ = "account_links"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))  # a key of LIVES
    nonce: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    # It comes along, so that no page asks for its settings again.
    organizer: Mapped[Organizer] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @classmethod
    def make(cls, user: User, purpose: str) -> "AccountLink":
        """A new one. An invitation makes those before it worthless; whoever asks for passwords takes nothing away."""
        if purpose == "invitation":
            cls.revoke_all(user)
        now = clock.now()
        link = cls(
            user=user, purpose=purpose, nonce=secrets.token_hex(16), created_at=now, expires_at=now + LIVES[purpose]
        )  # fmt: skip
        db.session.add(link)
        db.session.flush()
        return link

    @classmethod
    def revoke_all(cls, user: User) -> None:
        """Make every unused link of somebody worthless."""
        open_ones = update(cls).where(cls.user_id == user.id, cls.used_at.is_(None), cls.revoked_at.is_(None))
        db.session.execute(
            open_ones.values(revoked_at=clock.now()).execution_options(synchronize_session="fetch")
        )

    @classmethod
    def find(cls, token: str) -> "AccountLink | None":
        """The link behind a token, whatever became of it; None if we did not make it."""
        for purpose in LIVES:
            said = unsign(_salt(purpose), token)
            if isinstance(said, list) and len(said) == 2 and isinstance(said[0], int):
                link = at_the_door(select(cls).where(cls.id == said[0], cls.purpose == purpose))
                return link if link and hmac.compare_digest(link.nonce, str(said[1])) else None
        return None

    @property
    def token(self) -> str:
        """What stands in the address."""
        return sign(_salt(self.purpose), [self.id, self.nonce])

    @property
    def is_live(self) -> bool:
        """Not used, not withdrawn, not too old, and its user may still come in by it."""
        fresh = self.used_at is None and self.revoked_at is None and self.expires_at > clock.now()
        return fresh and (self.user.is_active if self.purpose == "password" else self.user.is_invited)

    def use(self) -> bool:
        """Use it up; of two at once one gets it."""
        mine = update(AccountLink).where(
            AccountLink.id == self.id, AccountLink.used_at.is_(None), AccountLink.revoked_at.is_(None)
        )
        mine = mine.values(used_at=clock.now()).execution_options(synchronize_session="fetch")
        return bool(db.session.execute(mine).rowcount)


def _salt(purpose: str) -> str:
    return f"account-{purpose}"
