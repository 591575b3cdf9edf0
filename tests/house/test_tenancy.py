"""Law: every mapped thing belongs to an organizer, and nobody goes round the session that filters.

The session filters what carries `Tenanted` or `Shippable`. Statements on tables, `text()` and bulk inserts
pass it unfiltered and unstamped, so they stay in `core/` and in the read-only figures of `reports/`.
Crossing the walls is spelled out and allowed in two files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, judged, modules, plant

UNFILTERED = ("helpdesk/core/", "helpdesk/reports/")
CONSTRUCTS = {"text", "insert", "Table", "create_engine"}  # of SQLAlchemy, whatever they were imported as
METHODS = {
    *("exec_driver_sql", "raw_connection", "get_engine"),
    *("bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings"),
}
TENANTED = {"Tenanted", "Shippable", "Walled"}
MODELS = {"Model", "db.Model"}

# path → why it looks across organizers: two at most
CROSSING: dict[str, str] = {
    "helpdesk/reports/queries.py": "the figures of /metrics are about the whole machine; counts, no rows",
    "helpdesk/demo/load.py": "writes an organizer with 100,000 tickets in one go, for measuring",
}

# path::Class → why it belongs to no organizer; path → why it goes round the session
EXCEPTED: dict[str, str] = {
    "helpdesk/organizers/organizer.py::Organizer": "it is the tenant",
    "helpdesk/tickets/public_message.py": "draws the customer's drawer as a subquery, which is mapped and Tenanted",
    "helpdesk/demo/load.py": "bulk inserts for measuring, each row with its organizer",
    "helpdesk/launch/prepare.py": "asks the database for its version before there is an application",
}


def bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base) for base in node.bases}


def homeless(module: Module) -> Iterator[Offence]:
    """Mapped classes that belong to no organizer."""
    for node in module.classes():
        if bases(node) & MODELS and not bases(node) & TENANTED:
            what = f"{node.name} is neither Tenanted nor Shippable: whose is it?"
            yield module.offence(node, what, f"{module.path}::{node.name}")


def round_the_session(module: Module) -> Iterator[Offence]:
    """Statements that the session neither filters nor stamps."""
    for call, name in module.calls():
        word = name.rpartition(".")[2]
        if word in METHODS or (
            word in CONSTRUCTS and name.startswith(("sqlalchemy.", "db.", "helpdesk.core.db."))
        ):
            yield module.offence(call, f"{name}() passes the session unfiltered")
        if word in ("execute", "scalar", "scalars") and call.args and is_string(call.args[0]):
            yield module.offence(call, f"{word}() of a string passes the session unfiltered")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in ("__table__", "engine") and not name_is_own(node):
            yield module.offence(node, f".{node.attr} passes the session unfiltered")


def name_is_own(node: ast.Attribute) -> bool:
    """`self.engine` is a thing's own attribute."""
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def is_string(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def crossings(module: Module) -> Iterator[Offence]:
    for call, name in module.calls():
        if name.rpartition(".")[2] == "across_organizers" and module.path not in CROSSING:
            what = "across_organizers() is for the files listed in CROSSING"
            yield module.offence(call, what, f"{module.path}::crosses")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Mapped classes without a tenant, statements that pass the session, crossings that are not listed."""
    found: list[Offence] = []
    for module in modules(root, "helpdesk", "worker.py"):
        found += homeless(module)
        if not module.path.startswith(UNFILTERED):
            found += round_the_session(module)
        if not module.path.startswith("helpdesk/core/"):
            found += crossings(module)
    return judged(found, excepted)


def test_the_house_keeps_organizers_apart() -> None:
    assert offences(ROOT) == []


def test_the_house_crosses_its_walls_in_two_files_at_most() -> None:
    assert len(CROSSING) <= 2
    for path in CROSSING:
        assert "across_organizers(" in (ROOT / path).read_text("utf-8"), f"{path} does not cross any more"


def test_a_mapped_class_without_tenant_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": "class Clock(Tenanted, Model): 1\nclass Bare(db.Model): 1\nclass A: 1",
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/sla/clock.py:2: Bare is neither Tenanted nor Shippable: whose is it?"
    ]


def test_statements_round_the_session_are_seen(tmp_path: Path) -> None:
    code = """
        from sqlalchemy import text, insert, update
        from sqlalchemy.dialects.sqlite import insert as put
        db.session.execute(text("x"))
        insert(Clock)
        put(Clock)
        db.session.execute("x")
        db.session.scalar(f"{x}")
        Clock.__table__.c
        db.engine.connect()
        names.insert(0, self.engine)
        db.session.execute(update(Clock))
        thing.text()
    """
    tree = plant(
        tmp_path,
        {"helpdesk/sla/clock.py": code, "helpdesk/reports/queries.py": code, "helpdesk/core/db.py": code},
    )
    assert [line.split(": ")[0] for line in offences(tree, {})] == [
        f"helpdesk/sla/clock.py:{line}" for line in (3, 4, 5, 6, 7, 8, 9)
    ]


def test_an_unlisted_crossing_is_seen(tmp_path: Path) -> None:
    code = "from helpdesk.core.tenancy import across_organizers\nwith across_organizers():\n    pass"
    tree = plant(tmp_path, {"helpdesk/sla/clock.py": code, "helpdesk/core/events.py": code})
    assert offences(tree, {}) == [
        "helpdesk/sla/clock.py:2: across_organizers() is for the files listed in CROSSING"
    ]
