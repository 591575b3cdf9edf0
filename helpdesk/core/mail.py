"""The mail: its parts, its headers, the bytes that are handed over. `mail_line.py` hands them over."""

import re
import secrets
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from helpdesk.core import clock
from helpdesk.core.mail_faults import NO_ADDRESS, UNWRITTEN

# One address and nothing else: `a@x,b@y` would be two in a header, and smtplib would send to the first.
_PLAIN = re.compile(r"""[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+@[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+""")


class _Unfolded(UnstructuredHeader):
    """A header of addresses and ids on one line. Folding would encode a long word, and an encoded link is none."""

    def fold(self, *, policy: Policy) -> str:
        """As it is; it is ours, short of the 998 characters of a line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


class _FoldedOnce:
    """A header that is the same in many mails: its line is made once, for each way to write it."""

    def fold(self, *, policy: Policy) -> str:
        """The line as the library makes it, which clones its policies as it goes."""
        way = (policy.utf8, policy.linesep, policy.max_line_length)  # type: ignore[attr-defined]
        lines = self.__dict__.setdefault("lines", {})
        if way not in lines:
            lines[way] = super().fold(policy=policy)  # type: ignore[misc]
        return lines[way]


class _Headers(HeaderRegistry):
    """Makes the class of a header once, and a header that is the same in many mails too.

    The library makes both for each header of each mail, which is half of what a mail costs.
    """

    SAME = frozenset({
        "from", "reply-to", "auto-submitted", "mime-version", "content-type", "content-transfer-encoding",
        "content-language", "list-unsubscribe-post",
    })  # fmt: skip
    MOST = 500

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Any] = {}
        self._same = lru_cache(self.MOST)(super().__call__)

    def __call__(self, name: str, value: str) -> Any:
        is_same = name.lower() in self.SAME and "boundary=" not in value
        return self._same(name, value) if is_same else super().__call__(name, value)

    def __getitem__(self, name: str) -> Any:
        if name.lower() not in self._made:
            made = super().__getitem__(name)
            is_same = name.lower() in self.SAME
            self._made[name.lower()] = type(made.__name__, (_FoldedOnce, made), {}) if is_same else made
        return self._made[name.lower()]


_headers = _Headers()
for _name in ("list-unsubscribe", "in-reply-to", "references", "message-id", "to", "reply-to"):
    _headers.map_to_type(_name, _Unfolded)  # type: ignore[arg-type]
_PLAIN_POLICY, _UTF8_POLICY = (
    SMTP.clone(cte_type="7bit", header_factory=_headers, utf8=utf8) for utf8 in (False, True)
)


@dataclass(frozen=True)
class Inline:
    """A picture that comes along with a mail; its HTML shows `cid:<cid>`."""

    cid: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """What is sent. `message_id` is fixed by the caller, so that a repeat is the same mail to every reader."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    in_reply_to: str | None = None
    references: str | None = None
    list_unsubscribe: str | None = None
    language: str = "en"
    reply_to: str | None = None
    picture: Inline | None = None


class Undelivered(Exception):
    """The server did not take it, or did not say that it took it.

    `permanent`: trying again will not help. `unreachable`: the fault is the server's, not this mail's.
    `doubtful`: the answer to the mail itself was lost; it may have been taken. `of_recipient`: his address takes none.
    """

    of_recipient = False

    def __init__(
        self, answer: str, *, permanent: bool = False, unreachable: bool = False, doubtful: bool = False
    ) -> None:
        super().__init__(answer)
        self.answer = header_safe(answer, 200)
        self.permanent = permanent
        self.unreachable = unreachable
        self.doubtful = doubtful


def header_safe(text: str, most: int = 250) -> str:
    """One line for a header: no controls, and no `=?` that older Pythons decode into line breaks (CVE-2024-6923)."""
    one_line = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
    return one_line.replace("=?", "=\u200b?")[:most]


def sender_named(name: str, mailbox: str) -> str:
    """`"The shop" <helpdesk@example.com>`: our own address under another name."""
    quoted = re.sub(r'["\\]', "", header_safe(name, 100))
    return f'"{quoted}" <{mailbox_of(mailbox)}>'


def envelope_address(recipient: str) -> str:
    """The one plain address, its domain in ASCII. Raises `Undelivered`, for good, where it is anything else."""
    if not _PLAIN.fullmatch(recipient) or len(recipient) > 254:
        raise Undelivered(NO_ADDRESS, permanent=True)
    local, _, domain = recipient.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Undelivered(NO_ADDRESS, permanent=True) from None


def mailbox_of(sender: str) -> str:
    """The bare address of `"The shop" <helpdesk@example.com>`."""
    return parseaddr(sender)[1]


def compose(mail: Mail) -> bytes:
    """The message with its headers, text first and HTML as the alternative. ValueError or MessageError if it cannot be.

    The library takes longer than everything else about a mail, and knows more about mails than we do.
    """
    to = envelope_address(mail.recipient)
    message = EmailMessage(_PLAIN_POLICY if to.isascii() else _UTF8_POLICY)
    message["From"] = header_safe(mail.sender)
    message["To"] = to
    if mail.reply_to:
        message["Reply-To"] = envelope_address(mail.reply_to)
    message["Subject"] = header_safe(mail.subject)
    message["Date"] = clock.now()
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (("In-Reply-To", mail.in_reply_to), ("References", mail.references)):
        if value:
            message[name] = value
    if mail.list_unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.list_unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message.set_boundary(secrets.token_hex(16))  # the library would look for its own in the text
    if mail.picture:
        _put_in(message, mail.picture)
    message["Content-Language"] = (
        mail.language
    )  # now: adding a part takes such headers away with the part before
    return message.as_bytes()


def _put_in(message: EmailMessage, picture: Inline) -> None:
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    kind, _, subtype = picture.content_type.partition("/")
    html.add_related(
        picture.content, kind, subtype, cid=f"<{picture.cid}>", filename=f"{picture.cid.partition('@')[0]}.{subtype}",
        disposition="inline",
    )  # fmt: skip


def written(mail: Mail) -> bytes:
    """The mail as it goes over the line. One that cannot be written will never be."""
    try:
        return compose(mail)
    except (ValueError, MessageError) as error:
        raise Undelivered(f"{UNWRITTEN}: {type(error).__name__}", permanent=True) from None
