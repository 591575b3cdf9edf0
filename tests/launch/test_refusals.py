"""What `helpdesk up` refuses, each with one sentence and exit status 1, and nothing left running."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.launch import preflight
from helpdesk.launch.preflight import CannotStart, DataDirectory
from tests.support.process import HelpdeskProcess

Start = Callable[..., HelpdeskProcess]


def refusal(process: HelpdeskProcess) -> str:
    """The one line of a process that refused."""
    assert process.wait_until_ended(30) == 1
    lines = process.text().splitlines()
    assert len(lines) == 1, process.text()
    return lines[0]


@pytest.mark.slow
def test_a_port_in_use(helpdesk_process: Start, tmp_path: Path) -> None:
    with preflight.listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        line = refusal(helpdesk_process(ready=False, PORT=port))
    assert f"Port {port} on 127.0.0.1 is in use" in line
    assert not (tmp_path / "var" / "redis").exists()  # found out before anything was started


@pytest.mark.slow
def test_a_database_of_a_newer_version(helpdesk_process: Start, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with sqlite3.connect(tmp_path / "var" / "helpdesk.sqlite3") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('from_tomorrow')")
    database.close()
    line = refusal(helpdesk_process(ready=False))
    assert "is of a newer version (from_tomorrow)" in line
    assert str(tmp_path / "var" / "helpdesk.sqlite3") in line


@pytest.mark.slow
def test_a_file_that_is_no_database(helpdesk_process: Start, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "helpdesk.sqlite3").write_text("Dear diary, " * 100)
    assert "cannot be used: file is not a database" in refusal(helpdesk_process(ready=False))


@pytest.mark.slow
def test_an_unwritable_data_directory(helpdesk_process: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = helpdesk_process(ready=False, HELPDESK_DATA_DIR=str(tmp_path / "file" / "var"))
    assert "cannot be written: Not a directory" in refusal(process)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CannotStart, match="cannot be written: Permission denied"):
        DataDirectory(tmp_path / "var").claim()


def test_a_second_start_on_the_same_data(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path)
    first.claim()
    with pytest.raises(CannotStart, match=rf"already running on .* \(process {os.getpid()}\)"):
        DataDirectory(tmp_path).claim()


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    code = "import sys, pathlib; from helpdesk.launch.preflight import DataDirectory as D; "
    code += "D(pathlib.Path(sys.argv[1])).claim()"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    DataDirectory(tmp_path).claim()


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    key = preflight.secret_key(tmp_path)
    assert len(key) >= 64
    assert preflight.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("host", "port"), [("no.such.host.invalid", 8000), ("192.0.2.1", 8000), ("127.0.0.1", 70000)]
)
def test_addresses_that_are_none(host: str, port: int) -> None:
    with pytest.raises(CannotStart):
        preflight.listen(host, port)


def test_the_shop_gets_the_next_free_port() -> None:
    with preflight.listen("127.0.0.1", 0) as main:
        port = main.getsockname()[1]
        first = preflight.listen_after("127.0.0.1", port)
        second = preflight.listen_after("127.0.0.1", port)
        assert isinstance(first, socket.socket)
        assert isinstance(second, socket.socket)
        with first, second:
            assert port < first.getsockname()[1] < second.getsockname()[1]
