"""Law: what is shipped is shipped in both languages, with the same placeholders in both.

Texts that managers write are `{en, vi}` pairs and may lack a half for a while; what comes with the product may not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from helpdesk.core.db import Model, db
from helpdesk.core.seeds import seed_shipped
from helpdesk.core.tenancy import across_organizers
from helpdesk.demo.seed import seed_demo
from tests.house.test_translations import words_offences
from tests.support.inspect import ROOT

PLACEHOLDER = re.compile(r"\{\{\w+\}\}")


def pairs(mapped: type) -> list[str]:
    """The texts of a class that are kept in both languages: `name` for `name_en` and `name_vi`."""
    columns = set(inspect(mapped).columns.keys())
    return sorted(name[:-3] for name in columns if name.endswith("_en") and f"{name[:-3]}_vi" in columns)


def offences(rows: Iterable[Any]) -> list[str]:
    """Rows that lack a half, say other things in it, or say them in other words than the house's.

    NULL in both columns is a text that a row does without; an empty one is a text that was forgotten.
    """
    found = []
    for row in rows:
        for pair in pairs(type(row)):
            if getattr(row, f"{pair}_en") is None and getattr(row, f"{pair}_vi") is None:
                continue
            english, vietnamese = getattr(row, f"{pair}_en") or "", getattr(row, f"{pair}_vi") or ""
            where = f"{type(row).__name__}.{pair} “{english or vietnamese}”"
            if not english or not vietnamese:
                found.append(f"{where} lacks a half")
            elif set(PLACEHOLDER.findall(english)) != set(PLACEHOLDER.findall(vietnamese)):
                found.append(f"{where} has other placeholders in Vietnamese")
            elif english == vietnamese:
                found.append(f"{where} was copied, not translated")
            found += (f"{where} {what}" for what in words_offences(vietnamese))
    return found


def test_the_house_ships_everything_in_both_languages(build: Callable[[str], Flask], tmp_path: Path) -> None:
    with build(f"sqlite:///{tmp_path / 'house.sqlite3'}").app_context():
        upgrade(str(ROOT / "migrations"))
        seed_shipped()
        seed_demo()
    with build(f"sqlite:///{tmp_path / 'house.sqlite3'}").app_context(), across_organizers():
        kept = [mapper.class_ for mapper in Model.registry.mappers if pairs(mapper.class_)]
        rows = [row for mapped in kept for row in db.session.scalars(select(mapped))]
        assert len(rows) > 0
        assert offences(rows) == []


def test_a_half_and_a_lost_placeholder_are_seen() -> None:
    class Base(DeclarativeBase):
        pass

    class Policy(Base):
        __tablename__ = "policies"
        id: Mapped[int] = mapped_column(primary_key=True)
        name_en: Mapped[str]
        name_vi: Mapped[str]
        hint_en: Mapped[str | None]
        hint_vi: Mapped[str | None]

    rows = [
        ("Standard", "Tiêu chuẩn"),
        ("Fast", ""),
        ("By {{at}}", "Trước"),
        ("Slow", "Slow"),
        ("Off", "Huỷ"),
    ]
    assert offences(Policy(name_en=en, name_vi=vi) for en, vi in rows) == [
        "Policy.name “Fast” lacks a half",
        "Policy.name “By {{at}}” has other placeholders in Vietnamese",
        "Policy.name “Slow” was copied, not translated",
        "Policy.name “Off” spells “Huỷ” with the mark on the last vowel",
    ]
    assert offences([Policy(name_en="On", name_vi="Bật", hint_en="Why")]) == [
        "Policy.hint “Why” lacks a half"
    ]
