"""Law: rows are locked FOR NO KEY UPDATE. Keys never change here, and rows are never deleted.

A plain FOR UPDATE waits for everybody who inserts a row that refers to the locked one. Two who each have inserted such
a row and then lock it wait for each other: on PostgreSQL two requests with new customers of one merchant did.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.inspect import ROOT, Module, Offence, judged, modules, plant

# path → why it locks otherwise
EXCEPTED: dict[str, str] = {}
WEAK = {"key_share", "read"}


def locks(module: Module) -> Iterator[Offence]:
    """Places where a row is locked against rows that refer to it."""
    what = "locks FOR UPDATE: say key_share=True, or others wait who only refer to the row"
    for call, name in module.calls():
        if name.rpartition(".")[2] == "with_for_update" and not WEAK & {word.arg for word in call.keywords}:
            yield module.offence(call, what)
        for word in call.keywords:
            if word.arg == "with_for_update" and not _is_weak(word.value):
                yield module.offence(call, what)


def _is_weak(value: ast.expr) -> bool:
    said = (
        {key.value for key in value.keys if isinstance(key, ast.Constant)}
        if isinstance(value, ast.Dict)
        else set()
    )
    return bool(said & WEAK)


def offences(root: Path, excepted: Mapping[str, str] = EXCEPTED) -> list[str]:
    """Locks that are stronger than anything here needs."""
    return judged((each for module in modules(root, "helpdesk") for each in locks(module)), excepted)


def test_the_house_locks_no_more_than_it_needs() -> None:
    assert offences(ROOT) == []


def test_a_lock_that_is_too_strong_is_seen(tmp_path: Path) -> None:
    code = """
        select(Merchant).with_for_update()
        select(Merchant).with_for_update(of=Merchant)
        select(Merchant).with_for_update(key_share=True)
        select(Merchant).with_for_update(read=True)
        session.get_one(Merchant, 1, with_for_update=True)
        session.get_one(Merchant, 1, with_for_update={"key_share": True})
    """
    tree = plant(tmp_path, {"helpdesk/organizers/merchant.py": code})
    assert [line.split(": ")[0] for line in offences(tree, {})] == [
        f"helpdesk/organizers/merchant.py:{line}" for line in (1, 2, 5)
    ]
