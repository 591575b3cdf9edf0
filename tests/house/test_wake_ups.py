"""Law: a reaction or a job is a wake-up. At most five lines that call a deed on a noun, in a file of its own.

Either may run twice, late or never; what it wakes knows what is still to do. So there is no work in it to lose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Function, Module, Offence, docstring_free, in_rooms, judged, plant

HOMES = {"on": "subscribers.py", "job": "jobs.py", "every": "jobs.py"}  # decorator → the file it belongs into
LINES = 5

# path::function → why it is otherwise
EXCEPTED: dict[str, str] = {}


def body_lines(function: Function) -> int:
    """Lines of the body, the docstring left out."""
    body = docstring_free(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def wake_ups(module: Module) -> Iterator[Offence]:
    """Reactions and jobs in another file than theirs, or with more in them than a wake-up."""
    for function in module.functions():
        key = f"{module.path}::{function.name}"
        for name, _ in module.decorators(function):
            if name in HOMES and module.parts[-1] != HOMES[name]:
                yield module.offence(function, f"@{name} belongs into {HOMES[name]}", key)
            if name in HOMES and body_lines(function) > LINES:
                what = (
                    f"{function.name} has {body_lines(function)} lines, at most {LINES}: the work is a noun's"
                )
                yield module.offence(function, what, key)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Reactions and jobs that do the work themselves."""
    return judged([offence for module in in_rooms(root) for offence in wake_ups(module)], excepted)


def test_the_house_keeps_its_wake_ups_short() -> None:
    assert offences(ROOT) == []


def test_work_in_a_wake_up_is_seen(tmp_path: Path) -> None:
    work = "    x = 1\n"
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": "@job\ndef send(id): ...",
            "helpdesk/sla/jobs.py": f'@every(seconds=5)\ndef tick():\n    """Tick."""\n{work * 6}',
            "helpdesk/sla/subscribers.py": f'@on("sla.warned")\ndef told(event):\n    """Told."""\n{work * 5}',
            "helpdesk/core/jobs.py": f"@every(seconds=5)\ndef sweep():\n{work * 6}",
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/sla/clock.py:2: @job belongs into jobs.py",
        "helpdesk/sla/jobs.py:2: tick has 6 lines, at most 5: the work is a noun's",
    ]
