"""What reaches the terminal from the logs of the parts."""

from pathlib import Path

import pytest

from helpdesk.launch import notices
from helpdesk.launch.notices import LogReader


def test_only_new_whole_lines_with_errors_are_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "web.log"
    log.write_text("ValueError: from the last time\n")
    reader = LogReader("web", log)
    with log.open("a") as file:
        file.write('{"level": "info", "message": "GET /queue"}\n{"level": "error", "message": "boom"}\n')
        file.write("Traceback (most recent call last):\n  File x\nKeyError: 'name'\n[ERROR] half a li")
    reader.show_errors()
    shown = capfd.readouterr().err.splitlines()
    assert shown == [
        'helpdesk: web: {"level": "error", "message": "boom"}',
        "helpdesk: web: KeyError: 'name'",
    ]
    with log.open("a") as file:
        file.write("ne\n")
    reader.show_errors()
    assert capfd.readouterr().err == "helpdesk: web: [ERROR] half a line\n"


def test_a_flood_is_cut_short(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reader = LogReader("worker-1", tmp_path / "worker-1.log")
    (tmp_path / "worker-1.log").write_text("OSError: no\n" * 500)
    reader.show_errors()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == notices.LINES_AT_ONCE + 1
    assert "480 more errors" in lines[-1]


def test_a_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MOST_LOG_BYTES", 1000)
    log = tmp_path / "web.log"
    reader = LogReader("web", log)
    with log.open("ab") as writer:
        for _ in range(30):
            writer.write(b"x" * 99 + b"\n")
            writer.flush()
            reader.show_errors()
    assert log.stat().st_size <= 1100
    assert log.with_suffix(".log.1").stat().st_size > 1000
