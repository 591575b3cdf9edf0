"""Law: events go up. Their names are on the door plate of each room that records or hears them.

Names are in the past and few. Each has one sentence, made in the reader's language when it is read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.inspect import ROOT, Module, Offence, files, in_rooms, judged, modules, plant

SENTENCES = "templates/events"
SHORT = re.compile(r"(?<=`)[a-z]+\.[a-z_*]+(?:\s+[a-z_.*]+)*(?=`)|\b[a-z]+\.[a-z_]+\b")
NAME = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
WAKE_UPS = {
    "on": "subscribers.py",
    "job": "jobs.py",
    "every": "jobs.py",
}  # decorator → the file it belongs to
LINES = 5

# path, or event name → why it is otherwise
EXCEPTED: dict[str, str] = {}


def strings(node: ast.AST) -> set[str]:
    """The event names written out in an expression: a literal, or the literals it chooses from."""
    words = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    return {word for word in words if isinstance(word, str) and NAME.fullmatch(word)}


def recorded(module: Module) -> Iterator[tuple[ast.Call, set[str]]]:
    """Every `record(…)` with the names it may record."""
    for call, name in module.calls():
        if name.rpartition(".")[2] == "record" and call.args:
            said = call.args[0]
            yield call, passed_as(module, said.id) if isinstance(said, ast.Name) else strings(said)


def passed_as(module: Module, parameter: str) -> set[str]:
    """The names that deeds of the room hand on by a keyword (`event="ticket.resolved"`), and its default."""
    found: set[str] = set()
    for other in modules(module.root, f"helpdesk/{module.parts[1]}"):
        for node in ast.walk(other.tree):
            if isinstance(node, ast.keyword) and node.arg == parameter:
                found |= strings(node.value)
            if isinstance(node, ast.arguments):
                pairs = zip(node.kwonlyargs, node.kw_defaults, strict=True)
                found |= {n for arg, value in pairs if arg.arg == parameter and value for n in strings(value)}
    return found


def heard(module: Module) -> Iterator[tuple[ast.expr, set[str]]]:
    """Every `@on(…)` with the names it hears."""
    for function in module.functions():
        for name, decorator in module.decorators(function):
            if name == "on":
                yield decorator, strings(decorator)


def plates(root: Path) -> dict[str, set[str]]:
    """Room → the event names on its door plate; `ticket.created assigned` is short for two, `sla.*` for all."""
    found = {}
    for module in in_rooms(root):
        if len(module.parts) == 3 and module.parts[2] == "__init__.py":
            plate = ast.get_docstring(module.tree) or ""
            found[module.parts[1]] = {name for row in re.findall(SHORT, plate) for name in spelled_out(row)}
    return found


def spelled_out(row: str) -> set[str]:
    kind, names = "", set()
    for word in row.split():
        kind = word.split(".")[0] if "." in word else kind
        names.add(word if "." in word else f"{kind}.{word}")
    return names


def names_offences(root: Path) -> Iterator[Offence]:
    """Names that are not written out, not on the door plate, heard without being recorded, or stale."""
    known: set[str] = set()
    for module in in_rooms(root):
        for call, names in recorded(module):
            known |= names
            yield from unnamed(root, module, call, names)
            if not names:
                yield module.offence(call, "records a name that is not written out")
    for module in in_rooms(root):
        for node, names in heard(module):
            yield from unnamed(root, module, node, names)
            yield from (module.offence(node, f"hears {name}, which nobody records") for name in names - known)
    yield from stale(root, known)
    yield from unsaid(root, known)


def unnamed(root: Path, module: Module, node: ast.AST, names: set[str]) -> Iterator[Offence]:
    """Names that the room's door plate does not show."""
    plate = plates(root).get(module.parts[1], set())
    left = sorted(name for name in names - plate if f"{name.split('.')[0]}.*" not in plate)
    if left:
        yield module.offence(node, f"not on the door plate of {module.parts[1]}: {', '.join(left)}")


def unsaid(root: Path, names: set[str]) -> Iterator[Offence]:
    """Recorded names without a sentence, and sentences that nothing asks for."""
    said = {file.stem for file in files(root, SENTENCES, "*.txt")}
    yield from (Offence(f"{SENTENCES}/{name}.txt", 1, f"{name} has no sentence") for name in names - said)
    yield from (Offence(f"{SENTENCES}/{name}.txt", 1, "nobody records this") for name in said - names)


def stale(root: Path, names: set[str]) -> Iterator[Offence]:
    """Names on a door plate that nobody records."""
    kinds = {name.split(".")[0] for name in names}
    for room, plate in plates(root).items():
        for name in plate - names:
            if name.split(".")[0] in kinds and not name.endswith((".py", ".*")):
                yield Offence(f"helpdesk/{room}/__init__.py", 1, f"names {name}, which nobody records")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Events that are not on a door plate, are never recorded, or have no sentence."""
    return judged(names_offences(root), excepted)


def test_the_house_names_its_events() -> None:
    assert offences(ROOT) == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house that names its events."""
    return plant(
        tmp_path,
        {
            "helpdesk/sla/__init__.py": '"""Service levels. Records `sla.warned breached`; start at `clock.py`."""',
            "helpdesk/sla/clock.py": """
                def mark(self, *, by, event="sla.warned"):
                    record(event, on=self, by=by)
                clock.mark(by=by, event="sla.breached")
                record("sla.breached" if late else "sla.warned", on=self, by=by)
            """,
            "helpdesk/desk/__init__.py": '"""The queue. Hears sla.breached."""',
            "helpdesk/desk/subscribers.py": '@on("sla.breached")\ndef ring(event): push()',
            "templates/events/sla.warned.txt": "{{ _('Soon') }}",
            "templates/events/sla.breached.txt": "{{ _('Late') }}",
        },
    )


def test_a_house_that_names_its_events_is_left_in_peace(house: Path) -> None:
    assert offences(house, {}) == []


def test_events_off_the_door_plate_are_seen(house: Path) -> None:
    plant(house, {"helpdesk/desk/__init__.py": '"""The queue. Hears sla.gone."""'})
    plant(
        house,
        {
            "helpdesk/sla/clock.py": 'record("sla.breached")\nevents.record(f"sla.{mark}")\nrecord("sla.warned")'
        },
    )
    assert offences(house, {}) == [
        "helpdesk/desk/__init__.py:1: names sla.gone, which nobody records",
        "helpdesk/desk/subscribers.py:1: not on the door plate of desk: sla.breached",
        "helpdesk/sla/clock.py:2: records a name that is not written out",
    ]


def test_events_that_nobody_records_or_tells_are_seen(house: Path) -> None:
    plant(house, {"helpdesk/sla/clock.py": 'record("sla.warned")'})
    (house / "templates/events/sla.warned.txt").unlink()
    assert offences(house, {}) == [
        "helpdesk/desk/__init__.py:1: names sla.breached, which nobody records",
        "helpdesk/desk/subscribers.py:1: hears sla.breached, which nobody records",
        "helpdesk/sla/__init__.py:1: names sla.breached, which nobody records",
        "templates/events/sla.breached.txt:1: nobody records this",
        "templates/events/sla.warned.txt:1: sla.warned has no sentence",
    ]
