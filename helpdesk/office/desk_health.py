"""How an organizer's desk is: work that is late, mails that failed, settings that cannot be what was meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, not_, or_, select

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.skill import Skill
from helpdesk.assignment.hits import Hits
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Reaction
from helpdesk.core.i18n import _, ngettext
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.mail_server import MailServer
from helpdesk.notifications.suppression import Suppression
from helpdesk.office.finding import Finding
from helpdesk.office.machine_health import in_words
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.calendar import Calendar, CalendarVersion
from helpdesk.sla.clock import Clock
from helpdesk.sla.policy import Policy
from helpdesk.tickets.canned_reply import CannedReply
from helpdesk.tickets.category import Category
from helpdesk.tickets.ticket import Ticket

SLACK, DAY = timedelta(minutes=2), timedelta(days=1)
SETTLED = timedelta(days=7)  # a rule that is younger may still find its first ticket
LATE, MUCH_LATE = 60, 600  # seconds
NAMED = {  # what has a name in both languages → where it is changed, what says that it is not in use any more
    "category": (Category, Category.archived_at), "group": (Group, Group.archived_at),
    "skill": (Skill, Skill.archived_at), "calendar": (Calendar, Calendar.archived_at),
    "policy": (Policy, Policy.deleted_at), "canned": (CannedReply, CannedReply.archived_at),
    "rule": (Rule, Rule.deleted_at),
}  # fmt: skip
PAGES = {"category": "categories", "group": "groups", "skill": "skills", "calendar": "calendars",
         "policy": "policies", "canned": "canned", "rule": "rules"}  # fmt: skip


@dataclass(frozen=True)
class DeskHealth:
    """All that is counted, in one question, and a few that need names."""

    numbers: dict[str, Any]

    @classmethod
    def now(cls) -> "DeskHealth":
        """As it stands."""
        asked = {**_work(clock.now()), **_settings()}
        row = db.session.execute(
            select(Organizer.id, *(one.label(name) for name, one in asked.items())).where(
                Organizer.id == Organizer.present().id
            )
        ).one()
        return cls(dict(row._mapping))

    def findings(self) -> Iterator[Finding]:
        """In no order; of the settings only what is amiss."""
        yield self._late("relay", _("Record of events"), "unsealed_since", _("events wait for %(age)s"))
        yield self._late(
            "reactions", _("Consequences of events"), "reaction_since", _("some wait for %(age)s")
        )
        yield self._given_up()
        yield self._overdue()
        yield from self._mails()
        yield from self._amiss()
        yield from _rules()
        yield from _calendars()

    def _late(self, key: str, label: str, name: str, words: str) -> Finding:
        since = self.numbers[name]
        age = max(0.0, (clock.now() - since).total_seconds()) if since else 0.0
        if age < LATE:
            return Finding(key, "ok", label, _("nothing is late"))
        said = words % {"age": in_words(age)}
        return Finding(
            key,
            "bad" if age > MUCH_LATE else "warn",
            label,
            said,
            _("See above whether workers and Redis are there."),
        )

    def _given_up(self) -> Finding:
        label, n = _("Work that was given up"), self.numbers["given_up"]
        if not n:
            return Finding("given-up", "ok", label, _("none"))
        said = ngettext("%(num)s reaction failed for good", "%(num)s reactions failed for good", n)
        return Finding(
            "given-up",
            "warn",
            label,
            said,
            _("The log of the workers says why. Tell whoever runs the helpdesk."),
        )

    def _overdue(self) -> Finding:
        label, n = _("Sweeps"), sum(self.numbers[name] for name in ("clocks", "closings", "shifts"))
        if not n:
            return Finding("sweeps", "ok", label, _("nothing is late"))
        said = ngettext(
            "%(num)s deadline was not looked at in time", "%(num)s deadlines were not looked at in time", n
        )
        return Finding(
            "sweeps", "bad", label, said, _("See above whether the scheduler and the workers are there.")
        )

    def _mails(self) -> Iterator[Finding]:
        waiting, failed, held, servers = (
            self.numbers[n] for n in ("mails_late", "failed", "suppressed", "troubled")
        )
        log = "/settings/notifications"
        if waiting:
            said = ngettext("%(num)s mail is late", "%(num)s mails are late", waiting)
            yield Finding(
                "mails-late",
                "warn",
                _("Mails"),
                said,
                _("See above whether the mail server answers."),
                f"{log}?state=queued",
            )
        if failed:
            said = ngettext("%(num)s mail failed within a day", "%(num)s mails failed within a day", failed)
            yield Finding(
                "failed",
                "warn",
                _("Failed mails"),
                said,
                _("Read why, and send them again."),
                f"{log}?state=failed",
            )
        if held:
            said = ngettext("%(num)s address takes no mails", "%(num)s addresses take no mails", held)
            yield Finding(
                "suppressed",
                "warn",
                _("Suppressed addresses"),
                said,
                _("Their servers refused mails; ask those people, then try again from the log."),
                f"{log}?state=skipped",
            )
        if servers:
            said = ngettext("%(num)s is in trouble", "%(num)s are in trouble", servers)
            yield Finding(
                "servers",
                "bad",
                _("Mail servers of stores"),
                said,
                _("Test the connection on the page of the sender."),
                "/settings/templates/senders",
            )

    def _amiss(self) -> Iterator[Finding]:
        n = self.numbers
        if n["idle_groups"]:
            said = ngettext("%(num)s has no members", "%(num)s have no members", n["idle_groups"])
            yield Finding(
                "groups",
                "warn",
                _("Teams"),
                said,
                _("Tickets given to it wait for nobody. Add members or archive it."),
                "/settings/groups",
            )
        if n["no_policy"]:
            said = ngettext("%(num)s names no SLA policy", "%(num)s name no SLA policy", n["no_policy"])
            yield Finding(
                "categories",
                "warn",
                _("Categories"),
                said,
                _("The store's or the default policy counts for them. Choose one where that is not meant."),
                "/settings/categories",
            )
        if not n["agents"]:
            yield Finding(
                "agents",
                "bad",
                _("Agents"),
                _("nobody can be given work"),
                _("Make somebody assignable, or tickets wait."),
                "/settings/agents",
            )
        if n["storeless"]:
            said = ngettext("%(num)s works for no store", "%(num)s work for no store", n["storeless"])
            yield Finding(
                "storeless",
                "warn",
                _("Agents"),
                said,
                _("They see no tickets. Say for which stores they work."),
                "/settings/users",
            )
        for kind, page in PAGES.items():
            if half := n[f"half_{kind}"]:
                said = ngettext("%(num)s text lacks one language", "%(num)s texts lack one language", half)
                yield Finding(
                    f"half-{kind}",
                    "warn",
                    half_label(kind),
                    said,
                    _("Readers of that language get the other one. Fill it in."),
                    f"/settings/{page}",
                )


def half_label(kind: str) -> str:
    """What a kind of texts is called."""
    names = {
        "category": _("Categories"), "group": _("Teams"), "skill": _("Skills"), "calendar": _("Calendars"),
        "policy": _("SLA policies"), "canned": _("Canned replies"), "rule": _("Assignment rules"),
    }  # fmt: skip
    return names[kind]


def _count(kind: Any, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(kind.id)).where(*where).scalar_subquery()


def _work(now: datetime) -> dict[str, ScalarSelect[Any]]:
    late = now - SLACK
    waiting = select(func.min(Event.created_at)).join(Reaction, Reaction.event_id == Event.id)
    return {
        "unsealed_since": select(func.min(Event.created_at))
        .where(Event.sequence.is_(None))
        .scalar_subquery(),
        "reaction_since": waiting.where(Reaction.next_at <= now).scalar_subquery(),
        "given_up": _count(Reaction, Reaction.failed_at > now - DAY),
        "clocks": _count(Clock, Clock.next_look_at < late),
        "closings": _count(Ticket, Ticket.auto_close_at < late, Ticket.deleted_at.is_(None)),
        "shifts": _count(Agent, Agent.look_at < late),
        "mails_late": _count(Delivery, Delivery.next_at < now - 5 * SLACK),
        "failed": _count(Delivery, Delivery.state == "failed", Delivery.created_at > now - DAY),
        "suppressed": _count(Suppression, Suppression.until > now),
        "troubled": _count(MailServer, MailServer.is_on, MailServer.trouble.is_not(None)),
    }


def _settings() -> dict[str, ScalarSelect[Any]]:
    members = select(GroupMember.id).where(GroupMember.group_id == Group.id, GroupMember.removed_at.is_(None))
    stores = select(Membership.id).where(Membership.user_id == User.id, Membership.deleted_at.is_(None))
    halves = {
        f"half_{kind}": _count(model, gone.is_(None), _lacks_half(model))
        for kind, (model, gone) in NAMED.items()
    }
    return halves | {
        "idle_groups": _count(Group, Group.archived_at.is_(None), not_(members.exists())),
        "no_policy": _count(
            Category,
            Category.archived_at.is_(None),
            Category.policy_id.is_(None),
            Category.parent_id.is_(None),
        ),
        "agents": select(func.count(Agent.id))
        .join(User, User.id == Agent.user_id)
        .where(User.is_active)
        .scalar_subquery(),
        "storeless": _count(User, User.is_active, User.role == "agent", not_(stores.exists())),
    }


def _lacks_half(model: Any) -> ColumnElement[bool]:
    empty_en, empty_vi = (or_(half.is_(None), half == "") for half in (model.name_en, model.name_vi))
    lacks = and_(or_(empty_en, empty_vi), not_(and_(empty_en, empty_vi)))
    if model is CannedReply:
        lacks = or_(lacks, and_(or_(model.body_en == "", model.body_vi == "")))
    return lacks


def _rules() -> Iterator[Finding]:
    hits = Hits.now()
    old = clock.now() - SETTLED
    rules = [
        rule for rule in Rule.all_in_order() if rule.is_on and not rule.is_shipped and rule.created_at < old
    ]
    if idle := [rule.name for rule in rules if rule.id not in hits.ever]:
        said = _("these have never chosen anybody: %(names)s", names=", ".join(idle[:5]))
        yield Finding(
            "rules",
            "warn",
            _("Assignment rules"),
            said,
            _("Try them out, and change or switch them off."),
            "/settings/rules",
        )


def _calendars() -> Iterator[Finding]:
    year = clock.now().year + 1
    newest = CalendarVersion.newest_ones().join(Calendar).where(Calendar.archived_at.is_(None))
    lacking = [
        version.calendar.name for version in db.session.scalars(newest)
        if not any(str(day["date"]).startswith(str(year)) for day in version.holidays)
        and not any(str(year) in str(day) for day in version.closures)
    ]  # fmt: skip
    if lacking:
        said = _(
            "no days off are known for %(year)s: %(names)s", year=str(year), names=", ".join(lacking[:5])
        )
        yield Finding(
            "calendars",
            "warn",
            _("Calendars"),
            said,
            _("Choose the country, or enter the days off of next year."),
            "/settings/calendars",
        )
