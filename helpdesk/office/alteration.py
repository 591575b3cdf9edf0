"""What an event of the settings changed: field by field, old and new, in words of the reader's language."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import _, in_names, lazy
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, STATUS_LABELS, Priority, Status

LABELS: Mapping[str, Any] = {
    "name": lazy("Name"), "name_en": lazy("Name (English)"), "name_vi": lazy("Name (Vietnamese)"),
    "body_en": lazy("Text (English)"), "body_vi": lazy("Text (Vietnamese)"),
    "email": lazy("Email"), "role": lazy("Role"), "language": lazy("Language"), "languages": lazy("Languages"),
    "time_zone": lazy("Time zone"), "merchant_ids": lazy("Stores"), "merchants": lazy("Stores"),
    "lead_id": lazy("Lead"), "member_ids": lazy("Members"), "groups": lazy("Teams"), "group_id": lazy("Team"),
    "owner_id": lazy("Owner"), "skills": lazy("Skills"), "cap": lazy("Most tickets at once"),
    "substitute_id": lazy("Substitute"), "schedule": lazy("Opening hours"), "is_assignable": lazy("Can be given work"),
    "is_on": lazy("On"), "position": lazy("Place"), "parent": lazy("Parent"), "conditions": lazy("Conditions"),
    "candidates": lazy("Candidates"), "strategy": lazy("Strategy"), "targets": lazy("Targets"),
    "warn_percent": lazy("Warning at (%)"), "critical_percent": lazy("Critical at (%)"),
    "pausing_statuses": lazy("Pausing statuses"), "calendar_id": lazy("Calendar"), "policy_id": lazy("SLA policy"),
    "zone": lazy("Time zone"), "holidays": lazy("Days off"), "country": lazy("Country"),
    "last_year": lazy("Last year of known days off"), "steps": lazy("Steps"), "priority": lazy("Priority"),
    "default_priority": lazy("Priority"), "is_public": lazy("Customers can choose it"), "host": lazy("Server"),
    "port": lazy("Port"), "security": lazy("Security"), "address": lazy("Address"), "user_name": lazy("User name"),
    "password": lazy("Password"), "reply_to": lazy("Reply-to address"), "brand_colour": lazy("Colour"),
    "logo": lazy("Logo"), "hand_back_minutes": lazy("Hand back after (minutes)"),
    "mail_window_seconds": lazy("Mails wait (seconds)"), "factor_from": lazy("Second factor required"),
    "is_active": lazy("Active"), "parts": lazy("Changed parts"), "replacement": lazy("Replacement"),
}  # fmt: skip
ROLES = {"agent": lazy("Agent"), "manager": lazy("Manager"), "admin": lazy("Administrator")}
NAMED = {
    "lead_id": User, "member_ids": User, "owner_id": User, "substitute_id": User, "merchant_ids": Merchant,
    "merchants": Merchant, "groups": Group, "group_id": Group, "group_ids": Group, "skills": Skill,
    "calendar_id": Calendar, "policy_id": Policy, "parent_id": Category, "category_ids": Category,
}  # fmt: skip
SECRET = ("password",)  # of these only whether there is one is known
LONGEST = 400
PAIRS = (("from", "to"),)  # keys of `data` itself


@dataclass(frozen=True)
class Alteration:
    """One field. An empty text: there was nothing."""

    label: str
    old: str
    new: str

    @classmethod
    def all_of(cls, event: Event, names: "Names") -> list["Alteration"]:
        """What the data of an event says about it; nothing for what only happened."""
        changes = dict(_changes(event.data))
        said = [
            cls(_label(name), names.words(name, old), names.words(name, new)) for name, (old, new) in changes.items()
        ]  # fmt: skip
        return [one for one in said if one.old != one.new]


@dataclass
class Names:
    """What ids in events are called; each kind of thing is looked up once, and only where one is named."""

    found: dict[type, dict[int, str]] = field(default_factory=dict)

    def words(self, name: str, value: Any) -> str:
        """A value for a reader."""
        if name in SECRET:
            return _("set") if value else ""
        if name in NAMED and value not in (None, []):
            return self._called(NAMED[name], value)
        text = in_words(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _called(self, kind: type, value: Any) -> str:
        known = self._all(kind)
        if isinstance(value, Mapping):
            return ", ".join(f"{known.get(int(id_), '#' + str(id_))} {said}" for id_, said in value.items())
        ids: Iterable[Any] = value if isinstance(value, list) else [value]
        return ", ".join(known.get(id_, f"#{id_}") if isinstance(id_, int) else in_words(id_) for id_ in ids)

    def _all(self, kind: Any) -> dict[int, str]:
        if kind not in self.found:
            self.found[kind] = {row.id: row.name for row in db.session.scalars(select(kind))}
        return self.found[kind]


def _changes(data: Mapping[str, Any]) -> Iterable[tuple[str, tuple[Any, Any]]]:
    for named in ("changes", "changed"):
        if isinstance(data.get(named), dict):
            yield from ((name, tuple(pair)) for name, pair in data[named].items() if _is_pair(pair))
    yield from (
        (name, (data[name][0], data[name][1])) for name in ("parent", "position") if _is_pair(data.get(name))
    )
    yield from (("name", (data[old], data[new])) for old, new in PAIRS if old in data and new in data)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _label(name: str) -> str:
    return str(LABELS.get(name, name.replace("_", " ")))


def in_words(value: Any) -> str:
    """A status, a priority, a name in two languages, yes or no, a list; anything else as it is kept."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        if set(value) <= {"en", "vi"}:
            return in_names(value)
        inner = value.get("name") or value.get("called")
        return in_words(inner) if inner else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ", ".join(in_words(each) for each in value)
    if value in [*Status]:
        return str(STATUS_LABELS[Status(value)])
    if value in [*Priority]:
        return str(PRIORITY_LABELS[Priority(value)])
    return str(ROLES[value]) if value in ROLES else "" if value is None else str(value)
