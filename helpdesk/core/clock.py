"""The only reader of the time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

_moved = timedelta(0)
_frozen: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC."""
    if _frozen is not None:
        return _frozen + _moved
    return datetime.now(UTC) + _moved + _moved_from_outside()


def _moved_from_outside() -> timedelta:
    """Tests of several processes move every clock at once through a file that holds seconds."""
    path = os.environ.get("HELPDESK_CLOCK_FILE")
    if not path:
        return timedelta(0)
    try:
        return timedelta(seconds=float(Path(path).read_text() or 0))
    except (OSError, ValueError):
        return timedelta(0)


def travel(seconds: float) -> None:
    """Move this process's clock; for tests."""
    global _moved
    _moved += timedelta(seconds=seconds)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop this process's clock at an aware instant; `travel` still moves it. For tests."""
    global _frozen, _moved
    before = _frozen, _moved
    _frozen, _moved = at.astimezone(UTC), timedelta(0)
    try:
        yield
    finally:
        _frozen, _moved = before


def reset() -> None:
    """Back to the real time; for tests."""
    global _frozen, _moved
    _frozen, _moved = None, timedelta(0)
