"""`make bench`: every measure, one table. `python -m bench pages` runs one of them."""

import logging
import os
import platform
import signal
import sys
from importlib import import_module

MEASURES = [
    "start",
    "pages",
    "thread",
    "search",
    "form",
    "create",
    "assignment",
    "backlog",
    "fanout",
    "calendar",
    "sla",
    "lateness",
    "audit",
    "mails",
]


def main(names: list[str]) -> None:
    """Run the named measures, or all."""
    logging.disable(logging.INFO)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # what was started ends, too
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"
    )
    for name in names or MEASURES:
        print(f"## {name}")
        import_module(f"bench.{name}").main()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
