"""What must hold before anything starts. Each refusal is one clear sentence and exit status 1."""

import errno
import fcntl
import gc
import os
import resource
import secrets
import socket
from contextlib import suppress
from pathlib import Path

MOST_FILES = 65536  # two descriptors for every live page, and some room
BACKGROUND_NICENESS = 5
AUTOGROUP = Path("/proc/self/autogroup")
SHOP_PORTS = 50  # how many ports after the main one are tried for the demo shop


class CannotStart(Exception):
    """A reason not to start, as one sentence for the person at the terminal."""


class DataDirectory:
    """The data directory, held by this process alone until the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def claim(self) -> None:
        """Make the directory and lock it. Raises `CannotStart`."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"The data directory {self.path} cannot be written: {error.strerror}."
            ) from None
        try:
            # Not a file that exists but a lock the kernel drops: a crash leaves nothing behind.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"The helpdesk is already running on the data directory {self.path}{self._holder()}."
            ) from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())

    def folder(self, name: str) -> Path:
        """A folder inside, made if need be. Raises `CannotStart`."""
        folder = self.path / name
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise CannotStart(f"The data directory {folder} cannot be written: {error.strerror}.") from None
        return folder

    def _holder(self) -> str:
        pid = os.read(self._lock, 20).decode(errors="replace").strip()
        return f" (process {pid})" if pid.isdigit() else ""


def secret_key(data_dir: Path) -> str:
    """The key kept in the data directory; made once, readable by its owner alone. Raises `CannotStart`."""
    kept = data_dir / "secret_key"
    fresh = data_dir / f".secret_key.{os.getpid()}"
    try:
        if not kept.is_file():
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
                os.fsync(file.fileno())
            try:
                os.link(fresh, kept)  # unlike a rename it never replaces the key of a process that was faster
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return kept.read_text().strip()
    except OSError as error:
        raise CannotStart(f"The secret key {kept} cannot be kept: {error.strerror}.") from None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket for the web server, so that the port is ours from now on. Raises `CannotStart`."""
    if port > 65535:  # the resolver would take it modulo 65536
        raise CannotStart(f"PORT must be at most 65535, not {port}.")
    try:
        return _bound(host, port)
    except socket.gaierror:
        raise CannotStart(f"HOST {host!r} is not an address of this machine.") from None
    except PermissionError:
        raise CannotStart(f"Port {port} needs special rights; choose one above 1023 with PORT.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} on {host} is in use; stop the program that uses it, or choose another with PORT."
            ) from None
        raise CannotStart(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def listen_after(host: str, port: int) -> socket.socket | None:
    """A listening socket on the next free port, or None where there is none nearby."""
    for candidate in range(port + 1, min(port + SHOP_PORTS, 65535) + 1):
        try:
            return _bound(host, candidate)
        except OSError:
            continue
    return None


def keep_what_is_loaded() -> None:
    """Let the garbage collector leave alone what stays until the end: else it walks through the whole application
    now and then, for a tenth of a second or more, while somebody waits for a page.
    """
    gc.collect()
    gc.freeze()


def let_pages_go_first() -> None:
    """Give way to the web: where both want all of the processor, this process gets a third of what a page gets.

    A process with a session of its own also competes as a group, where Linux groups by sessions (`man 7 sched`,
    "The autogroup feature"); then the group's value counts and not the process's.
    """
    os.nice(BACKGROUND_NICENESS)
    with suppress(OSError):  # another system, or one that does not group
        AUTOGROUP.write_text(str(BACKGROUND_NICENESS))


def raise_file_limit() -> None:
    """Let this process and its children open as many files as hundreds of live pages need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)  # two sockets may be bound to one port; only listening tells that it is taken
    except BaseException:
        listener.close()
        raise
    return listener
