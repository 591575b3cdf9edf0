"""Law: events go up. Their names are on the door plate of each room that records or hears them.

A reaction or a job is a wake-up: at most five lines that call a deed on a noun, in a file of its own, so that
it may run twice. Each event has one sentence, made in the reader's language when it is read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Function, Module, Offence, docstring_free, judged, modules, plant

NAME = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
WAKE_UPS = {
    "on": "subscribers.py",
    "job": "jobs.py",
    "every": "jobs.py",
}  # decorator → the file it belongs to
LINES = 5

# path::function, or path → why it is otherwise
EXCEPTED: dict[str, str] = {}


def strings(node: ast.AST) -> set[str]:
    """The event names written out in an expression: a literal, or the literals it chooses from."""
    words = (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    return {word for word in words if isinstance(word, str) and NAME.fullmatch(word)}


def recorded(module: Module) -> Iterator[tuple[ast.Call, set[str]]]:
    """Every `record(…)` with the names it may record."""
    for call, name in module.calls():
        if name.rpartition(".")[2] == "record" and call.args:
            yield call, strings(call.args[0])


def heard(module: Module) -> Iterator[tuple[ast.expr, set[str]]]:
    """Every `@on(…)` with the names it hears."""
    for function in module.functions():
        for name, decorator in module.decorators(function):
            if name == "on":
                yield decorator, strings(decorator)


def wake_ups(module: Module) -> Iterator[Offence]:
    """Reactions and jobs in another file than theirs, or with more in them than a wake-up."""
    for function in module.functions():
        for name, _ in module.decorators(function):
            if name not in WAKE_UPS:
                continue
            key = f"{module.path}::{function.name}"
            if module.parts[-1] != WAKE_UPS[name]:
                yield module.offence(function, f"@{name} belongs into {WAKE_UPS[name]}", key)
            if body_lines(function) > LINES:
                what = (
                    f"{function.name} has {body_lines(function)} lines: at most {LINES}, the work is a noun's"
                )
                yield module.offence(function, what, key)


def body_lines(function: Function) -> int:
    """Lines of the body, the docstring left out."""
    body = docstring_free(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def plates(root: Path) -> dict[str, str]:
    """Room → its docstring."""
    rooms = (module for module in modules(root, "helpdesk") if len(module.parts) == 3)
    return {m.parts[1]: ast.get_docstring(m.tree) or "" for m in rooms if m.parts[2] == "__init__.py"}


def rooms_modules(root: Path) -> list[Module]:
    return [module for module in modules(root, "helpdesk") if not module.path.startswith("helpdesk/core/")]


def names_offences(root: Path) -> Iterator[Offence]:
    """Names that are not written out, not on the door plate, heard without being recorded, or stale."""
    known: set[str] = set()
    for module in rooms_modules(root):
        for call, names in recorded(module):
            known |= names
            yield from unnamed(root, module, call, names)
            if not names:
                yield module.offence(call, "records a name that is not written out")
    for module in rooms_modules(root):
        for node, names in heard(module):
            yield from unnamed(root, module, node, names)
            yield from (module.offence(node, f"hears {name}, which nobody records") for name in names - known)
    yield from stale(root, known)


def unnamed(root: Path, module: Module, node: ast.AST, names: set[str]) -> Iterator[Offence]:
    """Names that the room's door plate does not show."""
    plate = plates(root).get(module.parts[1], "")
    for name in sorted(names):
        if not re.search(rf"\b{re.escape(name)}\b", plate):
            yield module.offence(node, f"{name} is not on the door plate of {module.parts[1]}")


def stale(root: Path, names: set[str]) -> Iterator[Offence]:
    """Names on a door plate that nobody records."""
    kinds = {name.split(".")[0] for name in names}
    for room, plate in plates(root).items():
        for word in sorted(set(re.findall(r"\b[a-z]+\.[a-z_]+\b", plate)) - names):
            if word.split(".")[0] in kinds and not word.endswith(".py"):
                yield Offence(f"helpdesk/{room}/__init__.py", 1, f"names {word}, which nobody records")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Events off the door plate or never recorded; reactions and jobs that do the work themselves."""
    found = list(names_offences(root))
    for module in rooms_modules(root):
        found += wake_ups(module)
    return judged(found, excepted)


def test_the_house_names_its_events() -> None:
    assert offences(ROOT) == []


SLA = '"""Service levels. Records sla.warned, sla.breached; start at clock.py."""'


def test_events_off_the_door_plate_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/__init__.py": SLA,
            "helpdesk/sla/clock.py": """
                record("sla.breached" if late else "sla.warned", on=self, by=by)
                record("sla.met", on=self, by=by)
                events.record(f"sla.{mark}", on=self, by=by)
            """,
            "helpdesk/desk/__init__.py": '"""The queue. Hears sla.breached, ticket.vanished and sla.gone."""',
            "helpdesk/desk/subscribers.py": '@on("sla.breached", "ticket.vanished")\ndef ring(event): push()',
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/desk/__init__.py:1: names sla.gone, which nobody records",
        "helpdesk/desk/subscribers.py:1: hears ticket.vanished, which nobody records",
        "helpdesk/sla/clock.py:2: sla.met is not on the door plate of sla",
        "helpdesk/sla/clock.py:3: records a name that is not written out",
    ]


def test_work_in_a_wake_up_is_seen(tmp_path: Path) -> None:
    work = "    x = 1\n"
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/__init__.py": SLA,
            "helpdesk/sla/clock.py": "record('sla.warned')\nrecord('sla.breached')\n@job\ndef send(id): ...",
            "helpdesk/sla/jobs.py": f'@every(seconds=5)\ndef tick():\n    """Tick."""\n{work * 6}',
            "helpdesk/sla/subscribers.py": f'@on("sla.warned")\ndef told(e):\n    """Told."""\n{work * 5}',
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/sla/clock.py:4: @job belongs into jobs.py",
        "helpdesk/sla/jobs.py:2: tick has 6 lines: at most 5, the work is a noun's",
    ]
