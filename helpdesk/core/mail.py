"""The mail: its parts, its headers, the bytes that are handed over. `mail_line.py` hands them over."""

import re
from base64 import b64encode, encodebytes
from dataclasses import dataclass
from email.utils import format_datetime
from secrets import token_hex

from helpdesk.core import clock

_FOLD = "\r\n "
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_QUOTES = re.compile(r'["\\]')
_WORD, _LONGEST = 45, 900  # bytes of an encoded word; characters of a line, of which there may be 998
# One address and nothing else: `a@x,b@y` would be two in a header, and smtplib would send to the first.
_PLAIN = re.compile(r"""[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+@[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+""")


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
    return f'"{re.sub(_QUOTES, "", header_safe(name, 100))}" <{mailbox_of(mailbox)}>'


def envelope_address(recipient: str) -> str:
    """The one plain address, its domain in ASCII. Raises `Undelivered`, for good, where it is anything else."""
    if not _PLAIN.fullmatch(recipient) or len(recipient) > 254:
        raise Undelivered("not one plain address", permanent=True)
    local, _, domain = recipient.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Undelivered("not one plain address", permanent=True) from None


def mailbox_of(sender: str) -> str:
    """The bare address of `"The shop" <helpdesk@example.com>`."""
    return sender.rpartition("<")[2].rstrip("> ")


def written(mail: Mail) -> bytes:
    """The mail as it goes over the line. One that cannot be written will never be."""
    try:
        return compose(mail)
    except ValueError as error:
        raise Undelivered(f"cannot be written: {type(error).__name__}", permanent=True) from None


# How it looks on the line. Put together by hand: with the library that takes longer than everything else about a mail.


def compose(mail: Mail) -> bytes:
    """The message with its headers, text first and HTML as the alternative. ValueError if it cannot be."""
    body = (
        _html(mail.html)
        if mail.picture is None
        else _many("related", [_html(mail.html), _shown(mail.picture)])
    )
    headers = [
        ("From", _from(header_safe(mail.sender))),
        ("To", envelope_address(mail.recipient)),
        ("Reply-To", envelope_address(mail.reply_to) if mail.reply_to else None),
        ("Subject", _words(header_safe(mail.subject))),
        ("Date", format_datetime(clock.now())),
        ("Message-ID", mail.message_id),
        ("Auto-Submitted", "auto-generated"),
        ("In-Reply-To", mail.in_reply_to),
        ("References", mail.references),
        ("List-Unsubscribe", f"<{mail.list_unsubscribe}>" if mail.list_unsubscribe else None),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if mail.list_unsubscribe else None),
        ("Content-Language", mail.language),
        ("MIME-Version", "1.0"),
    ]
    whole = _many("alternative", [_text(mail.text, "plain"), body])
    return "".join(_line(name, value) for name, value in headers if value is not None).encode() + whole


def _line(name: str, value: str) -> str:
    """A header on one line, or on the lines of `_words`. An address in it would be none any more if it were folded."""
    if _CONTROLS.search(value.replace(_FOLD, "")) or max(map(len, value.split(_FOLD))) > _LONGEST:
        raise ValueError(f"not a header: {name}")
    return f"{name}: {value}\r\n"


def _from(sender: str) -> str:
    name = sender.rpartition("<")[0].strip().strip('"')
    address = envelope_address(mailbox_of(sender))
    said = f'"{re.sub(_QUOTES, "", name)}"' if name.isascii() else _words(name)
    return f"{said} <{address}>" if name else address


def _words(text: str) -> str:
    """A text in a header; in the encoded words of RFC 2047, each short enough for a line, where it is not ASCII."""
    if text.isascii():
        return text
    parts, part = [], b""
    for letter in text:
        one = letter.encode()
        if len(part) + len(one) > _WORD:
            parts.append(part)
            part = b""
        part += one
    return _FOLD.join(f"=?utf-8?b?{b64encode(each).decode()}?=" for each in [*parts, part])


def _many(kind: str, parts: list[bytes]) -> bytes:
    """Parts of a mail as one of its parts."""
    mark = f"=_{token_hex(12)}"
    inner = b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
        + inner
        + f"--{mark}--\r\n".encode()
    )


def _html(html: str) -> bytes:
    return _text(html, "html")


def _text(text: str, kind: str) -> bytes:
    """As it is where that can be, so that it can be read as it travels; otherwise encoded."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_plain = (
        text.isascii()
        and max(map(len, lines)) <= _LONGEST
        and not _CONTROLS.search("".join(lines).replace("\t", ""))
    )
    whole = "\r\n".join(lines).encode()
    return _part(f'text/{kind}; charset="utf-8"', None if is_plain else "base64", whole)


def _shown(picture: Inline) -> bytes:
    name = f"{picture.cid.partition('@')[0]}.{picture.content_type.partition('/')[2]}"
    more = _line("Content-ID", f"<{picture.cid}>") + _line(
        "Content-Disposition", f'inline; filename="{name}"'
    )
    return more.encode() + _part(picture.content_type, "base64", picture.content)


def _part(content_type: str, encoding: str | None, content: bytes) -> bytes:
    head = (
        _line("Content-Type", content_type) + _line("Content-Transfer-Encoding", encoding or "7bit") + "\r\n"
    )
    return head.encode() + (encodebytes(content).replace(b"\n", b"\r\n") if encoding else content)
