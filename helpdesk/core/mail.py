"""Sending one mail over SMTP, and saying how it went."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from helpdesk.core import clock

TIMEOUT_SECONDS = 15


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


class Undelivered(Exception):
    """The server did not take it. `permanent` means that trying again will not help."""

    def __init__(self, answer: str, permanent: bool) -> None:
        super().__init__(answer)
        self.answer = answer[:200]
        self.permanent = permanent


def header_safe(text: str, most: int = 250) -> str:
    """One line for a header: no controls, and no `=?` that older Pythons decode into line breaks (CVE-2024-6923)."""
    one_line = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()
    return one_line.replace("=?", "=\u200b?")[:most]


def compose(mail: Mail) -> EmailMessage:
    """The message with its headers, text first and HTML as the alternative."""
    message = EmailMessage()
    message["From"] = header_safe(mail.sender)
    message["To"] = header_safe(mail.recipient)
    message["Subject"] = header_safe(mail.subject)
    message["Date"] = clock.now()
    message["Message-ID"] = mail.message_id
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (("In-Reply-To", mail.in_reply_to), ("References", mail.references)):
        if value:
            message[name] = value
    if mail.list_unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.list_unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def deliver(mail: Mail, smtp_url: str) -> str:
    """Hand one mail to the server; returns its answer. Raises `Undelivered`.

    The envelope names one recipient explicitly: an address list smuggled into a header reaches nobody else.
    """
    message = compose(mail)
    try:
        with _connect(smtp_url) as server:
            refused = server.send_message(
                message, from_addr=parseaddr(mail.sender)[1], to_addrs=[mail.recipient]
            )
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise Undelivered(f"{code} {_words(answer)}", permanent=500 <= code < 600) from None
    except smtplib.SMTPResponseException as error:
        permanent = 500 <= error.smtp_code < 600
        raise Undelivered(f"{error.smtp_code} {_words(error.smtp_error)}", permanent) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(type(error).__name__, permanent=False) from None
    return "250" if not refused else "partly refused"


def _words(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _connect(url: str) -> smtplib.SMTP:
    """`smtp://`, `smtp+starttls://` or `smtps://`, with user and password where the server wants them."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
    if parts.scheme == "smtp+starttls":
        server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
