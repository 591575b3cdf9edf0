"""Law: a room holds a closed list of files. A new kind of file is a decision, not a habit.

A thing without a home is a noun not yet named: there is no `utils.py`. A noun's file carries the noun's
name, and `__init__.py` is the room's door plate: what it is for, its nouns, its events, where to start
reading.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, judged, modules, plant

ROOMS = {
    *("organizers", "accounts", "agents", "sla", "tickets", "escalations", "assignment"),
    *("notifications", "desk", "portal", "reports", "office", "demo"),
}
KINDS = {"__init__", "queries", "forms", "views", "settings", "subscribers", "jobs"}
HOMELESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "managers",
    "common",
    "misc",
    "tools",
    "lib",
}

# path → why this file of another kind stands in a room
EXCEPTED: dict[str, str] = {
    "helpdesk/accounts/roles.py": "the rules of the door for signed-in people; no row stands behind a role",
    "helpdesk/demo/seed.py": "the demo's organizers as data; the nouns are those of the other rooms",
    "helpdesk/demo/load.py": "a large organizer for measuring, as data like seed.py",
}


def spoken(name: str) -> str:
    """`form_key` → `formkey`: how a file's and a class's name are compared."""
    return name.replace("_", "").lower()


def names_its_noun(module: Module) -> bool:
    """Whether the file `form_key.py` holds the class `FormKey`: a noun or a trait of one."""
    kind = module.parts[-1].removesuffix(".py")
    return any(
        spoken(node.name) == spoken(kind) for node in module.tree.body if isinstance(node, ast.ClassDef)
    )


def is_door_plate(module: Module) -> bool:
    return len(module.tree.body) == 1 and ast.get_docstring(module.tree) is not None


def strange(module: Module) -> Iterator[Offence]:
    """What is strange about one file of a room."""
    kind = module.parts[-1].removesuffix(".py")
    if len(module.parts) > 3:
        yield module.offence(module.tree, "a room has no rooms inside")
    elif kind == "__init__" and not is_door_plate(module):
        yield module.offence(module.tree, "a room's __init__ is its docstring and nothing else")
    elif kind not in KINDS and not kind.endswith("_views") and not names_its_noun(module):
        yield module.offence(
            module.tree, f"neither a known kind of file nor a noun: no class is named {kind}"
        )


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Files of another kind in the rooms, homeless things anywhere, rooms without a door plate."""
    found: list[Offence] = []
    plates = set()
    for module in modules(root, "helpdesk"):
        here = module.parts[1]
        if {part.removesuffix(".py") for part in module.parts} & HOMELESS:
            found.append(module.offence(module.tree, "a thing without a home is a noun not yet named"))
        if here in ROOMS:
            found += strange(module)
            plates |= {here} if module.parts[2] == "__init__.py" else set()
    for room in sorted(ROOMS - plates):
        if (root / "helpdesk" / room).is_dir():
            found.append(Offence(f"helpdesk/{room}", 1, "a room without __init__.py, its door plate"))
    return judged(found, excepted)


def test_the_house_keeps_its_rooms_tidy() -> None:
    assert offences(ROOT) == []


def test_a_file_of_another_kind_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/__init__.py": '"""Service levels."""',
            "helpdesk/sla/clock.py": "class Clock: ...",
            "helpdesk/sla/form_key.py": "class FormKey: ...",
            "helpdesk/sla/due_views.py": "",
            "helpdesk/sla/arithmetic.py": "def add(): ...",
            "helpdesk/sla/api/views.py": "",
            "helpdesk/core/helpers.py": "",
        },
    )
    assert [line.split(":")[0] for line in offences(tree, {})] == [
        "helpdesk/core/helpers.py",
        "helpdesk/sla/api/views.py",
        "helpdesk/sla/arithmetic.py",
    ]


def test_code_on_the_door_plate_and_a_missing_plate_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path, {"helpdesk/sla/__init__.py": '"""Sla."""\nimport os', "helpdesk/desk/views.py": ""}
    )
    assert [line.split(":")[0] for line in offences(tree, {})] == [
        "helpdesk/desk",
        "helpdesk/sla/__init__.py",
    ]


def test_an_exception_that_nothing_needs_is_seen(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"helpdesk/sla/__init__.py": '"""Sla."""'})
    reason = {"helpdesk/sla/old.py": "was once needed"}
    assert offences(tree, reason) == ["helpdesk/sla/old.py: this exception is no longer needed"]
