"""A worker that is killed at a named point: `python -m tests.notifications.mortal_sender after_lease 2`.

It is the product's own, with one line more at that point. `never` is nowhere: it works until nothing is left to do.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from helpdesk import create_app
from helpdesk.config import Config
from helpdesk.core import jobs
from helpdesk.core.mail_line import Line
from helpdesk.notifications.lane import Lane
from helpdesk.notifications.outgoing import Outgoing

POINTS: dict[
    str, tuple[type, str, bool]
] = {  # what is called there, and whether it dies before the call or after
    "after_pop": (Lane, "send", True),
    "after_lease": (Outgoing, "_write", True),
    "after_begin": (Outgoing, "_hand_over", True),
    "after_250": (Line, "deliver", False),
    "after_sent": (Outgoing, "send", False),
}


def die_at(point: str, hit: int) -> None:
    """Be killed when the point is reached for the nth time."""
    owner, name, is_before = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)
    left = [hit]

    @functools.wraps(real)
    def mortal(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if is_before and not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **options)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, mortal)


if __name__ == "__main__":
    if sys.argv[1] in POINTS:
        die_at(sys.argv[1], int(sys.argv[2]))
    jobs.work(create_app(Config.from_env()), burst=True)
