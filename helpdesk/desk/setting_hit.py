"""What the search over the settings finds: sections, and the things in them by their names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal, select, union_all

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.skill import Skill
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.core.fulltext import folded
from helpdesk.core.i18n import LANGUAGES, speaking
from helpdesk.notifications.template_page import NAMES
from helpdesk.organizers.form_key import FormKey
from helpdesk.organizers.merchant import Merchant
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.macro import Macro
from helpdesk.tickets.tag import Tag

MOST = 30  # things that are shown
MANAGED: dict[str, tuple[Any, Any]] = {  # section → what it holds, and when that was put away
    "groups": (Group, Group.archived_at), "skills": (Skill, Skill.archived_at),
    "categories": (Category, Category.archived_at), "calendars": (Calendar, Calendar.archived_at),
    "policies": (Policy, Policy.deleted_at), "rules": (Rule, Rule.deleted_at),
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
        yield from cls._managed(sorted(known & MANAGED.keys()))
        own = set(db.session.scalars(Group.ids_of(viewer.id)))
        for section, kind in (("canned", CannedReply), ("macros", Macro)):
            if section in known:
                rows = (
                    row
                    for row in db.session.scalars(kind.seen_by(viewer))
                    if row.may_be_edited_by(viewer, own)
                )
                yield from cls._pairs(section, rows)
        if "tags" in known:
            for id_, name in db.session.execute(select(Tag.id, Tag.name).where(Tag.merged_into_id.is_(None))):
                yield cls("tags", name, f"/settings/tags/{id_}")
        if "users" in known:
            yield from cls._people()
        if "merchants" in known:
            yield from cls._stores()
        if "templates" in known:
            yield from cls._mails()

    @classmethod
    def _people(cls) -> Iterator["SettingHit"]:
        """Who can be given tickets, and everybody who signs in."""
        people = select(User.id, User.name, User.id.in_(Agent.able()))
        for id_, name, is_able in db.session.execute(people):
            if is_able:
                yield cls("agents", name, f"/settings/agents/{id_}")
            yield cls("users", name, f"/settings/users/{id_}")

    @classmethod
    def _stores(cls) -> Iterator["SettingHit"]:
        """Stores, how they sign their mails, and their forms."""
        forms = select(Merchant, FormKey).outerjoin(FormKey, FormKey.merchant_id == Merchant.id)
        for store, form in db.session.execute(forms.where(Merchant.deleted_at.is_(None))):
            page, gone = f"/settings/merchants/{store.id}", store.archived_at is not None
            yield cls("merchants", store.name, page, is_archived=gone)
            yield cls("templates", store.name, f"/settings/templates/sender/{store.id}")
            if form:
                yield cls(
                    "merchants",
                    form.called,
                    f"{page}/forms/{form.id}",
                    is_archived=form.archived_at is not None,
                )

    @classmethod
    def _managed(cls, sections: list[str]) -> Iterator["SettingHit"]:
        """What has a page of its section for managers, in one query."""
        parts = [
            select(
                literal(section).label("section"), kind.id, kind.name_en, kind.name_vi,
                gone.is_not(None).label("gone"),
            )
            for section in sections for kind, gone in [MANAGED[section]]
        ]  # fmt: skip
        for row in db.session.execute(select(union_all(*parts).subquery())) if parts else ():
            yield from cls._halves(row.section, row, gone=row.gone)

    @classmethod
    def _pairs(cls, section: str, rows: Iterable[Any]) -> Iterator["SettingHit"]:
        for row in rows:
            yield from cls._halves(section, row, gone=row.archived_at is not None)

    @classmethod
    def _halves(cls, section: str, row: Any, *, gone: bool) -> Iterator["SettingHit"]:
        for code in LANGUAGES:
            if name := getattr(row, f"name_{code}"):
                yield cls(section, name, f"/settings/{section}/{row.id}", code, bool(gone))

    @classmethod
    def _mails(cls) -> Iterator["SettingHit"]:
        """Mails by what they are called."""
        for code in reversed(LANGUAGES):
            with speaking(code):
                for kind, name in NAMES.items():
                    yield cls("templates", str(name), f"/settings/templates/{kind}", code)


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
