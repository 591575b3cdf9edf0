"""Going out to servers that users name: never into the house's own network, unless its owner allows that."""

import ipaddress
import socket
import threading
from time import monotonic
from typing import Any

from helpdesk.config import current_config

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # an IPv4 address in IPv6 clothes
MOST = 3  # addresses that are tried
LEAST_SECONDS = 0.5  # for dialling, however long looking up took


class Inside(OSError):
    """The name leads to an address that is not out in the open."""


def reach(host: str, port: int, timeout: float, *, anywhere: bool) -> socket.socket:
    """A connection to a host. Unless `anywhere` is allowed, only to an address that all the world can reach.

    The address that was looked at is the one that is dialled: a name that answers otherwise next time gains nothing.
    Looking it up and dialling together take no longer than `timeout`. Raises `OSError`.
    """
    until = monotonic() + timeout
    free = anywhere or current_config().private_mail_servers
    fault: OSError = OSError("the name has no address")
    found = _addresses(host, port, timeout)[:MOST]
    share = max(LEAST_SECONDS, until - monotonic()) / max(1, len(found))
    for family, kind, protocol, _, place in found:
        if not free and not is_open(str(place[0])):
            fault = Inside("not an address of the open Internet")
            continue
        line = socket.socket(family, kind, protocol)
        line.settimeout(share)
        try:
            line.connect(place)
        except OSError as error:
            line.close()
            fault = error
        else:
            line.settimeout(timeout)
            return line
    raise fault


def _addresses(host: str, port: int, timeout: float) -> list[Any]:
    """What the name leads to. The library's look-up knows no limit, so it goes on without us when it is over."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout)
    if not answer:
        raise TimeoutError("the name was not looked up in time")
    if isinstance(answer[0], UnicodeError):  # a label that is too long
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    if isinstance(answer[0], OSError):
        raise answer[0]
    return answer[0]


def is_open(address: str) -> bool:
    """Whether an address is one of the open Internet: not loopback, private, link-local, reserved or multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_open(str(ip.ipv4_mapped))
        if ip in _TRANSLATED:
            return is_open(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.sixtofour:
            return is_open(str(ip.sixtofour))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
