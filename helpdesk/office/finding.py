"""One line of the health page: what was looked at, how it is, and what to do about it."""

from dataclasses import dataclass
from typing import Any

GRADES = ("bad", "warn", "ok")  # the worst first


@dataclass(frozen=True)
class Finding:
    """`said` is how it is; `advice` what to do, with the page where that is done."""

    key: str
    grade: str
    label: Any
    said: Any
    advice: Any = ""
    url: str = ""


def duration(seconds: float | None) -> tuple[int, str]:
    """A rough age: (number, `s`, `min` or `h`)."""
    whole = round(seconds or 0)
    if whole < 120:
        return whole, "s"
    return (whole // 60, "min") if whole < 7200 else (whole // 3600, "h")
