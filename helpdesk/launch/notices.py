"""What the terminal shows: where to go, who may sign in, and the errors that would stay unread in the logs."""

import re
import shutil
import sys
from pathlib import Path

from helpdesk.config import Config

DEMO_PASSWORD = "demo-helpdesk"  # noqa: S105 - public by purpose, accounts of the demo only
DEMO_SIGN_INS = (
    ("admin@acme.example", "admin"),
    ("mai@acme.example", "manager"),
    ("gus@acme.example", "agent, English"),
    ("linh@acme.example", "agent, Vietnamese and English"),
)
MOST_LOG_BYTES = 20_000_000
LINES_AT_ONCE = 20
_ERROR = re.compile(
    rb'"level": ?"(error|critical)"|\[(ERROR|CRITICAL)\]|^(ERROR|CRITICAL)\b|^\w[\w.]*(Error|Exception)\b',
    re.I,
)


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(text, flush=True)


def warn(text: str) -> None:
    """A line about something wrong."""
    print(f"helpdesk: {text}", file=sys.stderr, flush=True)


def welcome(config: Config, demo: bool, seconds: float) -> str:
    """The text that is shown once everything answers."""
    lines = [f"The helpdesk is ready after {seconds:.1f} s: {config.base_url}"]
    if demo:
        lines += ["", f"Sign in at {config.base_url}/login with the password {DEMO_PASSWORD} as"]
        lines += [f"    {address:<22}{role}" for address, role in DEMO_SIGN_INS]
        if config.shop_origin:
            lines.append(f"A shop that embeds the form: {config.shop_origin}/dev/shop")
        lines.append(f"Every mail that was sent:     {config.base_url}/dev/mail")
    lines += ["", f"Data and logs are in {config.data_dir}. Stop with Ctrl-C."]
    return "\n".join(lines)


class LogReader:
    """Reads what is added to one log file, shows its errors, and keeps it from growing for ever."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._seen = path.stat().st_size if path.exists() else 0

    def show_errors(self) -> None:
        """Show the new lines that tell of an error, at most a screenful."""
        shown = [line for line in self._new_lines() if _ERROR.search(line)]
        for line in shown[:LINES_AT_ONCE]:
            warn(f"{self.name}: {line.decode(errors='replace')[:500]}")
        if len(shown) > LINES_AT_ONCE:
            warn(f"{self.name}: {len(shown) - LINES_AT_ONCE} more errors in {self.path}")

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for a process that does not start."""
        return (
            "\n".join(self.path.read_text(errors="replace").splitlines()[-count:])
            if self.path.exists()
            else ""
        )

    def _new_lines(self) -> list[bytes]:
        if not self.path.exists() or self.path.stat().st_size <= self._seen:
            return []
        with self.path.open("rb") as file:
            file.seek(self._seen)
            added = file.read(MOST_LOG_BYTES)
        whole = added[: added.rfind(b"\n") + 1]  # an unfinished line is read the next time
        self._seen += len(whole)
        if self._seen > MOST_LOG_BYTES:
            self._begin_anew()
        return whole.splitlines()

    def _begin_anew(self) -> None:
        # The writer appends, so cutting the file under it is safe; a line written in between may be lost.
        shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
        with self.path.open("r+b") as file:
            file.truncate(0)
        self._seen = 0
