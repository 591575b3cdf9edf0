"""Law: `helpdesk.core.clock.now()` is the only reader of the time, so that a test can move the clock.

A monotonic clock is no time of day and may be read anywhere; the launcher watches processes, not tickets.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.inspect import ROOT, judged, modules, plant

# The last two words of what is called, whatever it was imported as.
READERS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"),
    *("func.now", "func.current_timestamp", "func.localtimestamp"),
}
INSPECTED = ("helpdesk", "worker.py", "migrations", "tests")

# path, or folder with a slash → why it may read the time
EXCEPTED: dict[str, str] = {
    "helpdesk/core/clock.py": "the clock itself",
    "helpdesk/launch/mailbox.py": "a mail server of its own, which names its files by the machine's time",
    "tests/notifications/staff.py": "tells other processes how far the clock is off here",
    "tests/notifications/test_killed_senders.py": "tells another process how far the clock is off here",
}


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Reads of the time of day outside the clock."""
    found = []
    for module in modules(root, *INSPECTED):
        for call, name in module.calls():
            if ".".join(name.split(".")[-2:]) in READERS:
                found.append(module.offence(call, f"{name}(): the time comes from helpdesk.core.clock.now()"))
    return judged(found, excepted)


def test_the_house_has_one_clock() -> None:
    assert offences(ROOT) == []


def test_other_readers_of_the_time_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": "import datetime as dt\nfrom time import time, monotonic\n"
            "dt.datetime.now(dt.UTC)\ntime()\nmonotonic()\ndt.date.today()",
            "helpdesk/core/clock.py": "from datetime import datetime\ndatetime.now()",
            "worker.py": "from sqlalchemy import func\nfunc.now()",
        },
    )
    assert [
        line.split(": ")[0] for line in offences(tree, {"helpdesk/core/clock.py": "the clock itself"})
    ] == [
        "helpdesk/sla/clock.py:3",
        "helpdesk/sla/clock.py:4",
        "helpdesk/sla/clock.py:6",
        "worker.py:2",
    ]
