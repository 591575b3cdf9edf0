"""Saved views, and the pages where they are made and kept, for the sweeps."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.desk.saved_view import SavedView
from tests.support.world import World


def saved_by(user: User) -> int:
    """A view of the queue of his own; call it inside the organizer."""
    words = {"name_en": "Swept", "name_vi": "", "group_id": None}
    return SavedView.create(words | {"view": "all", "query": "status=OPEN"}, by=user).id


def only_one_of(user: User) -> int:
    """The same, alone: the sweep wants a fresh one after each that was changed, and nobody has more than thirty."""
    own = select(SavedView).where(SavedView.owner_id == user.id, SavedView.archived_at.is_(None))
    for before in db.session.scalars(own).all():
        before.archive(by=user)
    return saved_by(user)


def narrowed(world: World) -> tuple[FlaskClient, str]:
    return world.sign_in("Gus"), "/queue/all?status=OPEN,CLOSED&sort=newest"


def changed(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = only_one_of(world.user("Linh"))
    return world.sign_in("Linh"), f"/queue/saved/{id_}?status=CLOSED"


def editor(world: World) -> tuple[FlaskClient, str]:
    with world.inside():
        id_ = only_one_of(world.user("Mai"))
    return world.sign_in("Mai"), f"/queue/saved/{id_}/edit"


SAVED: list[Callable[[World], tuple[FlaskClient, str]]] = [narrowed, changed, editor]
