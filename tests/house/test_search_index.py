"""Law: one file knows how words are looked up. Whoever wants to find something asks `core/fulltext.py`.

A second place that builds a MATCH or a tsquery is a second place for a quote that was forgotten, and one that
knows only one of the two databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Offence, files, judged, plant

OWNER = "helpdesk/core/fulltext.py"
SIGNS = re.compile(r"search_index|search_documents|\bMATCH\b|tsquery|TSQUERY|tsvector|TSVECTOR|@@")

# path → why it names the index or its words
EXCEPTED: dict[str, str] = {
    "helpdesk/tickets/search_document.py": "the mapped class of the documents gives the table its name",
}


def naming(root: Path) -> Iterator[Offence]:
    for file in files(root, "helpdesk", "*.py"):
        path = file.relative_to(root).as_posix()
        if path == OWNER:
            continue
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if SIGNS.search(line):
                yield Offence(path, number, "knows how words are looked up; ask core/fulltext.py", path)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Lines outside the owner that speak of the full-text index."""
    return judged(list(naming(root)), excepted)


def test_the_house_looks_words_up_in_one_file() -> None:
    assert offences(ROOT) == []


def test_a_second_place_that_looks_words_up_is_seen(tmp_path: Path) -> None:
    tree = plant(
        tmp_path,
        {
            "helpdesk/core/fulltext.py": "x = 'MATCH'",
            "helpdesk/desk/search.py": "a = 1\nrows.where(column.op('@@')(x))\nto_tsquery(x)",
        },
    )
    assert [line.split(": ")[0] for line in offences(tree, {})] == [
        "helpdesk/desk/search.py:2",
        "helpdesk/desk/search.py:3",
    ]
