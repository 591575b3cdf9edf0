"""Handing mail over by SMTP, and saying how it went."""

import re
import smtplib
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

from helpdesk.core.addresses import reach
from helpdesk.core.mail import Mail, Undelivered, envelope_address, mailbox_of, written
from helpdesk.core.mail_faults import LATE, NO_LETTERS, name_of

TIMEOUT_SECONDS = 15  # for one answer
DEADLINE_SECONDS = 30  # for one mail, and for connecting: a server that crawls is a server that is away
PORTS = {"plain": 25, "starttls": 587, "tls": 465}
_SCHEMES = {"smtp": "plain", "smtp+starttls": "starttls", "smtps": "tls"}
_POLICY = re.compile(r"5\d\d 5\.7\.")  # RFC 3463: who may send what to whom


@dataclass(frozen=True)
class Relay:
    """A mail server that takes our mails: where it is, and as whom we come. `is_foreign`: users named it."""

    host: str
    port: int
    security: str = "plain"  # plain, starttls, tls
    user: str = ""
    password: str = field(default="", repr=False)
    is_foreign: bool = False

    @classmethod
    def of(cls, url: str) -> "Relay":
        """`smtp://`, `smtp+starttls://` or `smtps://`, with user and password where the server wants them."""
        parts = urlsplit(url)
        security = _SCHEMES.get(parts.scheme, "plain")
        port = parts.port or (465 if security == "tls" else 25)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname or "127.0.0.1", port, security, user, password)

    def without_secret(self, said: str) -> str:
        """A server's words, unless it says our password back to us."""
        if not self.password:
            return said
        spoken = {
            self.password,
            *(b64encode(each.encode()).decode() for each in (self.password, self._plain)),
        }
        return "…" if any(each in said for each in spoken) else said

    @property
    def _plain(self) -> str:
        return f"\0{self.user}\0{self.password}"


class _Smtp(smtplib.SMTP):
    """Dials addresses that were looked at first."""

    is_foreign = False

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return reach(host, port, timeout, anywhere=not self.is_foreign)


class _SmtpOverTls(smtplib.SMTP_SSL, _Smtp):
    """The same, in TLS from the first byte on."""


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading all the authorities of the system takes longer than a mail."""
    return ssl.create_default_context()


class Line:
    """A connection to a mail server: opened for the first mail, kept for the next ones, opened again when lost."""

    def __init__(self, relay: Relay, most_seconds: float | None = None) -> None:
        self.relay, self._most = relay, most_seconds
        self._server: smtplib.SMTP | None = None
        self._is_clean = True  # it has forgotten the mail before
        self._was_used = False  # there was one
        self._watch = _Watch(most_seconds)

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *error: object) -> None:
        if self._server:
            with suppress(OSError, smtplib.SMTPException), self._watch.over(self._server):
                self._server.quit()
            self._drop()
        self._watch.end()

    def open(self) -> None:
        """Dial, unless it is open. Raises `Undelivered`."""
        try:
            _ = self._kept() or self._dial()
        except Undelivered:
            self._drop()
            raise

    def deliver(self, mail: Mail) -> str:
        """Hand over one mail; returns the server's answer. Raises `Undelivered`.

        The envelope names one recipient explicitly: an address list smuggled into a header reaches nobody else.
        """
        message, to = written(mail), envelope_address(mail.recipient)
        try:
            server = self._addressed(mailbox_of(mail.sender), to)
            with self._watch.over(server):
                answer = self._hand_over(server, message)
            self._is_clean = True
            return answer
        except Undelivered as error:
            error.answer = self.relay.without_secret(error.answer)
            if error.unreachable:
                self._drop()
            raise

    def greet(self, sender: str) -> str:
        """Only say who we are and from where mails would come; the server's answer. Raises `Undelivered`."""
        try:
            server = self._kept() or self._dial()
            with self._watch.over(server), _faults_of_the_server(self.relay):
                answer = _expect(250, server.mail(sender) if sender else server.noop())
                server.rset()
            return self.relay.without_secret(answer)
        except Undelivered as error:
            error.answer = self.relay.without_secret(error.answer)
            self._drop()
            raise

    @property
    def is_open(self) -> bool:
        """Whether the server answered, and has not been lost since."""
        return self._server is not None

    def _addressed(self, sender: str, to: str) -> smtplib.SMTP:
        """The server, told who writes to whom. A kept connection that broke meanwhile is dialled anew."""
        server, was_used = self._kept() or self._dial(), self._was_used
        try:
            return self._address(server, sender, to)
        except Undelivered as error:
            if not (error.unreachable and was_used):
                raise
        self._drop()
        return self._address(self._dial(), sender, to)

    def _kept(self) -> smtplib.SMTP | None:
        """The connection of the mail before; one that was refused is forgotten first."""
        if self._server and not self._is_clean:
            try:
                with self._watch.over(self._server):
                    self._is_clean = self._server.rset()[0] == 250
            except (OSError, smtplib.SMTPException):
                pass
            if not self._is_clean:
                self._drop()
        return self._server

    def _dial(self) -> smtplib.SMTP:
        relay, timeout = self.relay, min(self._most or TIMEOUT_SECONDS, TIMEOUT_SECONDS)
        server: smtplib.SMTP = (
            _SmtpOverTls(timeout=timeout, context=_tls())
            if relay.security == "tls"
            else _Smtp(timeout=timeout)
        )
        server._host = relay.host  # type: ignore[attr-defined]  # the name that TLS checks; set by no public way without dialling
        server.is_foreign = relay.is_foreign  # type: ignore[attr-defined]
        self._server, self._is_clean, self._was_used = server, True, False
        with self._watch.over(server), _faults_of_the_server(relay):
            _expect(220, server.connect(relay.host, relay.port))
            if relay.security == "starttls":
                server.starttls(context=_tls())
            server.ehlo_or_helo_if_needed()
            if relay.user:
                server.login(relay.user, relay.password)
        return server

    def _address(self, server: smtplib.SMTP, sender: str, to: str) -> smtplib.SMTP:
        """The envelope; nothing is handed over yet."""
        if not to.isascii() and not server.has_extn("smtputf8"):
            raise Undelivered(NO_LETTERS, permanent=True)
        self._is_clean, self._was_used = False, True
        with self._watch.over(server):
            with _faults_of_the_server(self.relay):
                _expect(250, server.mail(sender, [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]))
            with _faults_of_the_recipient(self.relay):
                _expect(250, server.rcpt(to))
        return server

    def _hand_over(self, server: smtplib.SMTP, message: bytes) -> str:
        try:
            return _expect(250, server.data(message))
        except smtplib.SMTPDataError as error:  # it did not want to see the mail at all
            return _expect(250, (error.smtp_code, error.smtp_error))
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise Undelivered(name_of(error), unreachable=True, doubtful=True) from None

    def _drop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None


