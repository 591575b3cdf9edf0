"""One process under the supervisor: starting, ending, coming back after a crash."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

# A SIGHUP that was ignored before us (nohup) stays ignored.
HANGING_UP = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN else set()
HANDLED = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, *HANGING_UP})
STEADY_SECONDS = 30.0  # a process that lived so long starts again at once when it dies
LONGEST_WAIT_SECONDS = 10.0
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Child:
    """A process with its log file. `name` is shown on the terminal and names the log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        pass_fds: Iterable[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self.restarts = 0
        self._command = list(command)
        self._env = {**os.environ, **(env or {})}
        self._pass_fds = tuple(pass_fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def runs(self) -> bool:
        """Whether the process is alive. An ended one is left as a zombie until `clear` takes it away."""
        if self._process is None:
            return False
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is None

    def start(self) -> None:
        """Start the process in a session of its own, with everything it prints in its log."""
        self._started = time.monotonic()
        parent = os.getpid()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self._pass_fds,
                preexec_fn=lambda: _before_exec(parent),  # safe: the supervisor has one thread
            )

    def ask_to_end(self) -> None:
        """SIGTERM to the leader: it ends its own processes in its own order."""
        if self._process is not None:
            # Not send_signal(): that reaps an ended leader, and then nobody holds its group's number any more.
            os.kill(self._process.pid, signal.SIGTERM)

    def clear(self) -> int | None:
        """Take an ended (or stubborn) process away with all of its group; its exit status."""
        if self._process is None:
            return None
        # Before the leader is reaped, so that the group's number cannot belong to anybody else yet.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        self._process = None
        return status

    def rest_after_crash(self) -> float:
        """Note a crash; the seconds to wait before the next start: 0, then longer each time it dies young."""
        steady = time.monotonic() - self._started >= STEADY_SECONDS
        self.restarts = 1 if steady else self.restarts + 1
        wait = min(0.25 * 2 ** (self.restarts - 1), LONGEST_WAIT_SECONDS) if self.restarts > 1 else 0.0
        self._not_before = time.monotonic() + wait
        return wait

    @property
    def may_start(self) -> bool:
        """Whether it is down and has rested long enough."""
        return self._process is None and time.monotonic() >= self._not_before


def _before_exec(parent: int) -> None:
    """In the new process: the supervisor's end is its end, and signals reach it again."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)


def end(children: Sequence[Child], until: float) -> None:
    """Ask all to end together and take them away; what still runs at `until` (monotonic) is killed."""
    for child in children:
        child.ask_to_end()
    while any(child.runs for child in children) and time.monotonic() < until:
        signal.sigtimedwait({signal.SIGCHLD}, max(0.0, min(0.2, until - time.monotonic())))
    for child in children:
        child.clear()
