"""A site that may show a form: a scheme, a host and perhaps a port, as browsers name it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
LONGEST = 253


class NoSite(ValueError):
    """A line that names no site; `reason` is one of `scheme`, `path`, `wildcard`, `host`, `port`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Site:
    """An origin: nothing of an address behind the host counts, so nothing is accepted there."""

    origin: str

    @classmethod
    def of(cls, line: str) -> "Site":
        """Read one line as people type or paste it. Raises `NoSite`."""
        try:
            parts = urlsplit(line.strip())
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise NoSite("port" if line.count(":") > 1 else "host") from None
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise NoSite("scheme")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
            raise NoSite("path")
        if "*" in host:
            raise NoSite("wildcard")
        return cls(f"{parts.scheme}://{_ascii(host)}{_shown(parts.scheme, port)}")

    @classmethod
    def of_header(cls, origin: str | None) -> str:
        """What a browser says in its Origin header, in the same spelling; empty for what is none."""
        try:
            return cls.of(origin or "").origin
        except NoSite:
            return ""


def _ascii(host: str) -> str:
    """The host as it travels: `bücher.example` is `xn--bcher-kva.example`."""
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise NoSite("host") from None
    if not name or len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise NoSite("host")
    return name


def _shown(scheme: str, port: int | None) -> str:
    if port == 0:
        raise NoSite("port")
    return "" if port in (None, 80 if scheme == "http" else 443) else f":{port}"
