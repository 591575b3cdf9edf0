"""The ladder as managers see it: what a policy has of its own or takes over, changing it, and playing it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Actor, Event, record
from helpdesk.core.i18n import _, in_names
from helpdesk.escalations.ladder_step import TOLD, TRIGGERS, LadderStep
from helpdesk.escalations.roll import Roll
from helpdesk.organizers.organizer import Organizer
from helpdesk.sla.policy import Policy
from helpdesk.tickets.lifecycle import PRIORITY_LABELS, Priority
from helpdesk.tickets.ticket import Ticket

VALUES = ("trigger", "level", "delay_minutes", "told", "group_id", "priority_to")
REMEMBERED = 10  # changes that the page shows
LOOKED_AT = 200

Values = dict[str, Any]  # of a step, by `VALUES`


@dataclass(frozen=True)
class Played:
    """One step as it would be on a ticket."""

    step: LadderStep
    at: datetime
    heard_by: list[str]
    deeds: list[str]


@dataclass(frozen=True)
class Ladder:
    """The steps of one policy, or the general ones without; `own` are in force, the lowest level first."""

    policy: Policy | None
    own: list[LadderStep]

    @classmethod
    def of(cls, policy: Policy | None, *, lock: bool = False) -> "Ladder":
        """As it stands. With `lock`, once everybody else who changes one is done."""
        if lock:
            Organizer.lock()
        steps = select(LadderStep).where(
            LadderStep.policy_id == (policy.id if policy else None), LadderStep.archived_at.is_(None),
            LadderStep.organizer_id.is_not(None),
        )  # fmt: skip
        rows = db.session.scalars(steps).all()
        order = list(TRIGGERS)
        return cls(policy, sorted(rows, key=lambda step: (order.index(step.trigger), step.level)))

    @property
    def state(self) -> str:
        """What an edit was made against."""
        return "-".join(str(step.id) for step in self.own)

    @property
    def shown(self) -> list[LadderStep]:
        """Its own steps; without any, those that it takes over."""
        above = Ladder.of(None).own if self.policy and not self.own else []
        return self.own or above or self.steps("breach")

    def steps(self, trigger: str) -> list[LadderStep]:
        """What is in force for a trigger."""
        return LadderStep.ladder(self.policy.id if self.policy else None, trigger)

    @cached_property
    def groups(self) -> dict[int, Group]:
        """The teams that a step may give a ticket to, by id; those that it names already, too."""
        named = {step.group_id for step in self.own if step.group_id}
        return {g.id: g for g in db.session.scalars(select(Group)) if g.archived_at is None or g.id in named}

    def replace(self, wanted: Iterable[Values], *, by: Actor) -> None:
        """Take over the steps of a form; what is the same stays. The caller holds the lock."""
        new = [{name: values[name] for name in VALUES} for values in wanted]
        old = [values_of(step) for step in self.shown]
        if sorted(new, key=_place) == sorted(old, key=_place):
            return
        for step in self.own:
            step.archived_at = None if values_of(step) in new else clock.now()
        db.session.flush()  # before what takes their place
        kept = [values_of(step) for step in self.own if step.archived_at is None]
        policy_id = self.policy.id if self.policy else None
        db.session.add_all(LadderStep(policy_id=policy_id, **values) for values in new if values not in kept)
        self._tell(new, by=by)

    def reset(self, *, by: Actor) -> None:
        """Do without steps of its own. Twice changes nothing."""
        if not self.own:
            return
        for step in self.own:
            step.archived_at = clock.now()
        self._tell([], by=by)

    def _tell(self, new: list[Values], *, by: Actor) -> None:
        policy = self.policy
        called = {"en": policy.name_en or "", "vi": policy.name_vi or ""} if policy else None
        changes = [[self._kept(values) for values in sorted(side, key=_place)]
                   for side in ([values_of(step) for step in self.own], new)]  # fmt: skip
        record(
            "ladder.changed", on=None, by=by, policy=policy.id if policy else None, called=called,
            changes={"steps": changes},
        )  # fmt: skip

    def _kept(self, values: Values) -> Values:
        """A step as events keep it: with what its team was called then."""
        group = self.groups.get(values["group_id"] or 0)
        return values | {"group": group.names if group else None}

    def words(self, values: Values) -> str:
        """A step in one line."""
        return in_words(values)

    @property
    def history(self) -> list[Event]:
        """Its last changes, newest first."""
        said = select(Event).where(Event.ticket_id.is_(None), Event.name == "ladder.changed")
        rows = db.session.scalars(said.order_by(Event.id.desc()).limit(LOOKED_AT))
        own_id = self.policy.id if self.policy else None
        return [row for row in rows if row.data["policy"] == own_id][:REMEMBERED]

    def play(self, ticket: Ticket | None, trigger: str) -> tuple[datetime, list[Played]]:
        """From when it would count, and what would happen. Nothing is changed."""
        start = _breach_of(ticket) if ticket and trigger == "breach" else clock.now()
        return start, [
            Played(step, step.at(start), _heard(step, ticket), _deeds(step, ticket, self.groups))
            for step in self.steps(trigger)
        ]


def values_of(step: LadderStep) -> Values:
    """A step as plain values."""
    return {name: getattr(step, name) for name in VALUES}


def _place(values: Values) -> tuple[int, int]:
    return list(TRIGGERS).index(values["trigger"]), values["level"]


def in_words(values: Values) -> str:
    """A step in one line, from a form or as an event keeps it."""
    said = [
        _("%(n)s min after it", n=values["delay_minutes"]),
        ", ".join(str(TOLD[key]) for key in values["told"]),
    ]
    if values.get("group"):
        said.append(_("team “%(team)s”", team=in_names(values["group"])))
    if values["priority_to"]:
        said.append(_("priority “%(priority)s”", priority=PRIORITY_LABELS[Priority(values["priority_to"])]))
    return _("Level %(n)s", n=values["level"]) + ": " + " · ".join(said)


def _breach_of(ticket: Ticket) -> datetime:
    """When it broke, or will break, its promise; now where there is none."""
    broken = [clock_.breached_at for clock_ in ticket.tracker.clocks if clock_.breached_at]
    return max(broken) if broken else ticket.due_at or clock.now()


def _heard(step: LadderStep, ticket: Ticket | None) -> list[str]:
    if ticket:
        found = Roll().people(step.told, ticket, assignee=ticket.assignee)
        return [f"{one['name']} ({TOLD[one['as']]})" for one in found]
    return [str(TOLD[key]) for key in TOLD if key in step.told]


def _deeds(step: LadderStep, ticket: Ticket | None, groups: dict[int, Group]) -> list[str]:
    said = []
    if step.priority_to and (ticket is None or step.raises(ticket)):
        to = PRIORITY_LABELS[Priority(step.priority_to)]
        said.append(_("The priority is raised to “%(priority)s”.", priority=to))
    group = groups.get(step.group_id or 0)
    if group and ticket and not (group.archived_at is None and group.can_have(ticket.merchant_id)):
        said.append(_("Nobody in the team “%(team)s” can take it, so it stays where it is.", team=group.name))
    elif group:
        said.append(_("It is given to the team “%(team)s”.", team=group.name))
        if ticket and ticket.assignee and not group.has(ticket.assignee.id):
            said.append(_("%(name)s is not in it and hands it back.", name=ticket.assignee.name))
    return said
