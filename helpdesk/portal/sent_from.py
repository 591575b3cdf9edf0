"""Where a request came from, as the visitor's browser says: its page, its language, its time zone."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import available_timezones

from helpdesk.core.forms import one_line

LONGEST = 500


@dataclass(frozen=True)
class SentFrom:
    """Said by a browser, so believed by nobody; what makes no sense is left out."""

    page: str = ""
    language: str = ""
    zone: str = ""

    @classmethod
    def of(cls, page: str | None, language: str | None, zone: str | None) -> "SentFrom":
        """Cleaned. Of the page's address only what is before its query, which may hold secrets."""
        return cls(
            page=_without_query(str(one_line(page or ""))),
            language=str(one_line(language or ""))[:20],
            zone=zone if zone and zone in available_timezones() else "",
        )

    @property
    def as_json(self) -> dict[str, str] | None:
        """For the ticket; None where nothing was said."""
        said = {name: value for name, value in vars(self).items() if value}
        return said or None


def _without_query(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))[:LONGEST]
