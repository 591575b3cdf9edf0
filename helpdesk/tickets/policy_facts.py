"""Policies in words, and what their editor offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.i18n import _, lazy, ngettext
from helpdesk.sla.calendar import Calendar
from helpdesk.sla.clock import KINDS
from helpdesk.sla.demand import PRIORITIES, Demand
from helpdesk.sla.policy import Policy, PolicyVersion
from helpdesk.tickets.lifecycle import CLOCK_LABELS, PRIORITY_LABELS, STATUS_LABELS, Priority, Status
from helpdesk.tickets.policy_form import UNITS, PolicyForm, cell
from helpdesk.tickets.policy_use import PolicyUse

MINUTE, HOUR, DAY = 60, 3600, 86_400
UNIT_LABELS = {"minutes": lazy("minutes"), "hours": lazy("hours"), "days": lazy("days")}
EXAMPLES: dict[str, dict[str, Any]] = {  # key → names, targets in hours: first, next, resolution
    "mail": {
        "name_en": "E-mail within 24 hours", "name_vi": "Trả lời thư trong 24 giờ",
        "purpose": lazy("An answer within a day, around the clock; the same for every question that follows."),
        "hours": {"CRITICAL": (4, 4, 24), "HIGH": (8, 8, 48), "MEDIUM": (24, 24, 72), "LOW": (24, 24, 120)},
    },
    "vip": {
        "name_en": "VIP", "name_vi": "Khách VIP",
        "purpose": lazy("An answer within the hour and a solution within the day, for a store that promises more."),
        "hours": {"CRITICAL": (0.25, 0.5, 2), "HIGH": (0.5, 1, 4), "MEDIUM": (1, 2, 8), "LOW": (2, 4, 24)},
    },
    "weekend": {
        "name_en": "Weekend cover", "name_vi": "Trực cuối tuần",
        "purpose": lazy("Urgent tickets are answered on every day of the week; all others have more time."),
        "hours": {"CRITICAL": (1, 1, 4), "HIGH": (4, 4, 24), "MEDIUM": (48, 48, 96), "LOW": (72, 72, 168)},
    },
}  # fmt: skip


def duration(seconds: int | None) -> str:
    """A target in words, in the largest unit that leaves no rest: days from two on, since 24 hours are not "1 day"."""
    if seconds is None:
        return ""
    if seconds % DAY == 0 and seconds >= 2 * DAY:
        return ngettext("%(num)s day", "%(num)s days", seconds // DAY)
    if seconds % HOUR == 0:
        return ngettext("%(num)s hour", "%(num)s hours", seconds // HOUR)
    return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // MINUTE))


def _typed(seconds: int | None) -> tuple[str, str]:
    """A target as its fields show it: number and unit."""
    if seconds is None:
        return "", "hours"
    days, hours = seconds % DAY == 0 and seconds >= 2 * DAY, seconds % HOUR == 0
    unit = "days" if days else "hours" if hours else "minutes"
    return str(-(-seconds // (60 * UNITS[unit]))), unit


@dataclass(frozen=True)
class PolicyFacts:
    """One policy, or none yet, for its editor."""

    policy: Policy | None
    use: PolicyUse

    @classmethod
    def of(cls, policy: Policy | None) -> "PolicyFacts":
        """As it stands."""
        return cls(policy, PolicyUse.now())

    @staticmethod
    def short(seconds: int | None) -> str:
        """A target for a table."""
        if seconds is None:
            return "–"
        if seconds % DAY == 0 and seconds >= 2 * DAY:
            return _("%(n)s d", n=seconds // DAY)
        if seconds % HOUR == 0:
            return _("%(n)s h", n=seconds // HOUR)
        return _("%(n)s min", n=-(-seconds // MINUTE))

    @cached_property
    def calendars(self) -> dict[int, Calendar]:
        """All of them, by id: archived ones are in versions still."""
        return {row.id: row for row in db.session.scalars(select(Calendar).order_by(Calendar.id))}

    @cached_property
    def versions(self) -> Sequence[PolicyVersion]:
        """Newest first."""
        own = select(PolicyVersion).where(PolicyVersion.policy_id == (self.policy.id if self.policy else 0))
        return db.session.scalars(own.order_by(PolicyVersion.number.desc())).all()

    @property
    def calendar_choices(self) -> list[Calendar]:
        """Those in use, and the one that it has."""
        held = self.versions[0].calendar_id if self.versions else None
        return [row for row in self.calendars.values() if row.archived_at is None or row.id == held]

    @property
    def others(self) -> list[Policy]:
        """What can take its place."""
        return [one for one in db.session.scalars(Policy.on_offer()) if one is not self.policy]

    @cached_property
    def all_policies(self) -> dict[int, Policy]:
        """By id."""
        return {one.id: one for one in db.session.scalars(select(Policy))}

    def offer(self, form: PolicyForm) -> PolicyForm:
        """Say to the form what can be chosen."""
        return form.offer(
            calendars=[row.id for row in self.calendar_choices], merchants=[*self.use.merchants]
        )

    @property
    def values(self) -> dict[str, Any]:
        """What is saved, as the form has it."""
        policy = self.policy
        assert policy
        return {
            "name_en": policy.name_en, "name_vi": policy.name_vi, **Demand.of(self.versions[0]).columns,
            "merchant_ids": sorted(store.id for store in self.use.stores(policy.id)),
            "is_default": self.use.default_id == policy.id,
        }  # fmt: skip

    @property
    def filled(self) -> PolicyForm:
        """The form with what is saved."""
        assert self.policy
        return self.offer(form_with(self.values, version=self.policy.version))

    def words(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """A state of the form in words, field by field."""
        stores = (self.use.merchants.get(id_) for id_ in values["merchant_ids"])
        return [
            (_("Name in English"), values["name_en"]), (_("Name in Vietnamese"), values["name_vi"]),
            *self.demand_words(Demand.of(values)),
            (_("Stores"), ", ".join(store.name if store else "?" for store in stores)),
            (_("Default policy"), _("Yes") if values["is_default"] else _("No")),
        ]  # fmt: skip

    def demand_words(self, demand: Demand) -> list[tuple[str, str]]:
        """What a version asks for, in words."""
        pausing = (str(STATUS_LABELS[Status(each)]) for each in demand.pausing_statuses if each in [*Status])
        return [
            *(
                (f"{PRIORITY_LABELS[Priority(level)]} · {CLOCK_LABELS[kind]}", duration(demand.targets[level][kind]))
                for level in PRIORITIES for kind in KINDS
            ),
            (_("Hours that count"), self.calendar_word(demand.calendar_id)),
            (_("Pauses while"), ", ".join(pausing)),
            (_("Warning"), f"{demand.warn_percent} %"),
            (_("Critical"), f"{demand.critical_percent} %"),
        ]  # fmt: skip

    def calendar_word(self, calendar_id: int | None) -> str:
        """What a calendar is called."""
        if calendar_id is None:
            return _("Around the clock")
        return self.calendars[calendar_id].name if calendar_id in self.calendars else "?"

    @property
    def history(self) -> list[tuple[PolicyVersion, str, list[tuple[str, str, str]]]]:
        """Version, who made it, and what it changed: (what, before, after). Newest first."""
        ids = {version.created_by_id for version in self.versions} - {None}
        names = (
            dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all()) if ids else {}
        )
        pairs = zip(self.versions, [*self.versions[1:], None], strict=True)
        return [(new, names.get(new.created_by_id, ""), self._changes(old, new)) for new, old in pairs]

    def _changes(self, old: PolicyVersion | None, new: PolicyVersion) -> list[tuple[str, str, str]]:
        if old is None:
            return []
        both = zip(self.demand_words(Demand.of(old)), self.demand_words(Demand.of(new)), strict=True)
        return [(what, before, after) for (what, before), (_what, after) in both if before != after]


def form_with(values: Mapping[str, Any], *, version: int | None = None) -> PolicyForm:
    """The form with these values."""
    data = {name: values[name] for name in ("name_en", "name_vi", "pausing_statuses", "is_default")} | {
        "warn_percent": str(values["warn_percent"]), "critical_percent": str(values["critical_percent"]),
        "calendar_id": str(values["calendar_id"] or ""), "version": version,
        "merchant_ids": [str(id_) for id_ in values["merchant_ids"]],
    }  # fmt: skip
    for priority in PRIORITIES:
        for kind in KINDS:
            name = cell(priority, kind)
            data[name], data[f"{name}_unit"] = _typed(values["targets"][priority][kind])
    return PolicyForm(data=data)


def copy_of(policy: Policy) -> dict[str, Any]:
    """The values of a new policy that begins like another one: without its places."""
    return {
        "name_en": policy.name_en and f"{policy.name_en} (copy)",
        "name_vi": policy.name_vi and f"{policy.name_vi} (bản sao)",
        **Demand.of(policy.newest).columns, "merchant_ids": [], "is_default": False,
    }  # fmt: skip


def example(key: str) -> dict[str, Any]:
    """The values of one of the examples; of the first one where there is none of this name."""
    said = EXAMPLES.get(key, EXAMPLES["mail"])
    targets = {
        priority: dict(zip(KINDS, (int(each * HOUR) for each in hours), strict=True))
        for priority, hours in said["hours"].items()
    }
    return {
        "name_en": said["name_en"], "name_vi": said["name_vi"], "targets": targets, "warn_percent": 75,
        "critical_percent": 90, "pausing_statuses": ["WAITING_USER"], "calendar_id": None, "merchant_ids": [],
        "is_default": False,
    }  # fmt: skip
