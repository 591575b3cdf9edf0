"""What an event of the settings changed: field by field, old and new, in words of the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import _, lazy
from helpdesk.notifications.mail_template import PARTS
from helpdesk.notifications.mail_template_version import MailTemplateVersion
from helpdesk.office.setting_parts import TOLD, SettingParts
from helpdesk.office.setting_value import SettingValue
from helpdesk.organizers.form_key import LABELS as FORM_LABELS
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.category import Category
from helpdesk.tickets.macro import names_of
from helpdesk.tickets.ticket_deed import TicketDeed

LABELS: Mapping[str, Any] = {  # what the editors call them
    **FORM_LABELS,  # what these have in common with others is called as it is there, below
    "name_en": lazy("Name (English)"), "name_vi": lazy("Name (Vietnamese)"),
    "subject_en": lazy("Subject, English"), "subject_vi": lazy("Subject, Vietnamese"), "deeds": lazy("Steps"),
    "body_en": lazy("Text (English)"), "body_vi": lazy("Text (Vietnamese)"), "shortcut": lazy("Shortcut"),
    "email": lazy("Email"), "role": lazy("Role"), "language": lazy("Language"), "languages": lazy("Languages"),
    "time_zone": lazy("Time zone"), "merchant_ids": lazy("Stores"), "merchants": lazy("Stores"),
    "lead_id": lazy("Lead"), "member_ids": lazy("Members"), "groups": lazy("Teams"), "group_id": lazy("Team"),
    "owner_id": lazy("Owner"), "skills": lazy("Skills"), "cap": lazy("Most tickets at once"),
    "substitute_id": lazy("Substitute"), "is_assignable": lazy("Can be given work"),
    "is_on": lazy("On"), "position": lazy("Place"), "parent": lazy("Parent"),
    "merchant_id": lazy("Store"), "strategy": lazy("How one is chosen"),
    "warn_percent": lazy("Warning at (%)"), "critical_percent": lazy("Critical at (%)"),
    "pausing_statuses": lazy("Pauses while"), "calendar_id": lazy("Calendar"), "policy_id": lazy("SLA policy"),
    "zone": lazy("Time zone"), "closures": lazy("Own days off"), "country": lazy("Country"),
    "subdivision": lazy("Region"), "last_year": lazy("Last year of known days off"), "steps": lazy("Steps"),
    "default_priority": lazy("Default priority"), "required_skills": lazy("Required skills"),
    "is_on_form": lazy("Customers can choose it on the form"),
    "incident_tickets": lazy("Incident from so many tickets"),
    "incident_minutes": lazy("Incident within so many minutes"), "default_language": lazy("Default language"),
    "contact_en": lazy("Contact in English"), "contact_vi": lazy("Contact in Vietnamese"),
    "host": lazy("Server"), "port": lazy("Port"), "security": lazy("Security"), "address": lazy("Address"),
    "user_name": lazy("User name"), "password": lazy("Password"), "reply_to": lazy("Reply-to address"),
    "brand_colour": lazy("Colour"), "logo": lazy("Logo"), "hand_back_minutes": lazy("Hand back after (minutes)"),
    "mail_window_seconds": lazy("Mails wait (seconds)"), "factor_from": lazy("Second factor required"),
    "most_files": lazy("Files on one message"), "most_file_mb": lazy("Megabytes of one file"),
    "auto_close_hours": lazy("Hours until a resolved request is closed"),
}  # fmt: skip
NAMED = {
    "lead_id": User, "member_ids": User, "owner_id": User, "substitute_id": User, "merchant_id": Merchant,
    "merchant_ids": Merchant, "merchants": Merchant, "groups": Group, "group_id": Group, "skills": Skill,
    "required_skills": Skill, "calendar_id": Calendar, "policy_id": Policy, "category_ids": Category,
    "order_category_ids": Category, "phone_category_ids": Category,
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
        changes = dict(_changes(event.data)) | names.texts(event.data)
        said = [
            cls(_label(name), *_cut(names.words(name, old), names.words(name, new)))
            for name, (old, new) in changes.items() if name not in TOLD
        ]  # fmt: skip
        parts = [cls(*one) for one in names.parts.differences(changes)]
        return [one for one in said if one.old != one.new] + parts


@dataclass
class Names:
    """What ids in events are called; each kind of thing is looked up once, and only where one is named."""

    found: dict[type, dict[int, str]] = field(default_factory=dict)
    parts: SettingParts = field(default_factory=SettingParts)
    versions: dict[int, MailTemplateVersion] = field(default_factory=dict)

    @classmethod
    def about(cls, events: Iterable[Event]) -> "Names":
        """For what some events say; versions of mails, which have the texts that these only point to, at once."""
        ids = {id_ for event in events for id_ in event.data.get("versions") or () if id_}
        rows = (
            db.session.scalars(select(MailTemplateVersion).where(MailTemplateVersion.id.in_(ids)))
            if ids
            else ()
        )
        return cls(versions={row.id: row for row in rows})

    def texts(self, data: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """The texts of a mail before and after: of those that an event names, or of all."""
        before, after = (self.versions.get(id_) for id_ in data.get("versions") or (None, None))
        if before is None or after is None:
            return {}
        return {part: (getattr(before, part), getattr(after, part)) for part in data.get("parts") or PARTS}

    def words(self, name: str, value: Any) -> str:
        """A value for a reader."""
        if name in SECRET:
            return _("set") if value else ""
        if name in NAMED and value not in (None, []):
            return self._called(NAMED[name], value)
        if name == "deeds":
            return self._steps(TicketDeed.all_of(value or ()))
        return SettingValue(name, value).words

    def _steps(self, deeds: list[TicketDeed]) -> str:
        called = names_of(deeds, lambda kind, _ids: self._all(kind))
        return "\n".join(deed.words(called) for deed in deeds)

    def _called(self, kind: type, value: Any) -> str:
        known = self._all(kind)
        if isinstance(value, Mapping):  # id → level
            return ", ".join(f"{known.get(int(id_), '#' + str(id_))} {said}" for id_, said in value.items())
        ids: Iterable[Any] = value if isinstance(value, list) else [value]
        return ", ".join(_with_level(known, one) for one in ids)

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


def _cut(old: str, new: str) -> tuple[str, str]:
    """Both where they begin to differ, a little before it and no more than fits on a page."""
    if max(len(old), len(new)) <= LONGEST:
        return old, new
    differs = next(
        (at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    start = max(0, differs - LONGEST // 4)
    return _piece(old, start), _piece(new, start)


def _piece(text: str, start: int) -> str:
    end = "…" if len(text) > start + LONGEST else ""
    return ("…" if start else "") + text[start : start + LONGEST] + end


def _label(name: str) -> str:
    return str(LABELS.get(name, name))


def _with_level(known: Mapping[int, str], one: Any) -> str:
    if isinstance(one, Mapping):  # a skill that is asked for
        return f"{_with_level(known, one.get('skill'))} {one.get('level', '')}".strip()
    return known.get(one, f"#{one}") if isinstance(one, int) else SettingValue("", one).words
