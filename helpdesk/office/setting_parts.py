"""Settings that are made of many: told part by part, so that only what is other is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpdesk.assignment.rule_choices import RuleChoices
from helpdesk.assignment.rule_words import RuleWords
from helpdesk.core.i18n import _
from helpdesk.core.opening_times import OpeningTimes, day_name
from helpdesk.core.week import DAYS
from helpdesk.sla.clock import KINDS
from helpdesk.sla.demand import PRIORITIES
from helpdesk.tickets.lifecycle import CLOCK_LABELS, PRIORITY_LABELS, Priority
from helpdesk.tickets.policy_facts import duration

Lines = list[tuple[str, str]]  # what each part is called, and what it says
OF_RULES = {"conditions", "candidates"}
PLAIN_RULE = {  # what of a rule is the same before and after, and so is not told
    "name_en": "", "name_vi": "", "merchant_id": None, "strategy": "load_balanced", "conditions": {}, "candidates": {},
}  # fmt: skip
TOLD = frozenset({*OF_RULES, "targets", "schedule"})


@dataclass
class SettingParts:
    """What names things is looked up once for a page, and only where it is asked for."""

    choices: RuleChoices = field(default_factory=RuleChoices)

    def differences(self, changes: Mapping[str, tuple[Any, Any]]) -> list[tuple[str, str, str]]:
        """Of the changes of one event: part, before, after."""
        found: list[tuple[str, str, str]] = []
        if OF_RULES & changes.keys():
            found += _pairs(*(self._rule(changes, side) for side in (0, 1)))
        if "targets" in changes:
            found += _pairs(*(_targets(side or {}) for side in changes["targets"]))
        if "schedule" in changes:
            found += _pairs(*(_week(side) for side in changes["schedule"]))
        return [one for one in found if one[1] != one[2]]

    def _rule(self, changes: Mapping[str, tuple[Any, Any]], side: int) -> Lines:
        kept = {name: changes[name][side] for name in OF_RULES & changes.keys()}
        return RuleWords(PLAIN_RULE | kept, self.choices).lines()


def _pairs(before: Lines, after: Lines) -> list[tuple[str, str, str]]:
    return [(label, old, new) for (label, old), (_label, new) in zip(before, after, strict=True)]


def _targets(targets: Mapping[str, Mapping[str, int | None]]) -> Lines:
    return [
        (
            f"{PRIORITY_LABELS[Priority(level)]} · {CLOCK_LABELS[kind]}",
            duration(targets.get(level, {}).get(kind)),
        )
        for level in PRIORITIES for kind in KINDS
    ]  # fmt: skip


def _week(schedule: Any) -> Lines:
    times = OpeningTimes(schedule or {})
    has_hours = (_("Has working hours"), _("No") if schedule is None else _("Yes"))
    return [has_hours, *((day_name(day), times.line(day)) for day in DAYS)]
