"""One session serves one organizer: what is not his is not found, and asking outside of one is an error.

The filter works on mapped classes only. Core statements on tables and `text()` pass by it, so the house
inspection bans them outside `core/` and `reports/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar

from flask import g
from sqlalchemy import ForeignKey, Select, Table, bindparam, column, event, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.functions import FunctionElement

from helpdesk.core.db import BigId, Model, db


class OutsideTenant(RuntimeError):
    """A query on tenants' rows without an organizer, or a row of another organizer."""


class _StandIn:
    """Answers for `organizer_id` until the mapping brings the real one."""

    def __get__(self, row: object, owner: type) -> Any:
        return column("organizer_id")


class Walled:
    """Anything mapped that has an `organizer_id` to filter by; queries that are mapped like tables say only this."""

    organizer_id: ClassVar[Any] = _StandIn()


class Tenanted(Walled):
    """Rows that belong to one organizer."""

    @declared_attr
    def organizer_id(cls) -> Mapped[int]:
        """The organizer; stamped by the session, never set by hand."""
        return mapped_column(BigId, ForeignKey("organizers.id"), nullable=False, index=False)


class Shippable:
    """Rows that belong to one organizer, or to nobody: a shipped default, for everybody to use."""

    @declared_attr
    def organizer_id(cls) -> Mapped[int | None]:
        """The organizer, or None for a shipped default."""
        return mapped_column(BigId, ForeignKey("organizers.id"), nullable=True, index=False)


ACROSS = -1


def present_organizer() -> int | None:
    """The id of the organizer that this request or job is inside of; None outside."""
    organizer = g.get("organizer_id")
    return None if organizer == ACROSS else organizer


def enter(organizer_id: int) -> None:
    """Go inside an organizer for the rest of this request. A session that served another is refused."""
    _serve(db.session, organizer_id)
    g.organizer_id = organizer_id


def _serve(session: Any, organizer_id: int) -> None:
    if session.info.setdefault("organizer_id", organizer_id) != organizer_id:
        raise OutsideTenant("one session never serves two organizers")


@contextmanager
def inside(organizer_id: int) -> Iterator[None]:
    """Be inside an organizer for a while. What was made there is written before leaving, under its stamp."""
    before = g.get("organizer_id")
    enter(organizer_id)
    try:
        yield
        db.session.flush()
    finally:
        g.organizer_id = before


@contextmanager
def across_organizers() -> Iterator[None]:
    """Look across the walls. For the doors where the organizer is not known yet, and for the machinery."""
    before = g.get("organizer_id")
    g.organizer_id = ACROSS
    try:
        yield
    finally:
        g.organizer_id = before


def count_everywhere(statement: Select[int]) -> int:
    """A count over the whole installation, for limits that must not stop at a wall. No row crosses it."""
    db.session.flush()  # inside: what is written across the walls is not stamped
    with across_organizers():
        return db.session.scalar(statement) or 0


def column_everywhere(statement: Select[Any]) -> set[str]:
    """The values of one column over the whole installation, for care of what all organizers share on the disk."""
    with across_organizers():
        return set(db.session.scalars(statement))


def at_the_door(statement: Select[Any]) -> Any:
    """One row by a secret that only its owner has (an address, a token, a key), whoever's it is.

    For the doors where the row itself says which organizer to go inside of; None where there is none.
    """
    with across_organizers():
        return db.session.scalar(statement)


def _is_walled(table: object) -> bool:
    if not isinstance(table, Table):
        return False
    mapped = {m.local_table: m.class_ for m in Model.registry.mappers}
    return issubclass(mapped.get(table, object), Walled | Shippable)


@event.listens_for(Session, "do_orm_execute")
def _stay_inside(state: ORMExecuteState) -> None:
    if state.is_delete:
        raise RuntimeError("nothing is ever removed: mark it deleted instead")
    organizer = g.get("organizer_id") if g else None
    if organizer is not None and organizer != ACROSS:
        _serve(state.session, organizer)  # each transaction of a job has a session of its own
    if organizer == ACROSS or state.is_column_load or state.is_relationship_load:
        return
    if organizer is None:
        if any(_is_walled(element) for element in visitors.iterate(state.statement)):
            raise OutsideTenant("a query on tenants' rows needs an organizer")
        return
    state.statement = state.statement.options(*_walls(state.is_update))


class PresentOrganizer(FunctionElement[int]):
    """The organizer whom the session serves, looked up when a statement runs.

    One expression for all organizers, so that a statement is compiled once. It is no bound value of its own, for
    SQLAlchemy marks those of loader criteria, and then compares marked and unmarked ones by building expressions, which
    took a third of the time of every query.
    """

    inherit_cache = True
    type = BigId


_served = bindparam("served_organizer", callable_=lambda: db.session.info["organizer_id"], type_=BigId)


@compiles(PresentOrganizer)
def _compile_present_organizer(element: PresentOrganizer, compiler: Any, **more: Any) -> Any:
    return compiler.process(_served, **more)


@lru_cache
def _walls(writes: bool) -> tuple[ExecutableOption, ExecutableOption]:
    """The conditions that are put to every query inside an organizer.

    Shipped defaults are read by all and written by none.
    """

    def own(cls: Any) -> Any:
        return cls.organizer_id == PresentOrganizer()

    def shipped_too(cls: Any) -> Any:
        return or_(cls.organizer_id == PresentOrganizer(), cls.organizer_id.is_(None))

    return (  # without `include_aliases` a mixin's conditions reach nothing at all
        with_loader_criteria(Walled, own, include_aliases=True, track_closure_variables=False),
        with_loader_criteria(
            Shippable, own if writes else shipped_too, include_aliases=True, track_closure_variables=False
        ),
    )


@event.listens_for(Session, "before_flush")
def _stamp_all(session: Session, context: object, instances: object) -> None:
    for row in [*session.new, *session.dirty]:
        stamp(row, is_new=row in session.new)


def stamp(row: object, *, is_new: bool) -> None:
    """Say whose a new row is. Raises `OutsideTenant` for one of another organizer, or of none."""
    organizer = g.get("organizer_id")
    if not isinstance(row, Tenanted | Shippable) or organizer == ACROSS:
        return
    if is_new and row.organizer_id is None:
        row.organizer_id = organizer
    if row.organizer_id is None or row.organizer_id != organizer:
        raise OutsideTenant(f"{type(row).__name__} of another organizer, or of none, cannot be written here")
