"""What is good enough for a password: long, and nothing that others try first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpdesk.core.i18n import _

if TYPE_CHECKING:
    from helpdesk.accounts.user import User

LEAST, MOST = 12, 1000
# What is tried first, as far as it is long enough; parts of it repeated are found by themselves.
_TRIED = """
    password password1 password123 passw0rd p@ssw0rd qwerty qwerty123 qwertyuiop qwertyuiop123 1q2w3e4r 1q2w3e4r5t
    1qaz2wsx 1qaz2wsx3edc qazwsxedc zaq12wsx asdfghjkl zxcvbnm iloveyou admin admin123 administrator welcome welcome1
    letmein changeme secret monkey dragon football baseball sunshine princess trustno1 master superman matkhau
    matkhau123 anhyeuem emyeuanh xinchao vietnam helpdesk support
"""
COMMON = frozenset(_TRIED.split())
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")


@dataclass(frozen=True)
class Password:
    """As typed: nothing is cut off or cleaned."""

    text: str

    def why_not(self, user: "User") -> str | None:
        """Why it will not do; None if it does."""
        if len(self.text) < LEAST:
            return _(
                "A password has at least %(n)s characters. A short sentence is easy to remember.", n=LEAST
            )
        if len(self.text) > MOST or "\0" in self.text:
            return _("This password is too long.")
        if self._is_common():
            return _("This is one of the passwords that others try first. Choose another.")
        if self._is_about(user):
            return _("Your name or address is easy to guess. Choose another password.")
        return None

    def _is_common(self) -> bool:
        plain = self.text.lower()
        halves = {plain[: len(plain) // n] for n in range(2, len(plain) + 1) if len(plain) % n == 0}
        repeats = any(len(part) <= 10 and part * (len(plain) // len(part)) == plain for part in halves)
        letters = plain.strip("0123456789!.?-_ ")
        run = any(plain in row * 2 or plain in row[::-1] * 2 for row in _ROWS)
        return repeats or run or plain in COMMON or letters in COMMON or not plain.strip()

    def _is_about(self, user: "User") -> bool:
        plain = "".join(self.text.lower().split())
        own = {user.email, user.email.partition("@")[0], "".join(user.name.lower().split())}
        return any(len(one) > 3 and len(plain) - len(one) < 5 and one in plain for one in own)
