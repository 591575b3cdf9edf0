"""What went wrong with a mail, in the reader's words. `Undelivered.answer` keeps it short, for rows and logs."""

from ssl import SSLCertVerificationError
from typing import Any

from helpdesk.core.i18n import _, lazy

LATE = TimeoutError.__name__
UNWRITTEN = "cannot be written"
NO_ADDRESS = "not one plain address"
NO_LETTERS = "the server takes no such address (SMTPUTF8)"

_hung_up = lazy("The mail server hung up in the middle.")
_unprotected = lazy("No protected line to the mail server came about. Does the protection fit the port?")
_FAULTS: dict[str, Any] = {  # by what an answer begins with, up to a colon
    "ConnectionRefusedError": lazy("Nobody answers at the mail server's name and port."),
    "ConnectionResetError": _hung_up,
    "ConnectionAbortedError": _hung_up,
    "BrokenPipeError": _hung_up,
    "SMTPServerDisconnected": _hung_up,
    LATE: lazy("The mail server did not answer in time."),
    "gaierror": lazy("There is no mail server of this name."),
    "Inside": lazy("This name leads into the network of the helpdesk itself, which is not allowed."),
    "SSLCertVerificationError": lazy("The mail server's certificate is not trusted."),
    "SSLError": _unprotected,
    "SSLEOFError": _unprotected,
    "SMTPNotSupportedError": lazy("The mail server does not offer what is needed: STARTTLS, or signing in."),
    NO_ADDRESS: lazy("The recipient's address is not one plain address."),
    NO_LETTERS: lazy("The mail server takes no addresses with such letters."),
    UNWRITTEN: lazy("The mail could not be written. That is our fault, and has been noted."),
}


def name_of(error: Exception) -> str:
    """The kind of fault; of a certificate, also what is wrong with it."""
    name = type(error).__name__
    return f"{name}: {error.verify_message}" if isinstance(error, SSLCertVerificationError) else name


def in_words(answer: str) -> str:
    """A sentence or two: what befell us on the way to the server, or what the server itself said."""
    if answer[:1].isdigit():
        return _("The server said: %(words)s", words=answer)
    kind, _colon, more = answer.partition(": ")
    said = str(_FAULTS.get(kind) or lazy("The mail server cannot be reached."))
    return f"{said} ({more})" if more and kind.startswith("SSLCert") else said
