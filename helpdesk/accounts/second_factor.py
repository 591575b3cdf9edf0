"""The second factor: a code from a device that somebody holds, beside the password that he knows."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.accounts.totp import Totp, present_step
from helpdesk.accounts.user import User
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import record
from helpdesk.core.i18n import _
from helpdesk.core.secret_text import conceal, reveal
from helpdesk.core.tenancy import Tenanted

PROPOSED_STEPS = 30  # a quarter of an hour
CODES = 10  # for the day on which the device is lost
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another; 16 of them are 79 bits


class SecondFactor(Tenanted, Model):
    """One per user. Off while `confirmed_at` is None: then `secret` is one that he has not shown to have yet.

    `last_step` is the period of the last code that was taken: none is taken twice; before that, the one in which its
    secret was made, which is shown for some minutes only. `recovery` are hashes of the codes
    that are left.
    """

    __tablename__ = "second_factors"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    secret: Mapped[str] = mapped_column(Text)  # encrypted
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigId, default=0)
    recovery: Mapped[list[str]] = mapped_column(default=list)

    @classmethod
    def of(cls, user_id: int, *, lock: bool = False) -> "SecondFactor | None":
        """Somebody's, on or off."""
        own = select(cls).where(cls.user_id == user_id)
        if lock:
            own = own.with_for_update(key_share=True).execution_options(populate_existing=True)
        return db.session.scalar(own)

    @classmethod
    def is_on(cls, user_id: int) -> bool:
        """Whether somebody signs in with one."""
        found = select(cls.id).where(cls.user_id == user_id, cls.confirmed_at.is_not(None))
        return db.session.scalar(found) is not None

    @classmethod
    def propose(cls, user: User, secret: str) -> "SecondFactor":
        """A row for a secret that is still to be shown. Raises `Refusal` where one is on."""
        if cls.of(user.id) is None:
            add_once(cls(user_id=user.id, secret="", last_step=0, recovery=[]))
        row = cls.of(user.id, lock=True)
        assert row is not None
        if row.confirmed_at:
            raise Refusal(
                _("Your second factor is on already. Switch it off first to set up another device.")
            )
        row.secret, row.last_step = conceal(secret, row._purpose), present_step()
        return row

    @property
    def proposed(self) -> Totp | None:
        """The secret that is still to be shown to be had."""
        is_fresh = present_step() - self.last_step <= PROPOSED_STEPS
        open_one = self.secret and not self.confirmed_at and is_fresh
        return Totp(reveal(self.secret, self._purpose)) if open_one else None

    def confirm(self, code: str, *, by: User) -> list[str] | None:
        """Switch it on with a code of the new device; the recovery codes, to be shown once. None: a wrong code."""
        step = self.proposed.step_of(code, after=0) if self.proposed else None
        if step is None:
            return None
        self.confirmed_at, self.last_step = clock.now(), step
        record("user.factor_set", on=None, by=by, user=by.id, called=by.name)
        return self.renew_codes()

    def renew_codes(self) -> list[str]:
        """New recovery codes; those before them are worthless."""
        codes = [_code() for _n in range(CODES)]
        self.recovery = [_hash(code) for code in codes]
        return codes

    def takes(self, code: str) -> bool:
        """Whether a code of the device, or a recovery code, is right now; it is used up. The row is locked."""
        if self.confirmed_at is None:
            return False
        step = Totp(reveal(self.secret, self._purpose)).step_of(code, after=self.last_step)
        if step is not None:
            self.last_step = step
            return True
        hashed = _hash(code)
        if hashed not in self.recovery:
            return False
        self.recovery = [one for one in self.recovery if one != hashed]
        flag_modified(self, "recovery")
        return True

    def switch_off(self, user: User, *, by: User) -> None:
        """Sign-in goes without it again: by himself, or by an admin because the device is lost."""
        if self.confirmed_at is None:
            return
        self.confirmed_at, self.recovery, self.secret = None, [], ""
        record(
            "user.factor_removed" if by.id == user.id else "user.factor_reset",
            on=None,
            by=by,
            user=user.id,
            called=user.name,
        )

    @property
    def _purpose(self) -> str:
        return f"second-factor-{self.user_id}"


def _code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _n in range(16))
    return "-".join(letters[n : n + 4] for n in range(0, 16, 4))


def _hash(code: str) -> str:
    plain = "".join(c for c in code.lower() if c in _LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()
