"""A mail that the local mailbox kept: one file, read whenever somebody looks."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from helpdesk.config import current_config

MOST = 200  # shown in the list
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")


@dataclass(frozen=True)
class KeptMail:
    """One `.eml` file."""

    key: str
    message: EmailMessage

    @classmethod
    def newest(cls) -> list["KeptMail"]:
        """The last mails, newest first; their names sort by the time of arrival."""
        paths = sorted(_folder().glob("*.eml"), reverse=True)[:MOST] if _folder().is_dir() else []
        return [cls._read(path) for path in paths]

    @classmethod
    def find(cls, key: str) -> "KeptMail | None":
        """The mail of that name."""
        path = _folder() / f"{key}.eml"
        return cls._read(path) if _KEY.fullmatch(key) and path.is_file() else None

    @classmethod
    def _read(cls, path: Path) -> "KeptMail":
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        return cls(path.stem, message)

    @property
    def subject(self) -> str:
        """The subject, as readers show it."""
        return str(self.message["Subject"] or "–")

    @property
    def to(self) -> str:
        """Who got it: the envelope, not the header."""
        return str(self.message["X-Envelope-To"] or self.message["To"] or "")

    @property
    def from_(self) -> str:
        """Who sent it."""
        return str(self.message["From"] or "")

    @property
    def at(self) -> datetime | None:
        """When it was sent, by its own header."""
        date = self.message["Date"]
        at = getattr(date, "datetime", None)
        return at if at and at.tzinfo else None

    @property
    def text(self) -> str:
        """The plain half."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str | None:
        """The other half."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else None


def _folder() -> Path:
    return current_config().data_dir / "mail"
