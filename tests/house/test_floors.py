"""Law: calls go down. A room imports only from lower floors, and rooms of one floor do not know each other.

Nouns, traits and queries know no web, no queue and no views: they are the same in a request, a job and a
test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, judged, modules, plant

# Lowest first. A room that is not here has no place in the house yet.
FLOORS: list[set[str]] = [
    {"config"},
    {"core"},
    {"organizers"},
    {"accounts"},
    {"agents"},
    {"sla"},
    {"tickets"},
    {"escalations", "assignment"},
    {"notifications"},
    {"desk", "portal", "reports", "office"},
    {"demo"},
    {"launch"},
    {"cli"},
    {"__init__"},  # create_app(): the table of contents, which opens every room
]
MAY_OPEN_THE_HOUSE = {"launch", "cli"}  # they call create_app() when their command is run
HEIGHT = {room: height for height, floor in enumerate(FLOORS) for room in floor}

# The files of a room that may speak to the web and the queue; every other file is a noun, a trait or a query.
OPEN_FILES = {"__init__", "forms", "views", "settings", "subscribers", "jobs"}
# path → why this file speaks to the web although it is none of the open files
EXCEPTED: dict[str, str] = {
    "helpdesk/accounts/roles.py": "the rules of the door, which ask the request who stands before it",
}
NO_NOUN_KNOWS = {"flask", "rq", "rq_scheduler", "redis"}


def room_of(dotted: str) -> str:
    """`helpdesk.sla.clock.Clock` → `sla`; `helpdesk` and `helpdesk.create_app` → `__init__`."""
    inside = dotted.split(".")[1:]
    return inside[0] if inside and inside[0] != "create_app" else "__init__"


def is_noun(module: Module) -> bool:
    """Whether the file is a noun, a trait or a query of a room of the product."""
    if HEIGHT.get(room_of(module.name), 0) not in range(HEIGHT["organizers"], HEIGHT["demo"]):
        return False
    kind = module.parts[-1].removesuffix(".py")
    return kind not in OPEN_FILES and not kind.endswith("_views")


def upward(module: Module) -> Iterator[Offence]:
    here = room_of(module.name)
    for node, target in module.imports():
        if target.split(".")[0] != "helpdesk" or room_of(target) == here:
            continue
        there = room_of(target)
        if target == "helpdesk.create_app" and here in MAY_OPEN_THE_HOUSE:
            continue
        if there not in HEIGHT:
            yield module.offence(node, f"imports {target}, a room that has no floor")
        elif HEIGHT[there] >= HEIGHT[here]:
            yield module.offence(node, f"{here} imports {target}: calls go down only")


def outward(module: Module) -> Iterator[Offence]:
    for node, target in module.imports():
        top = target.split(".")[0]
        own_door = top == "helpdesk" and any(
            part == "views" or part.endswith("_views") for part in target.split(".")
        )
        if own_door or top in NO_NOUN_KNOWS or top.startswith("flask_"):
            yield module.offence(node, f"a noun imports {target}: nouns know no web, no queue, no views")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Imports that go up or sideways, rooms without a floor, and nouns that know the web."""
    found: list[Offence] = []
    for module in modules(root, "helpdesk"):
        if room_of(module.name) not in HEIGHT:
            found.append(module.offence(module.tree, "a room that has no floor: give it one in FLOORS"))
            continue
        found += upward(module)
        found += outward(module) if is_noun(module) else ()
    return judged(found, excepted)


def test_the_house_calls_only_downwards() -> None:
    assert offences(ROOT) == []


def test_a_call_up_and_a_call_next_door_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/core/db.py": "def f():\n    from helpdesk.tickets.ticket import Ticket",
            "helpdesk/desk/views.py": "from ..portal import views\nfrom helpdesk.sla import clock",
            "helpdesk/launch/up.py": "import helpdesk.core.db\nfrom helpdesk import create_app",
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/core/db.py:2: core imports helpdesk.tickets.ticket.Ticket: calls go down only",
        "helpdesk/desk/views.py:1: desk imports helpdesk.portal.views: calls go down only",
    ]


def test_a_noun_that_knows_the_web_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": "import flask\nfrom flask_babel import _\nfrom helpdesk.core import db",
            "helpdesk/sla/queries.py": "from .reply_views import show",
            "helpdesk/sla/views.py": "import flask",
            "helpdesk/core/pages.py": "import flask",
        },
    )
    assert [line.split(":")[:2] for line in offences(tree, {})] == [
        ["helpdesk/sla/clock.py", "1"],
        ["helpdesk/sla/clock.py", "2"],
        ["helpdesk/sla/queries.py", "1"],
    ]


def test_a_room_without_a_floor_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path, {"helpdesk/misc/thing.py": "", "helpdesk/sla/clock.py": "from helpdesk.misc import thing"}
    )
    assert offences(tree, {}) == [
        "helpdesk/misc/thing.py:1: a room that has no floor: give it one in FLOORS",
        "helpdesk/sla/clock.py:1: imports helpdesk.misc.thing, a room that has no floor",
    ]
