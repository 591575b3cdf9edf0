"""Law: the README's map of the house is true. Every room is on it, and it shows no room that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.inspect import ROOT, Offence, judged, plant

BLOCK = re.compile(r"^```\w*\n(?P<map>helpdesk/.*?)^```", re.DOTALL | re.MULTILINE)
PLACE = re.compile(r"\.?[\w.-]+(/[\w.-]+)*/?")
SUFFIX = re.compile(r"/$|\.(py|md|toml|lock|html|css|js|txt|cfg)$")


def looks_like_a_place(word: str) -> bool:
    """`core/`, `worker.py`, `.ci/run`, `Makefile`, but not a word of the explanation."""
    return bool(PLACE.fullmatch(word) and (SUFFIX.search(word) or word in ("Makefile", ".ci/run")))


def drawn(line: str) -> tuple[int, list[str]]:
    """Indentation of a line of the map, and the places that stand at its beginning."""
    words = line.split()
    places = [word for n, word in enumerate(words) if all(looks_like_a_place(w) for w in words[: n + 1])]
    return len(line) - len(line.lstrip()), places


def places(readme: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and possible paths of everything that the map shows."""
    found = BLOCK.search(readme)
    above: list[tuple[int, str]] = []
    first = readme[: found.start("map")].count("\n") + 1 if found else 0
    for number, line in enumerate(found["map"].splitlines() if found else [], first):
        depth, words = drawn(line)
        if not words:
            continue
        above = [(indent, folder) for indent, folder in above if indent < depth]
        base = "".join(folder for _, folder in above)
        # `templates/  layouts/ ui/` shows what is inside; `translations/  migrations/` what is beside.
        yield number, [base + words[0]]
        yield from ((number, [base + words[0] + word, base + word]) for word in words[1:])
        above.append((depth, words[0] if words[0].endswith("/") else ""))


def kept(root: Path) -> set[str]:
    """The folders that must be on the map: those at the top and the rooms, less what .gitignore names."""
    ignored = [line.rstrip("/") for line in (root / ".gitignore").read_text("utf-8").split()]
    folders = [path for place in (root, root / "helpdesk") for path in place.iterdir() if path.is_dir()]
    return {
        f"{folder.relative_to(root).as_posix()}/"
        for folder in folders
        if folder.name != ".git" and not any(fnmatch(folder.name, pattern) for pattern in ignored)
    }


def offences(root: Path) -> list[str]:
    """Rooms that are not on the map, and things on the map that are not there."""
    readme = (root / "README.md").read_text("utf-8")
    if not BLOCK.search(readme):
        return ["README.md:1: has no map: a block that begins with helpdesk/"]
    shown: set[str] = set()
    found: list[Offence] = []
    for line, paths in places(readme):
        there = [path for path in paths if (root / path).exists()]
        shown |= set(there)
        if not there:
            found.append(Offence("README.md", line, f"the map shows {paths[-1]}, which is not there"))
    shown |= {f"{path.split('/')[0]}/" for path in shown if "/" in path}
    found += (Offence("README.md", 1, f"the map does not show {folder}") for folder in kept(root) - shown)
    return judged(found, {})


def test_the_house_is_what_its_map_shows() -> None:
    assert offences(ROOT) == []


README = """
# Helpdesk

```
helpdesk/            the product
  core/              services
    db.py            the transaction; see also tenancy.py
  sla/               service levels
templates/           layouts/ + a folder per room
translations/  migrations/
.ci/run  Makefile
```
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house that is what its map shows."""
    paths = ["helpdesk/core/db.py", "helpdesk/sla/clock.py", "templates/layouts/base.html", "translations/x"]
    paths += ["migrations/env.py", ".ci/run", "Makefile", ".venv/x", "helpdesk/__pycache__/x"]
    tree = plant(tmp_path, dict.fromkeys(paths, ""))
    return plant(tree, {".gitignore": ".venv/\n__pycache__/", "README.md": README})


def test_a_true_map_is_believed(house: Path) -> None:
    assert offences(house) == []


def test_a_room_off_the_map_and_a_room_that_is_gone_are_seen(house: Path) -> None:
    plant(house, {"helpdesk/desk/views.py": "", "bench/queue.py": ""})
    (house / "helpdesk/core/db.py").unlink()
    (house / "migrations/env.py").unlink()
    (house / "migrations").rmdir()
    assert offences(house) == [
        "README.md:1: the map does not show bench/",
        "README.md:1: the map does not show helpdesk/desk/",
        "README.md:6: the map shows helpdesk/core/db.py, which is not there",
        "README.md:9: the map shows migrations/, which is not there",
    ]


def test_a_readme_without_a_map_is_seen(tmp_path: Path) -> None:
    assert len(offences(plant(tmp_path, {"README.md": "# Helpdesk"}))) == 1
