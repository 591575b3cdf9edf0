"""Signed texts that leave the house: each purpose has its own key, so one cannot be used as the other."""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from helpdesk.core import clock


def sign(purpose: str, value: Any) -> str:
    """A text safe in an address that only we can have made."""
    return str(URLSafeSerializer(current_app.secret_key, salt=purpose).dumps(value))


def unsign(purpose: str, text: str) -> Any:
    """What was signed; None if the text is not ours or was made for another purpose."""
    try:
        return URLSafeSerializer(current_app.secret_key, salt=purpose).loads(text[:8000])
    except (BadSignature, UnicodeEncodeError):
        return None


def stamp() -> float:
    """The present instant for a signed text, in seconds since 1970."""
    return clock.now().timestamp()


def age_seconds(stamped: float) -> float:
    """How long ago a stamp was made."""
    return clock.now().timestamp() - stamped
