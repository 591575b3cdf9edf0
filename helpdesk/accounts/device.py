"""What a session says of its browser, in words. Pure."""

import ipaddress
from dataclasses import dataclass

BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "FxiOS": "Firefox",
    "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS",
    "Mac OS": "macOS", "Linux": "Linux",
}  # fmt: skip
LONGEST = 40


@dataclass(frozen=True)
class Device:
    """A browser by its own words, which may say anything."""

    agent: str

    @property
    def browser(self) -> str:
        """`Firefox`; empty where nothing is known."""
        return next((name for mark, name in BROWSERS.items() if mark in self.agent), self.agent[:LONGEST])

    @property
    def system(self) -> str:
        """`Windows`; empty where nothing is known."""
        return next((name for mark, name in SYSTEMS.items() if mark in self.agent), "")


def network_of(address: str | None) -> str:
    """`203.0.113.…`: enough to tell places apart, not enough to find somebody. Only this is kept."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if ip.version == 4:
        return ".".join(str(ip).split(".")[:3]) + ".…"
    return ":".join(ip.exploded.split(":")[:3]) + ":…"
