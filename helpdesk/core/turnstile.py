"""The turnstile before SQLite's one write lock: whoever waits is let through when the one before is done.

SQLite's own waiting is asking again and again, with pauses: the lock lies idle meanwhile, and who has waited for long
pauses longest. So a worker starves beside a busy form, and a form beside busy workers. A lock on a file wakes the next
one at once. It only orders: SQLite's lock is still what keeps writers apart, also from programs that do not know this.
"""

import fcntl
import os
from threading import Event, Lock, Thread


class Turnstile:
    """One connection's way through; the file is the same for all processes of the machine.

    The kernel opens it again when a process dies, however it does.
    """

    def __init__(self, path: str) -> None:
        self._path, self._is_inside, self._guard = path, False, Lock()
        self._file = self._open()

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def enter(self, most_seconds: float) -> bool:
        """Wait for one's turn; False if it has not come in that time, and one goes on without it."""
        if not self._is_inside:
            self._is_inside = self._walks_in() or self._queues(most_seconds)
        return self._is_inside

    def leave(self) -> None:
        """Let the next one through. Twice is quiet."""
        if self._is_inside:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self._is_inside = False

    def close(self) -> None:
        """Nobody goes through here any more."""
        self._is_inside = False
        os.close(self._file)

    def _walks_in(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _queues(self, most_seconds: float) -> bool:
        """The kernel's queue has no time limit, so that somebody else stands there for us."""
        file, is_ours = self._file, Event()
        Thread(target=self._stand, args=(file, is_ours), daemon=True).start()
        if is_ours.wait(most_seconds):
            return True
        with self._guard:
            if is_ours.is_set():
                return True
            self._file = self._open()
        return False

    def _stand(self, file: int, is_ours: Event) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
        with self._guard:
            if file == self._file:
                is_ours.set()
                return
        os.close(file)  # nobody waits for it any more
