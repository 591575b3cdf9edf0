"""Law: every change of a table is a migration, with one head, which runs up, down and up again on both databases.

After the last one the database is what the models say: Alembic, asked for the next migration, has nothing to write.
A way down leaves nothing behind, or the way up again would stumble over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    inspect,
    text,
)

from helpdesk.core.db import Model
from tests.support.inspect import ROOT, plant
from tests.support.postgres import Postgres

MIGRATIONS = ROOT / "migrations"
KEPT = {"alembic_version"}  # what Alembic itself leaves in an empty database


def heads(migrations: Path) -> list[str]:
    """The last migrations; more than one means that two people went different ways."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations))
    return list(ScriptDirectory.from_config(config).get_heads())


def offences(engine: Engine, metadata: MetaData) -> list[str]:
    """What Alembic would have to change so that the database is what the models say."""
    with engine.connect() as connection:
        opts = {
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or name not in index,
        }
        index = full_text_index(connection)
        context = MigrationContext.configure(connection, opts=opts)
        return [str(difference) for difference in compare_metadata(context, metadata)]


def full_text_index(connection: Connection) -> set[str]:
    """The tables that FTS5 keeps for itself: made by a migration, and no model's."""
    if connection.dialect.name != "sqlite":
        return set()
    kinds = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('virtual', 'shadow')"
    return set(connection.scalars(text(kinds)))


def leftovers(engine: Engine) -> set[str]:
    """Tables, triggers and functions that are still there when all migrations were taken back."""
    with engine.connect() as connection:
        found = set(inspect(connection).get_table_names())
        if engine.dialect.name == "sqlite":
            found |= set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
        else:
            own = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            found |= set(connection.scalars(text(own)))
    return found - KEPT


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def migrated(
    request: pytest.FixtureRequest, tmp_path: Path, build: Callable[[str], Flask]
) -> Iterator[tuple[Flask, Engine]]:
    """The application on a database that went up to the last migration."""
    server: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = server.create_database() if server else f"sqlite:///{tmp_path / 'house.sqlite3'}"
    engine = create_engine(url)
    app = build(url)
    with app.app_context():
        upgrade(str(MIGRATIONS))
        yield app, engine
    engine.dispose()
    if server:
        server.drop_database(url)


def disagreeing(migrations: Path) -> list[str]:
    """Migrations whose head says that they come after another one than they do."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(migrations))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [
        one.revision for one in scripts if f"Revises: {one.down_revision or ''}".strip() not in _lines(one)
    ]


def _lines(script: Script) -> list[str]:
    return [line.strip() for line in (script.module.__doc__ or "").splitlines()]


def test_the_house_says_truly_what_each_migration_comes_after() -> None:
    assert disagreeing(MIGRATIONS) == []


def test_the_house_has_one_last_migration() -> None:
    assert len(heads(MIGRATIONS)) == 1


def test_the_house_migrates_to_what_its_models_say(migrated: tuple[Flask, Engine]) -> None:
    assert offences(migrated[1], Model.metadata) == []


def test_the_house_goes_down_and_up_again(migrated: tuple[Flask, Engine]) -> None:
    _, engine = migrated
    downgrade(str(MIGRATIONS), "base")
    assert leftovers(engine) == set()
    upgrade(str(MIGRATIONS))
    assert offences(engine, Model.metadata) == []


def test_a_column_without_a_migration_is_seen(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    old, new = MetaData(), MetaData()
    Table("clocks", old, Column("id", Integer, primary_key=True), Column("gone", String(5)))
    Table("clocks", new, Column("id", Integer, primary_key=True), Column("due", Integer))
    old.create_all(engine)
    assert offences(engine, old) == []
    assert len(offences(engine, new)) == 2
    engine.dispose()


def test_what_a_way_down_leaves_is_seen(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE clocks (id INTEGER)"))
        connection.execute(text("CREATE TRIGGER frozen AFTER INSERT ON clocks BEGIN SELECT 1; END"))
    assert leftovers(engine) == {"clocks", "frozen"}
    engine.dispose()


def test_two_last_migrations_are_seen(tmp_path: Path) -> None:
    migration = "revision = '{}'\ndown_revision = {}\ndef upgrade(): ...\ndef downgrade(): ..."
    tree = {"one": None, "left": "one", "right": "one"}
    plant(
        tmp_path, {f"versions/{name}.py": migration.format(name, repr(down)) for name, down in tree.items()}
    )
    assert sorted(heads(tmp_path)) == ["left", "right"]


def test_a_head_that_names_another_one_is_seen(tmp_path: Path) -> None:
    migration = '"""Something.\n\nRevises: {}\n"""\nrevision = "{}"\ndown_revision = {}\n'
    tree = {"one": ("", None), "two": ("one", "one"), "three": ("one", "two")}
    files = {
        f"versions/{name}.py": migration.format(said, name, repr(down)) for name, (said, down) in tree.items()
    }
    plant(tmp_path, files)
    assert disagreeing(tmp_path) == ["three"]
