"""The history of the settings: who changed what, told by the events that are about no ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import lazy
from helpdesk.core.name_order import by_name

PAGE = 50


@dataclass(frozen=True)
class Kind:
    """A section of the settings as the history knows it, and its pages."""

    label: Any
    beginnings: tuple[str, ...]  # of the names of its events
    key: str = ""  # what an event's data call the id of what it is about
    shown: str = ""  # what a page calls the thing that it shows
    fields: tuple[str, ...] = ()  # of the whole desk's settings, those that stand on its page

    @property
    def found(self) -> ColumnElement[bool]:
        """Which events are of it."""
        own = [Event.name.startswith(one, autoescape=True) for one in self.beginnings]
        desk = [Event.data[("changes", one)].as_string().is_not(None) for one in self.fields]
        return or_(*own, and_(Event.name == "organizer.changed", or_(*desk))) if desk else or_(*own)

    def about(self, id_: str) -> ColumnElement[bool]:
        """Which events are about one thing of it."""
        return Event.data[self.key].as_string() == id_ if self.key else false()

    def id_in(self, shown: Mapping[str, Any]) -> str | None:
        """Whose page it is that shows all this; empty for a page of them all, None for that of a new one."""
        if self.shown not in shown:
            return ""
        thing = shown[self.shown]
        return str(getattr(thing, "user_id" if self.shown == "agent" else "id")) if thing else None


KINDS = {  # section → what its events are; the order is that of the filter
    "merchants": Kind(lazy("Stores"), ("merchant.", "form."), "merchant", "shop"),
    "agents": Kind(
        lazy("Agents"), ("agent.changed", "agent.leave_"), "user", "agent", ("hand_back_minutes",)
    ),
    "groups": Kind(lazy("Teams"), ("group.",), "group", "group"),
    "skills": Kind(lazy("Skills"), ("skill.",), "skill", "skill"),
    "categories": Kind(lazy("Categories"), ("category.",), "category", "category"),
    "requests": Kind(
        lazy("Requests"), ("merchant.auto_reply_",), "merchant", "merchant",
        ("most_files", "most_file_mb", "auto_close_hours"),
    ),
    "tags": Kind(lazy("Tags"), ("tag.",), "tag", "tag"),
    "calendars": Kind(lazy("Calendars"), ("calendar.",), "calendar", "calendar"),
    "policies": Kind(lazy("SLA policies"), ("policy.",), "policy", "policy"),
    "ladder": Kind(lazy("Escalation ladder"), ("ladder.",), "policy", "policy"),
    "rules": Kind(lazy("Assignment rules"), ("rule.",), "rule", "rule"),
    "templates": Kind(lazy("Mails"), ("template.", "sender.", "server."), "merchant", "store"),
    "notifications": Kind(lazy("Notifications"), (), fields=("mail_window_seconds",)),
    "canned": Kind(lazy("Canned replies"), ("canned.",), "canned", "reply"),
    "macros": Kind(lazy("Macros"), ("macro.",), "macro", "macro"),
    "users": Kind(lazy("Users"), ("user.",), "user", "user", ("factor_from",)),
    "organizer": Kind(lazy("The whole desk"), ("organizer.",)),
}  # fmt: skip
_ALL = or_(
    *(Event.name.startswith(one, autoescape=True) for kind in KINDS.values() for one in kind.beginnings)
)


@dataclass(frozen=True)
class History:
    """What is asked of it; every field narrows it down. Unknown kinds and people find nothing rather than everything.

    `kind` is a section; `id` which of its things it is about; `first` and `last` are days.
    """

    kind: str = ""
    id: str = ""
    who: str = ""
    first: date | None = None
    last: date | None = None
    zone: str = "UTC"

    @classmethod
    def of_page(cls, section: str, shown: Mapping[str, Any]) -> "History | None":
        """Of what a page of the settings shows: one thing, or all of its section. None where nothing can be said."""
        kind = KINDS.get(section)
        id_ = kind.id_in(shown) if kind else None
        return None if id_ is None else cls(section, id_)

    @property
    def asked(self) -> dict[str, str]:
        """What narrows it down, as an address says it."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "zone"}
        return {name: str(value) for name, value in values.items() if value}

    def latest(self) -> Event | None:
        """The last change."""
        return db.session.scalar(self._found().order_by(Event.id.desc()).limit(1))

    def page(self, before: int | None = None) -> tuple[Sequence[Event], int | None]:
        """Some, newest first, and the id that the next ones come before."""
        found = self._found() if before is None else self._found().where(Event.id < before)
        rows = db.session.scalars(found.order_by(Event.id.desc()).limit(PAGE + 1)).all()
        return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None

    def all(self, most: int) -> Sequence[Event]:
        """The newest, for a file."""
        return db.session.scalars(self._found().order_by(Event.id.desc()).limit(most)).all()

    @staticmethod
    def people() -> dict[str, str]:
        """Who changed something, by key."""
        actors = select(Event.actor).where(Event.ticket_id.is_(None), _ALL).distinct()
        found = {str(one["id"]): one["name"] for one in db.session.scalars(actors) if one["kind"] == "user"}
        return dict(by_name(found.items(), lambda one: one[1]))

    def _found(self) -> Select[tuple[Event]]:
        found = select(Event).where(Event.ticket_id.is_(None), self._of_kind())
        if self.who:
            found = found.where(_by(self.who))
        if self.first:
            found = found.where(Event.created_at >= self._midnight(self.first))
        if self.last:
            found = found.where(Event.created_at < self._midnight(self.last + timedelta(days=1)))
        return found

    def _of_kind(self) -> ColumnElement[bool]:
        if not self.kind:
            return _ALL
        if self.kind not in KINDS:
            return false()
        kind = KINDS[self.kind]
        return kind.found & kind.about(self.id) if self.id else kind.found

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone))


def _by(who: str) -> ColumnElement[bool]:
    if who == "system":
        return Event.actor["kind"].as_string() == "system"
    if not _is_number(who):
        return false()
    return (Event.actor["kind"].as_string() == "user") & (Event.actor["id"].as_string() == who)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18
