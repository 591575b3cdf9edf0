"""Little readers for the inspections in `tests/house/`: Python through `ast`, and small planted trees.

An inspection is a plain function `offences(root)` that reads a tree of files and answers one line per
offence, `path:line: what`. The same function reads the real tree and, in its own test, a small tree with a
planted offence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from textwrap import dedent

from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef

JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TEMPLATES = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
for _kind in ("datetime", "date", "number", "decimal", "percent"):
    TEMPLATES.filters[f"{_kind}format"] = str  # Flask-Babel's, which this environment does not load
for _own in ("iso", "epoch_ms", "instant_to_minute", "time_left"):
    TEMPLATES.filters[_own] = str  # the product's
JSON = "\x01"  # stands for {{ …|tojson }} once Jinja is taken out
TAG = re.compile(r"<(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>(?:\"[^\"]*\"|'[^']*'|[^'\">])*)>")


@dataclass(frozen=True, order=True)
class Offence:
    """One broken law: where (path and line), what, and the key under which an exception may be listed."""

    path: str
    line: int
    what: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


def judged(found: Iterable[Offence], excepted: Mapping[str, str]) -> list[str]:
    """Offences that no exception covers, and the exceptions (key to reason) that cover nothing any more."""
    offences = sorted(set(found))
    needed = {offence.key or offence.path for offence in offences}
    left = [str(offence) for offence in offences if (offence.key or offence.path) not in excepted]
    return left + [f"{key}: this exception is no longer needed" for key in excepted if key not in needed]


@dataclass(frozen=True)
class Module:
    """One Python file of a tree."""

    root: Path
    path: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse((self.root / self.path).read_text("utf-8"))

    @property
    def name(self) -> str:
        """Dotted name: `helpdesk.tickets.ticket`; a package is named without its `__init__`."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def parts(self) -> list[str]:
        return self.path.split("/")

    def offence(self, node: ast.AST, what: str, key: str = "") -> Offence:
        return Offence(self.path, getattr(node, "lineno", 1), what, key)

    def imports(self) -> Iterator[tuple[ast.AST, str]]:
        """Every import, wherever it stands, as the full dotted name of what is imported."""
        package = self.name.split(".") if self.path.endswith("__init__.py") else self.name.split(".")[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                base = ".".join([*above, *([node.module] if node.module else [])])
                yield from ((node, f"{base}.{alias.name}") for alias in node.names)

    @cached_property
    def origins(self) -> dict[str, str]:
        """Local name → the dotted name it was imported from (`dt` → `datetime`)."""
        names: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    names |= {alias.asname: alias.name} if alias.asname else {top: top}
            elif isinstance(node, ast.ImportFrom):
                names |= {a.asname or a.name: f"{node.module or ''}.{a.name}" for a in node.names}
        return names

    def dotted(self, node: ast.AST) -> str:
        """`dt.datetime.now` → `datetime.datetime.now`; what is not a chain of names becomes `?`."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        return "?"

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the dotted name of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node, self.dotted(node.func)

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def decorators(self, function: Function) -> Iterator[tuple[str, ast.expr]]:
        """The decorators of a function: last word of the name (`allow`, `on`, `job`) and the expression."""
        for node in function.decorator_list:
            called = node.func if isinstance(node, ast.Call) else node
            yield self.dotted(called).rpartition(".")[2], node


@lru_cache
def modules(root: Path, *places: str) -> list[Module]:
    """The Python files under the places (folders or files, relative to the root), in order."""
    found: list[Path] = []
    for place in places:
        path = root / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [Module(root, file.relative_to(root).as_posix()) for file in found]


def in_rooms(root: Path) -> list[Module]:
    """The product without the building's services."""
    return [module for module in modules(root, "helpdesk") if not module.path.startswith("helpdesk/core/")]


def files(root: Path, place: str, *patterns: str) -> list[Path]:
    """The files under a folder that match one of the patterns, in order."""
    return sorted({file for pattern in patterns for file in (root / place).rglob(pattern) if file.is_file()})


def without_jinja(text: str, expression: str = "x") -> str:
    """The bare HTML of a template: statements and comments go, expressions become a letter, lines stay."""

    def stand_in(found: re.Match[str]) -> str:
        is_expression = found[0].startswith("{{")
        mark = (JSON if "tojson" in found[0] else expression) if is_expression else ""
        return mark + "\n" * found[0].count("\n")

    return JINJA.sub(stand_in, text)


def blank(found: re.Match[str]) -> str:
    """Nothing in place of what was found, line by line: for `re.sub`."""
    return re.sub(r"[^\n]", " ", found[0])


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def docstring_free(function: Function) -> list[ast.stmt]:
    """The statements of a function without its docstring."""
    body = function.body
    first = body[0]
    is_doc = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if is_doc else body


def plant(root: Path, contents: Mapping[str, str]) -> Path:
    """Write a small tree to be inspected: path → text, which may be an indented block."""
    for path, text in contents.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text.lstrip("\n")), "utf-8")
    return root
