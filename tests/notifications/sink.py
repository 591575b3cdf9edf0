"""A real SMTP server on loopback that keeps what it takes and, where told, refuses, stalls or hangs up."""

from __future__ import annotations

import email
import threading
from collections import deque
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.process import free_port

HANG_UP = "hang up"  # after the mail, before the answer
OK = "250 OK"


class Sink:
    """`mails` are (envelope recipients, message). `at_rcpt` and `at_data` hold answers for the next mails, in order.

    `options` are those of aiosmtpd's servers.
    """

    def __init__(self, password: str | None = None, **options: Any) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.at_rcpt: deque[str] = deque()
        self.at_data: deque[str] = deque()
        self.before_answer: Callable[[], None] = lambda: None
        self.connections = 0
        self.senders: list[str] = []
        self.protected: list[bool] = []  # the line, of each mail
        self.passwords: list[str] = []
        self.port, self.password = free_port(), password
        login = {"authenticator": self._knows, "auth_require_tls": False} if password else {}
        self._options = login | options
        self._controller: Controller | None = None
        self.url = f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Begin to answer, at the same port as before."""
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ready_timeout=10, **self._options
        )
        self._controller.start()

    def close(self) -> None:
        """Whoever dials from now on is refused; whoever is connected is cut off."""
        if self._controller:
            self._controller.stop()
        self._controller = None

    def __enter__(self) -> Sink:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _knows(self, server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        self.passwords.append(said.password.decode())
        return AuthResult(success=said.password == (self.password or "").encode(), handled=False)

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.password and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        self.senders.append(address)
        self.protected.append(server.transport.get_extra_info("sslcontext") is not None)
        return OK

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.at_rcpt.popleft() if self.at_rcpt else OK
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.at_data.popleft() if self.at_data else OK
        if answer in (OK, HANG_UP):
            message = email.message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append((list(envelope.rcpt_tos), message))
        waiting = threading.Thread(target=self.before_answer)
        waiting.start()
        waiting.join()
        if answer == HANG_UP:
            server.transport.abort()
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        """The mails whose envelope names an address, in the order of arrival."""
        return [message for recipients, message in self.mails if address in recipients]


def parts(message: EmailMessage) -> tuple[str, str]:
    """Text and HTML of a mail."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()
