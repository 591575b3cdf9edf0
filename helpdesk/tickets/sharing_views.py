"""What the settings of canned replies and of macros share: whose one is, for whom it can be, who changes it."""

from typing import TypeVar

from flask import abort
from sqlalchemy import select

from helpdesk.accounts.roles import viewer
from helpdesk.agents.group import Group
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed
from helpdesk.core.i18n import _
from helpdesk.tickets.sharing import Sharing

Shared = TypeVar("Shared", bound=Sharing)


def own_one(kind: type[Shared], id_: int, *, lock: bool = False) -> Shared:
    """One that the viewer may change. 404 for what he does not see, 403 for what others keep."""
    seen = kind.seen_by(viewer()).where(kind.id == id_)
    found = db.session.scalar(seen.with_for_update(of=kind, key_share=True) if lock else seen) or abort(404)
    if not found.may_be_edited_by(viewer()):
        raise NotAllowed(_("Only a manager may change what everybody uses."))
    return found


def teams() -> dict[int, Group]:
    """Those that something can be for, by their ids."""
    return {group.id: group for group in db.session.scalars(Group.on_offer())}


def own_teams() -> set[int]:
    """Ids of the viewer's."""
    return set(db.session.scalars(Group.ids_of(viewer().id)))


def scopes(kept: Sharing | None, offered: dict[int, Group]) -> list[str]:
    """For whom it can be: for everybody only by a manager, for a team by its members; as it is now in any case."""
    is_boss = viewer().is_at_least("manager")
    own = own_teams() if not is_boss else set()
    open_to = [str(id_) for id_ in offered if is_boss or id_ in own]
    return list(
        dict.fromkeys(["own", *open_to, *(["all"] if is_boss else []), *([kept.scope] if kept else [])])
    )


def owners(chosen: str, kept: Sharing | None) -> dict[str, int | None]:
    """Whose it will be; an agent's own stays his when a manager corrects it."""
    if chosen == "own":
        return {"owner_id": (kept and kept.owner_id) or viewer().id, "group_id": None}
    return {"owner_id": None, "group_id": None if chosen == "all" else int(chosen)}


def private_of(ids: set[int], kind: type[Sharing]) -> set[int]:
    """Which of these are somebody's own."""
    return set(db.session.scalars(select(kind.id).where(kind.id.in_(ids), kind.owner_id.is_not(None))))
