"""Texts that are kept and must be read again, but by nobody else: encrypted, each for one purpose and one row."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from helpdesk.config import current_config

_KIND, _NONCE = "1.", 12  # of AES-256-GCM under a key derived with HKDF-SHA256


class Unreadable(Exception):
    """It was encrypted under another secret key, for something else, or was changed."""


def conceal(text: str, purpose: str) -> str:
    """Encrypt a text; it can be read with the same `purpose` only, which names what it is and whose."""
    nonce = urandom(_NONCE)
    hidden = _cipher(current_config().secret_key).encrypt(nonce, text.encode(), purpose.encode())
    return _KIND + urlsafe_b64encode(nonce + hidden).decode()


def reveal(concealed: str, purpose: str) -> str:
    """Read it again. Raises `Unreadable`."""
    try:
        packed = urlsafe_b64decode(concealed.removeprefix(_KIND))
        cipher = _cipher(current_config().secret_key)
        return cipher.decrypt(packed[:_NONCE], packed[_NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError):
        raise Unreadable from None


@lru_cache(maxsize=8)
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"helpdesk concealed texts").derive(secret_key.encode()))
