"""What the pages of one profile show: what can be chosen, when he works, and a state of it in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import or_, select

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.agents.leave import Leave
from helpdesk.agents.profile_form import ProfileForm, WeekForm
from helpdesk.agents.roster import state_of
from helpdesk.agents.shift import Shift
from helpdesk.agents.skill import Skill
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.i18n import _, lazy
from helpdesk.core.name_order import by_name
from helpdesk.core.opening_times import OpeningTimes, day_name
from helpdesk.core.week import DAYS
from helpdesk.core.zone import zone_names
from helpdesk.organizers.merchant import Merchant
from helpdesk.organizers.organizer import Organizer

LANGUAGE_NAMES = {"en": lazy("English"), "vi": lazy("Vietnamese")}


@dataclass(frozen=True)
class ProfilePage:
    """Of one agent."""

    agent: Agent

    @classmethod
    def to_change(cls, user_id: int) -> "ProfilePage | None":
        """Somebody's, locked: nobody else changes him or his account meanwhile. None for who has none."""
        Organizer.lock()  # before the profile, as everybody does who changes people
        agent = Agent.of(user_id, lock=True)
        return cls(agent) if agent else None

    @property
    def version(self) -> int:
        """Of what the form shows: the profile's own, and what it has in common with the account."""
        return self.agent.version + self.agent.user.version

    @cached_property
    def leaves(self) -> Sequence[Leave]:
        """What is not over yet."""
        return db.session.scalars(Leave.ahead(self.agent.user_id)).all()

    @cached_property
    def shift(self) -> Shift:
        """When he works."""
        return self.agent.shift_with(self.leaves)

    @property
    def state(self) -> str:
        """How he is now, one of STATES."""
        return state_of(self.agent)

    @property
    def ends_at(self) -> datetime | None:
        """The end of the shift that is on, if it comes within days."""
        return self.shift.ends_at(clock.now())

    @property
    def is_on_leave(self) -> bool:
        """Whether leave is why no shift is on."""
        return not self.agent.is_on_shift and self.shift.is_on_leave(clock.now())

    @property
    def begins_at(self) -> datetime | None:
        """The next shift, while none is on."""
        return None if self.agent.is_on_shift else self.shift.begins_at(clock.now())

    @property
    def zones(self) -> list[str]:
        """What can be chosen as time zone."""
        return sorted(zone_names())

    @property
    def day_names(self) -> list[tuple[str, str]]:
        """What the lines of the week are called."""
        return [(day, day_name(day)) for day in DAYS]

    @cached_property
    def merchants(self) -> dict[int, str]:
        """Names by id."""
        rows = select(Merchant.id, Merchant.name).where(Merchant.deleted_at.is_(None)).order_by(Merchant.name)
        return dict(db.session.execute(rows).all())

    @cached_property
    def groups(self) -> dict[int, Group]:
        """Those on offer, and those that he is in."""
        own = Group.ids_of(self.agent.user_id)
        rows = select(Group).where(or_(Group.archived_at.is_(None), Group.id.in_(own))).order_by(Group.id)
        return {group.id: group for group in db.session.scalars(rows)}

    @cached_property
    def skills(self) -> dict[int, Skill]:
        """By id."""
        return {skill.id: skill for skill in db.session.scalars(Skill.on_offer())}

    @cached_property
    def substitutes(self) -> dict[int, str]:
        """Names by id; the present one is among them whatever became of him."""
        able = Agent.stand_ins_for(self.agent.user_id).with_only_columns(User.id).order_by(None)
        rows = select(User.id, User.name).where(or_(User.id.in_(able), User.id == self.agent.substitute_id))
        return dict(by_name(db.session.execute(rows.order_by(User.id)).all()))

    def form(self) -> ProfileForm:
        """A manager's, filled with what is there."""
        return self.offered(ProfileForm.holding(self.agent.values, version=self.version))

    def week_form(self) -> WeekForm:
        """His own, filled with what is there."""
        own = self.agent
        values = {
            "schedule": own.schedule, "time_zone": own.user.time_zone, "substitute_id": own.substitute_id,
        }  # fmt: skip
        return self.offered(WeekForm.holding(values, version=self.version))

    def offered(self, form: Any) -> Any:
        """The form, told what can be chosen."""
        if not isinstance(form, ProfileForm):
            return form.offer(substitutes=self.substitutes)
        return form.offer(
            substitutes=self.substitutes, skills=self.skills, merchants=self.merchants, groups=self.groups
        )

    def words(self, values: dict[str, Any]) -> list[tuple[str, str]]:
        """A state of a form in words, field by field."""
        said = [
            (_("Time zone"), values["time_zone"]),
            (_("Substitute"), self.substitutes.get(values["substitute_id"], "")),
            *self._week(values["schedule"]),
        ]
        if "cap" not in values:
            return said
        skills = ((self.skills.get(id_), level) for id_, level in values["skills"].items())
        return [
            (_("Most tickets at once"), str(values["cap"])),
            (_("Languages"), ", ".join(str(LANGUAGE_NAMES[code]) for code in values["languages"])),
            (_("Stores"), ", ".join(self.merchants.get(id_, "?") for id_ in values["merchants"])),
            (_("Skills"), ", ".join(f"{skill.name} {level}" for skill, level in skills if skill)),
            *said,
        ]

    def _week(self, schedule: Any) -> list[tuple[str, str]]:
        times = OpeningTimes(schedule or {})
        return [
            (_("Has working hours"), _("No") if schedule is None else _("Yes")),
            *((day_name(day), times.line(day)) for day in DAYS),
        ]
