"""Work that can wait gives way to people who wait: it rests when the processors are wanted by others."""

import time
from pathlib import Path

_SCHEDULE = Path("/proc/thread-self/schedstat")  # nanoseconds: at work, waiting for a processor; Linux only
TIMES, LONGEST_SECONDS = 2.0, 0.5


class Courtesy:
    """Rests for as long as it had to wait for a processor, twice over. Where nobody else wants one it never rests.

    A lower priority would not do: it counts only within a session of processes, and each of ours has its own.
    """

    def __init__(self) -> None:
        self._waited = _waited()

    def rest(self) -> None:
        """Give way, if others were in the way since the last time."""
        waited = _waited() - self._waited
        if waited > 0:
            time.sleep(min(TIMES * waited, LONGEST_SECONDS))
        self._waited = _waited()


def _waited() -> float:
    try:
        return int(_SCHEDULE.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
