"""The last change of what a page of the settings shows, as the settings' audit has it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from helpdesk.core.db import db
from helpdesk.core.events import Event

# section → (what its events begin with, how they and the page call the thing, the name of its id)
TOLD = {
    "agents": (("agent.changed", "agent.leave_"), "user", "agent"), "groups": (("group.",), "group", "group"),
    "skills": (("skill.",), "skill", "skill"), "categories": (("category.",), "category", "category"),
    "tags": (("tag.",), "tag", "tag"), "calendars": (("calendar.",), "calendar", "calendar"),
    "policies": (("policy.",), "policy", "policy"), "ladder": (("ladder.",), "policy", "policy"),
    "rules": (("rule.",), "rule", "rule"), "canned": (("canned.",), "canned", "reply"),
    "templates": (("sender.", "server.", "template."), "merchant", "store"), "notifications": (("organizer.",), "", ""),
    "merchants": (("merchant.", "form."), "merchant", "shop"),
    "requests": (("merchant.auto_reply_", "organizer."), "merchant", "merchant"),
}  # fmt: skip


@dataclass(frozen=True)
class LastChange:
    """Who changed it last, and when."""

    actor: dict[str, Any]
    at: datetime
    asked: dict[str, str]  # how the history is asked for the changes of this

    @classmethod
    def of(cls, section: str, shown: dict[str, Any]) -> "LastChange | None":
        """Of the thing that a page shows, or of its section where it shows all of them; None: never."""
        if section not in TOLD:
            return None
        beginnings, key, name = TOLD[section]
        found = select(Event.actor, Event.created_at).where(
            Event.ticket_id.is_(None),
            or_(*(Event.name.startswith(word, autoescape=True) for word in beginnings)),
        )
        asked = {"kind": section}
        if name in shown:
            if shown[name] is None:
                return None  # a new one
            id_ = getattr(shown[name], "user_id" if key == "user" else "id")
            found = found.where(Event.data[key].as_integer() == id_)
            asked = {"kind": beginnings[0].partition(".")[0], "id": str(id_)}
        row = db.session.execute(found.order_by(Event.id.desc()).limit(1)).first()
        return cls(*row, asked) if row else None
