"""A row of which there may be one: of several who add it at once, one does.

One statement, which waits for whoever is adding the same and then does nothing. To try and to take the failure back
would be three, and most rows that are added so are new.
"""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.core.db import Model, db, holds_everything, refuse_in_readers
from helpdesk.core.tenancy import stamp


def add_once(row: Model) -> bool:
    """Add a row unless one with the same unique key is there. Returns whether it was added.

    What it refers to is said by ids, not by other rows. Anything else that is wrong with it raises `IntegrityError`.
    """
    refuse_in_readers()
    stamp(row, is_new=True)
    db.session.flush()  # what it refers to
    mapper = inspect(type(row))
    said = {mapper.attrs[name].columns[0]: row.__dict__[name] for name in _said(row)}
    dialect = sqlite if holds_everything() else postgresql
    adding = dialect.insert(mapper.local_table).values(said).on_conflict_do_nothing()
    done = db.session.connection().execute(adding.returning(*mapper.primary_key))
    key = done.first()
    if key is None:
        return False
    _is_there(
        row, done.last_inserted_params() | dict(zip((c.key for c in mapper.primary_key), key, strict=True))
    )
    return True


def _said(row: Model) -> set[str]:
    """The attributes that were given to it; columns all of them."""
    state = inspect(row)
    said = set(state.dict) & set(state.mapper.attrs.keys())
    if said - set(state.mapper.column_attrs.keys()):
        raise TypeError(f"{type(row).__name__} is added once: say ids, not rows")
    return said


def _is_there(row: Any, known: dict[str, Any]) -> None:
    """Make it what it would be if the session had read it."""
    names = {column.key: name for name, column in inspect(type(row)).columns.items()}
    for column, value in known.items():
        set_committed_value(row, names[column], value)
    make_transient_to_detached(row)
    db.session.add(row)
