"""Seconds from the command to "ready", and from the signal to the last process being gone, on one machine."""

import tempfile
import time
from pathlib import Path

from bench.figures import FREE, spread
from tests.support.process import HelpdeskProcess

TIMES = 5


def main() -> None:
    """Print the first start, which makes and fills the database, and the ones after it."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as place:
        lives = [_life(Path(place)) for _ in range(1 + TIMES)]
    starts, ends = zip(*lives, strict=True)
    spread("first start, SQLite", starts[:1])
    spread("the starts after it", starts[1:])
    spread("ends", ends)


def _life(place: Path) -> tuple[float, float]:
    began = time.perf_counter()
    process = HelpdeskProcess(place, dict(FREE))
    process.wait_until_ready()
    ready = time.perf_counter()
    process.stop()
    return ready - began, time.perf_counter() - ready


if __name__ == "__main__":
    main()
