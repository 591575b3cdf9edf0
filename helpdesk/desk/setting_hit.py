"""What the search over the settings finds: sections, and the things in them by their names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.fulltext import folded
from helpdesk.core.i18n import LANGUAGES, speaking
from helpdesk.notifications.template_page import NAMES
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag

MOST = 30  # things that are shown
MANAGED: dict[str, type[Any]] = {
    "groups": Group, "skills": Skill, "categories": Category, "calendars": Calendar, "policies": Policy, "rules": Rule,
}  # fmt: skip


@dataclass(frozen=True)
class SettingHit:
    """A thing that was found: in which section, what it is called, and where its page is."""

    section: str
    name: str
    url: str
    language: str = ""  # of the name, where it is known
    is_archived: bool = False

    @classmethod
    def named(cls, words: str, viewer: User, sections: Iterable[str]) -> list["SettingHit"]:
        """Things whose name in either language holds every word, marks and đ set aside."""
        wanted = folded(words).split()
        if not wanted:
            return []
        known = set(sections)
        found = (hit for hit in cls._all(viewer, known) if _holds(hit.name, wanted))
        once = {hit.url: hit for hit in reversed(list(found))}  # both halves of a pair are one thing
        return sorted(once.values(), key=lambda hit: (hit.is_archived, folded(hit.name)))[:MOST]

    @classmethod
    def _all(cls, viewer: User, known: set[str]) -> Iterator["SettingHit"]:
        for section in known & MANAGED.keys():
            yield from cls._pairs(section, select(MANAGED[section]))
        if "canned" in known:
            yield from cls._pairs("canned", CannedReply.usable_by(viewer))
        if "tags" in known:
            for id_, name in db.session.execute(select(Tag.id, Tag.name).where(Tag.merged_into_id.is_(None))):
                yield cls("tags", name, f"/settings/tags/{id_}")
        if "agents" in known:
            people = select(User.id, User.name).join(Agent, Agent.user_id == User.id)
            for id_, name in db.session.execute(people):
                yield cls("agents", name, f"/settings/agents/{id_}")
        if "templates" in known:
            yield from cls._mails()

    @classmethod
    def _pairs(cls, section: str, rows: Select[Any]) -> Iterator["SettingHit"]:
        for row in db.session.scalars(rows):
            gone = bool(getattr(row, "archived_at", None) or getattr(row, "deleted_at", None))
            for code in LANGUAGES:
                if name := getattr(row, f"name_{code}"):
                    yield cls(section, name, f"/settings/{section}/{row.id}", code, gone)

    @classmethod
    def _mails(cls) -> Iterator["SettingHit"]:
        """Mails by what they are called, and stores by how they sign."""
        for code in reversed(LANGUAGES):
            with speaking(code):
                for kind, name in NAMES.items():
                    yield cls("templates", str(name), f"/settings/templates/{kind}", code)
        stores = select(Merchant.id, Merchant.name).where(Merchant.deleted_at.is_(None))
        for id_, name in db.session.execute(stores):
            yield cls("templates", name, f"/settings/templates/sender/{id_}")


def said_by(words: str, texts: Iterable[Any]) -> bool:
    """Whether texts, in either language, hold every word; they are asked in each."""
    wanted = folded(words).split()
    for code in LANGUAGES:
        with speaking(code):
            if wanted and _holds(" ".join(str(text) for text in texts), wanted):
                return True
    return False


def _holds(text: str, wanted: list[str]) -> bool:
    said = folded(text)
    return all(word in said for word in wanted)
