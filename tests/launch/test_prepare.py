"""The database before it is upgraded."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from helpdesk.config import Config
from helpdesk.core import clock
from helpdesk.launch import prepare


def settings(tmp_path: Path) -> Config:
    """A machine of its own."""
    return Config.from_env({"HELPDESK_DATA_DIR": str(tmp_path)})


def test_a_copy_is_kept_from_before_an_upgrade(tmp_path: Path) -> None:
    config = settings(tmp_path)
    with sqlite3.connect(tmp_path / "helpdesk.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE kept AS SELECT 7 AS id")
    copy = prepare.copy_before_upgrade(
        config, {"0001"}
    )  # the writer is still connected, its log not yet merged
    database.close()
    assert copy is not None
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT id FROM kept").fetchall() == [(7,)]
    kept.close()


def test_only_the_latest_copies_are_kept(tmp_path: Path) -> None:
    config = settings(tmp_path)
    sqlite3.connect(tmp_path / "helpdesk.sqlite3").close()
    made = []
    with clock.frozen(clock.now()):
        for _ in range(prepare.COPIES + 2):
            clock.travel(60)
            made.append(prepare.copy_before_upgrade(config, {"0001"}))
    assert sorted((tmp_path / "backups").iterdir()) == made[-prepare.COPIES :]


def test_an_empty_database_and_a_server_need_no_copy(tmp_path: Path) -> None:
    config = settings(tmp_path)
    assert prepare.copy_before_upgrade(config, set()) is None
    server = replace(config, database_url="postgresql://desk:secret@db.example/desk")
    assert prepare.copy_before_upgrade(server, {"0001"}) is None


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    server = replace(settings(tmp_path), database_url="postgresql://desk:secret@db.example/desk")
    assert "secret" not in prepare.safe_name(server)
