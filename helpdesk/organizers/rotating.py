"""Changing a form's key and its signing secret without a day on which nothing works: two of each are live."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from helpdesk.core import clock
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import _
from helpdesk.core.secret_text import Unreadable, conceal, reveal

if TYPE_CHECKING:
    from helpdesk.organizers.merchant import Merchant

PURPOSE = "form-secret"
LATELY = timedelta(minutes=5)  # nobody asks when exactly
USES = ("key_used_at", "old_key_used_at", "secret_used_at", "old_secret_used_at")  # what is kept of their use
Read = TypeVar("Read")


class Rotating:
    """A new one works at once; the old one until it is switched off, or until a day."""

    if TYPE_CHECKING:
        id: Any
        key: Any
        old_key: Any
        old_key_until: Any
        old_secret_until: Any
        hidden_secret: Any
        old_hidden_secret: Any
        plain_secret: Any
        version: Any
        merchant: Any
        _said: dict[str, Any]

    used_secret = ""  # which one signed what this request brought: `secret`, `old_secret`, or none

    @staticmethod
    def new_key(merchant: "Merchant") -> str:
        """A public key: long enough that nobody finds another's by trying."""
        return f"{merchant.prefix.lower()}-{secrets.token_hex(8)}"

    @property
    def secret(self) -> str:
        """What the merchant's server signs with now. Empty where it cannot be read any more."""
        return (_read(self.hidden_secret) if self.hidden_secret else self.plain_secret) or ""

    @secret.setter
    def secret(self, text: str) -> None:
        self.hidden_secret, self.plain_secret = conceal(text, PURPOSE), ""

    @property
    def has_old_key(self) -> bool:
        """Whether the key before this one works still."""
        return bool(self.old_key) and _lives(self.old_key_until)

    @property
    def live_keys(self) -> tuple[str, ...]:
        """Under which it can be asked for now: its key, and the one before it while that works still."""
        return (self.key, self.old_key) if self.has_old_key else (self.key,)

    @property
    def has_old_secret(self) -> bool:
        """Whether the secret before this one works still."""
        return bool(self.old_hidden_secret) and _lives(self.old_secret_until)

    def by_secret(self, read: Callable[[str], Read]) -> Read:
        """What is signed with either of the live secrets. Raises what `read` raises where neither fits."""
        try:
            found, self.used_secret = read(self.secret or secrets.token_hex()), "secret"  # none: nothing fits
        except ValueError:
            old = _read(self.old_hidden_secret) if self.has_old_secret else None
            if not old:
                raise
            found, self.used_secret = read(old), "old_secret"
        return found

    def rotate_key(self, until: datetime | None = None, *, by: Actor) -> None:
        """A new key; the present one goes on until then, or until it is switched off. Raises `Refusal`."""
        if self.has_old_key:
            raise Refusal(_("Two keys are live already. Switch the old one off first."))
        before, self.key = self.key, self.new_key(self.merchant)
        self.old_key, self.old_key_until = before, until
        self.old_key_used_at, self.key_used_at = self.key_used_at, None
        self.version += 1
        record("form.key_rotated", on=None, by=by, **self._said, keys=[before, self.key])

    def retire_key(self, *, by: Actor) -> None:
        """The old key opens nothing any more."""
        if self.old_key:
            gone, self.old_key, self.old_key_until, self.old_key_used_at = self.old_key, None, None, None
            self.version += 1
            record("form.key_retired", on=None, by=by, **self._said, keys=[gone, None])

    def rotate_secret(self, until: datetime | None = None, *, by: Actor) -> str:
        """A new signing secret, which is shown this once. Raises `Refusal`."""
        if self.has_old_secret:
            raise Refusal(_("Two secrets are live already. Switch the old one off first."))
        new, before = secrets.token_urlsafe(36), self.secret
        self.old_hidden_secret = conceal(before, PURPOSE) if before else None
        self.old_secret_until, self.secret = until, new
        self.old_secret_used_at, self.secret_used_at = self.secret_used_at, None
        self.version += 1
        record("form.secret_rotated", on=None, by=by, **self._said)
        return new

    def retire_secret(self, *, by: Actor) -> None:
        """What was signed with the old secret is believed no more."""
        if self.old_hidden_secret:
            self.old_hidden_secret = self.old_secret_until = self.old_secret_used_at = None
            self.version += 1
            record("form.secret_retired", on=None, by=by, **self._said)

    def uses(self, key: str) -> list[str]:
        """The column that says when a key was last used, where that was not just now."""
        return self._stale("key_used_at" if key == self.key else "old_key_used_at")

    def uses_of_secret(self) -> list[str]:
        """The same of the secret that signed what this request brought."""
        return self._stale(f"{self.used_secret}_used_at") if self.used_secret else []

    def _stale(self, name: str) -> list[str]:
        return [] if _lately(getattr(self, name)) else [name]

    def note_uses(self, names: list[str]) -> None:
        """Keep that they were used now."""
        for name in names:
            setattr(self, name, clock.now())


def _lives(until: datetime | None) -> bool:
    return until is None or until > clock.now()


def _lately(at: datetime | None) -> bool:
    return at is not None and clock.now() - at < LATELY


def _read(hidden: str) -> str | None:
    try:
        return reveal(hidden, PURPOSE)
    except Unreadable:
        return None
