"""Law: files ≤ 300 lines, functions ≤ 40, handlers ≤ 20 (median 8), style sheets ≤ 250, elements ≤ 80.

These are what the best code of the field measures. An exception is listed here with its reason, and leaves
the list when the code no longer needs it. Migrations are not measured: they are lists of columns, written
once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from tests.support.inspect import ROOT, Function, Module, Offence, files, judged, modules, plant

FILE, FUNCTION, HANDLER, HANDLER_MEDIAN = 300, 40, 20, 8
SHEET, ELEMENT = 250, 80
MEASURED = ("helpdesk", "tests", "bench", "worker.py")

# path, or path::function → why it may be longer
EXCEPTED: dict[str, str] = {}


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_handler(module: Module, function: Function) -> bool:
    return any(name == "allow" for name, _ in module.decorators(function))


def handler_lengths(root: Path) -> list[int]:
    """The lengths of all handlers of the product, for the median."""
    return [
        length(function)
        for module in modules(root, "helpdesk")
        for function in module.functions()
        if is_handler(module, function)
    ]


def long_functions(module: Module) -> Iterator[Offence]:
    for function in module.functions():
        kind, most = ("handler", HANDLER) if is_handler(module, function) else ("function", FUNCTION)
        if length(function) > most:
            what = f"{kind} {function.name} has {length(function)} lines, at most {most}"
            yield module.offence(function, what, f"{module.path}::{function.name}")


def long_files(root: Path) -> Iterator[Offence]:
    measured = [(root / module.path, FILE) for module in modules(root, *MEASURED)]
    measured += [(sheet, SHEET) for sheet in files(root, "static/css", "*.css")]
    measured += [(script, FILE) for script in files(root, "static/js", "*.js")]
    measured += [(script, ELEMENT) for script in files(root, "static/js/elements", "*.js")]
    for file, most in measured:
        lines = len(file.read_text("utf-8").splitlines())
        if lines > most:
            yield Offence(file.relative_to(root).as_posix(), lines, f"{lines} lines, at most {most}")


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Files, functions and handlers that are too long, and handlers that are too long on the whole."""
    found = list(long_files(root))
    for module in modules(root, *MEASURED):
        found += long_functions(module)
    lengths = handler_lengths(root)
    if lengths and median(lengths) > HANDLER_MEDIAN:
        found.append(
            Offence(
                "helpdesk", 1, f"the median handler has {median(lengths)} lines, at most {HANDLER_MEDIAN}"
            )
        )
    return judged(found, excepted)


def test_the_house_keeps_its_proportions() -> None:
    assert offences(ROOT) == []


def lines(count: int) -> str:
    """The body of a function, of so many lines."""
    return "    x = 1\n" * count


def test_long_functions_and_handlers_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/sla/clock.py": f"def right():\n{lines(39)}\ndef wrong():\n{lines(40)}",
            "helpdesk/sla/views.py": f"@bp.get('/')\n@allow(agent)\ndef long():\n{lines(20)}\n"
            + "".join(f"@allow(agent)\ndef f{i}():\n{lines(5)}\n" for i in range(3)),
        },
    )
    assert offences(tree, {}) == [
        "helpdesk/sla/clock.py:42: function wrong has 41 lines, at most 40",
        "helpdesk/sla/views.py:3: handler long has 21 lines, at most 20",
    ]


def test_long_files_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "worker.py": "x = 1\n" * 301,
            "static/js/elements/a.js": ";\n" * 81,
            "static/css/a.css": "a{}\n" * 251,
        },
    )
    assert [line.split(":")[0] for line in offences(tree, {})] == [
        "static/css/a.css",
        "static/js/elements/a.js",
        "worker.py",
    ]


def test_handlers_that_are_long_on_the_whole_are_seen(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"helpdesk/sla/views.py": f"@allow(agent)\ndef show():\n{lines(9)}"})
    assert offences(tree, {}) == ["helpdesk:1: the median handler has 10 lines, at most 8"]


def test_an_exception_covers_its_function_and_is_given_back(tmp_path: Path) -> None:
    tree = plant(tmp_path, {"helpdesk/sla/clock.py": f"def wrong():\n{lines(40)}"})
    reasons = {"helpdesk/sla/clock.py::wrong": "a table", "helpdesk/sla/clock.py::right": "was long"}
    assert offences(tree, reasons) == ["helpdesk/sla/clock.py::right: this exception is no longer needed"]
