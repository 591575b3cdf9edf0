"""The history of the settings: who changed what, told by the events that are about no ticket."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, or_, select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import lazy

PAGE = 50
KINDS = {  # section of the settings → its name, and how the names of its events begin
    "merchants": (lazy("Stores"), ("merchant.", "form.")),
    "agents": (lazy("Agents"), ("agent.changed", "agent.leave_")),
    "groups": (lazy("Teams"), ("group.",)),
    "skills": (lazy("Skills"), ("skill.",)),
    "categories": (lazy("Categories"), ("category.",)),
    "tags": (lazy("Tags"), ("tag.",)),
    "calendars": (lazy("Calendars"), ("calendar.",)),
    "policies": (lazy("SLA policies"), ("policy.",)),
    "ladder": (lazy("Escalation ladder"), ("ladder.",)),
    "rules": (lazy("Assignment rules"), ("rule.",)),
    "templates": (lazy("Mails"), ("template.", "sender.", "server.")),
    "canned": (lazy("Canned replies"), ("canned.",)),
    "users": (lazy("Users"), ("user.",)),
    "organizer": (lazy("The whole desk"), ("organizer.",)),
}
# What an event is about stands in its data under the first word of its name, but for these.
UNDER = {
    "agent": "user", "template": "kind", "sender": "merchant", "server": "merchant",
    "ladder": "policy", "organizer": "",
}  # fmt: skip


@dataclass(frozen=True)
class History:
    """What is asked of it; every field narrows it down. Unknown kinds and people find nothing rather than everything.

    `kind` is a section, or the first word of an event's name; `id` what it is about; `first` and `last` are days.
    """

    kind: str = ""
    id: str = ""
    who: str = ""
    first: date | None = None
    last: date | None = None
    zone: str = "UTC"

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
        actors = select(Event.actor).where(Event.ticket_id.is_(None), _of(_ALL)).distinct()
        found = {str(one["id"]): one["name"] for one in db.session.scalars(actors) if one["kind"] == "user"}
        return dict(sorted(found.items(), key=lambda one: one[1].lower()))

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
            return _of(_ALL)
        beginnings = KINDS[self.kind][1] if self.kind in KINDS else (f"{self.kind}.",)
        if not set(beginnings) <= {*_ALL, *(f"{one.partition('.')[0]}." for one in _ALL)}:
            return false()
        key = UNDER.get(self.kind, self.kind)
        return _of(beginnings) & _about(key, self.id) if self.id and key else _of(beginnings)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone))


_ALL = tuple(beginning for _, beginnings in KINDS.values() for beginning in beginnings)


def _of(beginnings: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Event.name.startswith(one, autoescape=True) for one in beginnings))


def _about(key: str, id_: str) -> ColumnElement[bool]:
    return Event.data[key].as_string() == id_


def _by(who: str) -> ColumnElement[bool]:
    if who == "system":
        return Event.actor["kind"].as_string() == "system"
    if not _is_number(who):
        return false()
    return (Event.actor["kind"].as_string() == "user") & (Event.actor["id"].as_string() == who)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18
