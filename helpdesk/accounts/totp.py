"""Codes that change every half minute (RFC 6238, as all authenticator apps know them). Pure but for the time."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from helpdesk.core import clock

SECONDS, DIGITS, DRIFT = 30, 6, 1  # a device may be a period ahead or behind


@dataclass(frozen=True)
class Totp:
    """The codes of one secret (Base32, 160 bit)."""

    secret: str

    @classmethod
    def fresh(cls) -> "Totp":
        """A new secret."""
        return cls(base64.b32encode(secrets.token_bytes(20)).decode())

    def at(self, step: int) -> str:
        """The code of a period, counted from 1970."""
        key = base64.b32decode(self.secret)
        digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
        place = digest[-1] & 15
        number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
        return str(number % 10**DIGITS).zfill(DIGITS)

    def step_of(self, code: str, *, after: int) -> int | None:
        """The period of a code that is good now; one that was, or is older than one that was, taken is not."""
        typed = "".join(code.split())
        now = present_step()
        steps = [step for step in range(now - DRIFT, now + DRIFT + 1) if step > after]
        found = [step for step in steps if hmac.compare_digest(self.at(step).encode(), typed.encode())]
        return found[0] if found else None

    def address(self, issuer: str, account: str) -> str:
        """What a device reads from the picture."""
        asked = urlencode(
            {"secret": self.secret, "issuer": issuer, "period": SECONDS, "digits": DIGITS}, quote_via=quote
        )
        return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='@')}?{asked}"

    @property
    def readable(self) -> str:
        """The secret in groups of four, for who types it."""
        return " ".join(self.secret[n : n + 4] for n in range(0, len(self.secret), 4))


def present_step() -> int:
    """The period that it is."""
    return int(clock.now().timestamp()) // SECONDS
