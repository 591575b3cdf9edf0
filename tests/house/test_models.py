"""Law: every table belongs to an organizer, or to nobody and everybody, or is listed with its reason.

`test_tenancy.py` reads the classes; this looks at what SQLAlchemy made of them, so that a table that comes from
somewhere else (an association, a library, a base class) is seen as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column

from helpdesk.core.db import Model
from helpdesk.core.tenancy import Shippable, Tenanted

# table → why it belongs to no organizer
EXCEPTED: dict[str, str] = {
    "organizers": "it is the tenant",
}


def offences(
    mappers: Iterable[Mapper], tables: MetaData, excepted: Mapping[str, str] = EXCEPTED
) -> list[str]:
    """Tables whose rows the session would hand to everybody."""
    walled = {m.local_table.name for m in mappers if issubclass(m.class_, Tenanted | Shippable)}
    found = [
        f"{name} is neither Tenanted nor Shippable"
        for name in tables.tables
        if name not in walled | excepted.keys()
    ]
    return found + [f"{name}: this exception is no longer needed" for name in excepted if name in walled]


def test_the_house_knows_whose_every_row_is(app: Flask) -> None:
    assert offences(Model.registry.mappers, Model.metadata) == []


def test_a_table_without_an_owner_is_seen() -> None:
    class Base(DeclarativeBase):
        pass

    class Clock(Base):
        __tablename__ = "clocks"
        id: Mapped[int] = mapped_column(primary_key=True)

    Table("links", Base.metadata, Column("id", Integer))
    assert offences(Base.registry.mappers, Base.metadata, {}) == [
        "clocks is neither Tenanted nor Shippable",
        "links is neither Tenanted nor Shippable",
    ]
