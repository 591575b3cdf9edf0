"""Sending mail over SMTP, and saying how it went."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from helpdesk.core import clock

TIMEOUT_SECONDS = 15  # for one answer
DEADLINE_SECONDS = 30  # for one mail, connecting included: a server that crawls is a server that is away
# One address and nothing else: `a@x,b@y` would be two in a header, and smtplib would send to the first.
_PLAIN = re.compile(r"""[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+@[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]+""")

_POLICY = re.compile(r"5\d\d 5\.7\.")  # RFC 3463: who may send what to whom


class _Unfolded(UnstructuredHeader):
    """A header of addresses and ids on one line. Folding would encode a long word, and an encoded link is none."""

    def fold(self, *, policy: Policy) -> str:
        """As it is; it is ours, short of the 998 characters of a line."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_headers = HeaderRegistry()
for _name in ("list-unsubscribe", "in-reply-to", "references"):
    _headers.map_to_type(_name, _Unfolded)  # type: ignore[arg-type]
_policy = SMTP.clone(cte_type="7bit", header_factory=_headers)


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
    return f'"{quoted}" <{parseaddr(mailbox)[1]}>'


def envelope_address(recipient: str) -> str:
    """The one plain address, its domain in ASCII. Raises `Undelivered`, for good, where it is anything else."""
    if not _PLAIN.fullmatch(recipient) or len(recipient) > 254:
        raise Undelivered("not one plain address", permanent=True)
    local, _, domain = recipient.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise Undelivered("not one plain address", permanent=True) from None


def compose(mail: Mail) -> EmailMessage:
    """The message with its headers, text first and HTML as the alternative."""
    to = envelope_address(mail.recipient)
    message = EmailMessage(_policy.clone(utf8=not to.isascii()))
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
    if mail.picture:
        _put_in(message, mail.picture)
    message["Content-Language"] = (
        mail.language
    )  # now: adding a part takes such headers away with the part before
    return message


def _put_in(message: EmailMessage, picture: Inline) -> None:
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    kind, _, subtype = picture.content_type.partition("/")
    html.add_related(
        picture.content, kind, subtype, cid=f"<{picture.cid}>", filename=f"{picture.cid.partition('@')[0]}.{subtype}",
        disposition="inline",
    )  # fmt: skip


class Line:
    """A connection to a mail server: opened for the first mail, kept for the next ones, opened again when lost.

    `smtp://`, `smtp+starttls://` or `smtps://`, with user and password where the server wants them.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *error: object) -> None:
        if self._server:
            with suppress(OSError, smtplib.SMTPException):
                self._server.quit()
            self._drop()

    def deliver(self, mail: Mail) -> str:
        """Hand over one mail; returns the server's answer. Raises `Undelivered`.

        The envelope names one recipient explicitly: an address list smuggled into a header reaches nobody else.
        """
        message, to = _written(mail), envelope_address(mail.recipient)
        try:
            server = self._kept() or self._dial()
            with _deadline(server):
                self._address(server, parseaddr(mail.sender)[1], to)
                return self._hand_over(server, message)
        except Undelivered as error:
            if error.unreachable:
                self._drop()
            raise

    @property
    def is_open(self) -> bool:
        """Whether the server answered, and has not been lost since."""
        return self._server is not None

    def _kept(self) -> smtplib.SMTP | None:
        """The connection of the mail before, if the server still answers on it; a refused mail is forgotten."""
        if self._server:
            try:
                with _deadline(self._server):
                    if self._server.rset()[0] == 250:
                        return self._server
            except (OSError, smtplib.SMTPException):
                pass
            self._drop()
        return None

    def _dial(self) -> smtplib.SMTP:
        host, scheme = self._url.hostname or "127.0.0.1", self._url.scheme
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(timeout=TIMEOUT_SECONDS, context=context)
            if scheme == "smtps"
            else smtplib.SMTP(timeout=TIMEOUT_SECONDS)
        )
        server._host = host  # type: ignore[attr-defined]  # the name that TLS checks; set by no public way without dialling
        self._server = server
        with _deadline(server), _faults_of_the_server():
            _expect(220, server.connect(host, self._url.port or (465 if scheme == "smtps" else 25)))
            if scheme == "smtp+starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server

    def _address(self, server: smtplib.SMTP, sender: str, to: str) -> None:
        """The envelope; nothing is handed over yet."""
        if not to.isascii() and not server.has_extn("smtputf8"):
            raise Undelivered("the server takes no such address (SMTPUTF8)", permanent=True)
        with _faults_of_the_server(only_breaks=True):
            _expect(250, server.mail(sender, [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]))
            with _faults_of_the_recipient():
                _expect(250, server.rcpt(to))

    def _hand_over(self, server: smtplib.SMTP, message: bytes) -> str:
        try:
            return _expect(250, server.data(message))
        except smtplib.SMTPDataError as error:  # it did not want to see the mail at all
            return _expect(250, (error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise Undelivered(type(error).__name__, unreachable=True, doubtful=True) from None

    def _drop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None


def _written(mail: Mail) -> bytes:
    """The mail as it goes over the line. One that cannot be written will never be."""
    try:
        return compose(mail).as_bytes()
    except (ValueError, MessageError) as error:
        raise Undelivered(f"cannot be written: {type(error).__name__}", permanent=True) from None


def _expect(code: int, answer: tuple[int, bytes | str]) -> str:
    """The server's words, if they begin with the code (251 is a 250 too)."""
    given, words = answer
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = f"{given} {' '.join(said.split())}".strip()
    if given // 10 != code // 10:
        raise Undelivered(text, permanent=500 <= given < 600, unreachable=given == 421 or given < 400)
    return text


@contextmanager
def _faults_of_the_server(only_breaks: bool = False) -> Iterator[None]:
    """Whatever goes wrong before a mail is named says nothing about the mail: it is tried again later."""
    try:
        yield
    except Undelivered as error:
        if only_breaks:
            raise
        raise Undelivered(error.answer, unreachable=True) from None
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"{error.smtp_code} {type(error).__name__}", unreachable=True) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(type(error).__name__, unreachable=True) from None


@contextmanager
def _faults_of_the_recipient() -> Iterator[None]:
    """A refusal for good here is about his address, unless the server says that its rules are against it."""
    try:
        yield
    except Undelivered as error:
        error.of_recipient = error.permanent and not _POLICY.match(error.answer)
        raise


@contextmanager
def _deadline(server: smtplib.SMTP) -> Iterator[None]:
    """Cut the connection when the talk takes too long; whoever waits for an answer then sees it broken."""
    watch = threading.Timer(DEADLINE_SECONDS, _cut, [server])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _cut(server: smtplib.SMTP) -> None:
    with suppress(OSError):
        if server.sock:
            server.sock.shutdown(socket.SHUT_RDWR)