def _expect(code: int, answer: tuple[int, bytes | str]) -> str:
    """The server's words, if they begin with the code (251 is a 250 too)."""
    given, text = _said(*answer)
    if given // 10 != code // 10:
        raise Undelivered(text, permanent=500 <= given < 600, unreachable=given == 421 or given < 400)
    return text


def _said(code: int, words: bytes | str) -> tuple[int, str]:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return code, f"{code} {' '.join(text.split())}".strip()


@contextmanager
def _faults_of_the_server(relay: Relay) -> Iterator[None]:
    """Whatever goes wrong before a recipient is named says nothing about the mail: it is tried again later."""
    try:
        yield
    except Undelivered as error:
        raise Undelivered(error.answer, unreachable=True) from None
    except smtplib.SMTPResponseException as error:
        said = _said(error.smtp_code, error.smtp_error)[1]
        raise Undelivered(relay.without_secret(said), unreachable=True) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(name_of(error), unreachable=True) from None


@contextmanager
def _faults_of_the_recipient(relay: Relay) -> Iterator[None]:
    """A refusal for good here is about his address, unless the server says that its rules are against it."""
    try:
        yield
    except Undelivered as error:
        error.of_recipient = error.permanent and not _POLICY.match(error.answer)
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(name_of(error), unreachable=True) from None


class _Watch:
    """Cuts a connection when the talk takes too long; whoever waits for an answer then sees it broken.

    One thread for all the mails of a line: it looks now and then whether the present talk is over its time.
    """

    def __init__(self, most_seconds: float | None) -> None:
        self._most = most_seconds
        self._talk: tuple[float, smtplib.SMTP] | None = None
        self._has_cut = False
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, server: smtplib.SMTP) -> Iterator[None]:
        """Give this talk no longer than it may take."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, daemon=True)
            self._thread.start()
        self._talk, self._has_cut = (monotonic() + (self._most or DEADLINE_SECONDS), server), False
        try:
            yield
        except Undelivered as fault:
            if self._has_cut:  # it did not hang up, we did
                fault.answer = LATE
            raise
        finally:
            self._talk = None

    def end(self) -> None:
        """There is nothing more to watch."""
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(min(1.0, DEADLINE_SECONDS / 10)):
            talk = self._talk
            if talk and monotonic() > talk[0]:
                self._has_cut = True
                with suppress(OSError):
                    if talk[1].sock:
                        talk[1].sock.shutdown(socket.SHUT_RDWR)
