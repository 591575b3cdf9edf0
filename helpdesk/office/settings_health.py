"""What of the settings cannot be what was meant: teams of nobody, rules that never match, halves of texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, not_, or_, select

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.skill import Skill
from helpdesk.assignment.hits import Hits
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.i18n import _, lazy, ngettext
from helpdesk.office.finding import Finding
from helpdesk.office.mail_health import count
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category

SETTLED = timedelta(days=7)  # a rule that is younger may still find its first ticket
NAMED = {  # section → what it is called, what has a name in both languages, when that is not in use any more
    "categories": (lazy("Categories"), Category, Category.archived_at),
    "groups": (lazy("Teams"), Group, Group.archived_at),
    "skills": (lazy("Skills"), Skill, Skill.archived_at),
    "calendars": (lazy("Calendars"), Calendar, Calendar.archived_at),
    "policies": (lazy("SLA policies"), Policy, Policy.deleted_at),
    "canned": (lazy("Canned replies"), CannedReply, CannedReply.archived_at),
    "rules": (lazy("Assignment rules"), Rule, Rule.deleted_at),
}
NAMES_SHOWN = 5


@dataclass(frozen=True)
class SettingsHealth:
    """Told by counts that were asked for together with others, and by the few that need names."""

    numbers: Mapping[str, Any]

    @staticmethod
    def asked() -> dict[str, ScalarSelect[Any]]:
        """What is counted."""
        member = select(GroupMember.id).where(
            GroupMember.group_id == Group.id, GroupMember.removed_at.is_(None)
        )
        store = select(Membership.id).where(Membership.user_id == User.id, Membership.deleted_at.is_(None))
        top = Category.archived_at.is_(None), Category.policy_id.is_(None), Category.parent_id.is_(None)
        able = select(func.count(User.id)).where(User.is_active, User.id.in_(Agent.able()))
        return {
            "idle_groups": count(Group, Group.archived_at.is_(None), not_(member.exists())),
            "no_policy": count(Category, *top), "able": able.scalar_subquery(),
            "storeless": count(User, User.is_active, User.role == "agent", not_(store.exists())),
            **{f"half_{key}": count(kind, gone.is_(None), _lacks_half(kind))
               for key, (_label, kind, gone) in NAMED.items()},
        }  # fmt: skip

    def findings(self) -> Iterator[Finding]:
        """What is amiss."""
        yield from self._people()
        if n := self.numbers["no_policy"]:
            said = ngettext("%(num)s names no SLA policy", "%(num)s name no SLA policy", n)
            advice = _(
                "The store's or the default policy counts for them. Choose one where that is not meant."
            )
            yield Finding("categories", "warn", _("Categories"), said, advice, "/settings/categories")
        yield from _rules()
        yield from _calendars()
        yield from self._halves()

    def _people(self) -> Iterator[Finding]:
        if not self.numbers["able"]:
            advice = _("Make somebody assignable, or tickets wait.")
            yield Finding(
                "agents", "bad", _("Agents"), _("nobody can be given work"), advice, "/settings/agents"
            )
        if n := self.numbers["idle_groups"]:
            said = ngettext("%(num)s has no members", "%(num)s have no members", n)
            advice = _("Tickets given to it wait for nobody. Add members or archive it.")
            yield Finding("groups", "warn", _("Teams"), said, advice, "/settings/groups")
        if n := self.numbers["storeless"]:
            said = ngettext("%(num)s works for no store", "%(num)s work for no store", n)
            advice = _("They see no tickets. Say for which stores they work.")
            yield Finding("storeless", "warn", _("Agents"), said, advice, "/settings/users")

    def _halves(self) -> Iterator[Finding]:
        advice = _("Readers of that language get the other one. Fill it in.")
        for key, (label, _kind, _gone) in NAMED.items():
            if n := self.numbers[f"half_{key}"]:
                said = ngettext("%(num)s text lacks one language", "%(num)s texts lack one language", n)
                yield Finding(f"half-{key}", "warn", label, said, advice, f"/settings/{key}")


def _lacks_half(kind: Any) -> ColumnElement[bool]:
    """Of a pair, one is there and the other is not."""
    pairs = [(kind.name_en, kind.name_vi)]
    if kind is CannedReply:
        pairs.append((kind.body_en, kind.body_vi))
    return or_(*(_empty(one) != _empty(other) for one, other in pairs))


def _empty(half: Any) -> ColumnElement[bool]:
    return func.coalesce(half, "") == ""


def _rules() -> Iterator[Finding]:
    hits, old = Hits.now(), clock.now() - SETTLED
    rules = [
        rule for rule in Rule.all_in_order() if rule.is_on and not rule.is_shipped and rule.created_at < old
    ]
    if idle := [rule.name for rule in rules if rule.id not in hits.ever]:
        said = _("these have never chosen anybody: %(names)s", names=", ".join(idle[:NAMES_SHOWN]))
        advice = _("Try them out, and change or switch them off.")
        yield Finding("rules", "warn", _("Assignment rules"), said, advice, "/settings/rules")


def _calendars() -> Iterator[Finding]:
    year = str(clock.now().year + 1)
    newest = CalendarVersion.newest_ones().join(Calendar).where(Calendar.archived_at.is_(None))
    lacking = [
        version.calendar.name for version in db.session.scalars(newest)
        if not any(str(day["date"]).startswith(year) for day in version.holidays) and year not in str(version.closures)
    ]  # fmt: skip
    if lacking:
        names = ", ".join(lacking[:NAMES_SHOWN])
        said = _("no days off are known for %(year)s: %(names)s", year=year, names=names)
        advice = _("Choose the country, or enter the days off of next year.")
        yield Finding("calendars", "warn", _("Calendars"), said, advice, "/settings/calendars")
