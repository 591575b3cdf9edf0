"""The profile as people edit it: the trait of being changed, by a manager or by oneself (AGT-001, AGT-003, AGT-009)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, select

from helpdesk.accounts.user import Membership, User, refuse_all_but_managers
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.leave import Leave
from helpdesk.core import clock
from helpdesk.core.adding import add_once
from helpdesk.core.db import db
from helpdesk.core.errors import Refusal
from helpdesk.core.events import Actor, record
from helpdesk.core.i18n import LANGUAGES, _
from helpdesk.organizers.merchant import Merchant

if TYPE_CHECKING:
    from helpdesk.agents.agent import Agent

MOST_CAP = 1000
MOST_LEAVES = 100  # ahead of one person
OWN = frozenset({"schedule", "substitute_id", "time_zone"})  # what somebody may change for himself
PLAIN = ("cap", "languages", "substitute_id", "schedule")  # columns of the profile itself


class Profile:
    """The trait of being edited."""

    @classmethod
    def make(cls: type[Agent], user: User, *, by: Actor) -> Agent:
        """Let a user be given work: his profile, with the language he reads. One that is there is as it was."""
        refuse_all_but_managers(by)
        kept = cls.kept(user.id, lock=True)
        if kept and kept.relieved_at is None:
            return kept
        if kept or add_once(cls(user_id=user.id, languages=[user.language])):
            profile = kept or cls.of_now(user.id)
            profile.relieved_at = None
            profile._turned(is_assignable=True, by=by)
            profile.settle(by=by)
        return cls.of_now(user.id)

    def relieve(self: Agent, *, by: Actor) -> None:
        """Give him no more work. What he can and when he works is kept for the day on which he is made assignable.

        The caller holds the organizer and the row, and sees to his tickets. Twice changes nothing.
        """
        refuse_all_but_managers(by)
        if self.relieved_at is None:
            self.relieved_at = clock.now()
            self.hand_back_at = self.look_at = None
            self._turned(is_assignable=False, by=by)

    def _turned(self: Agent, *, is_assignable: bool, by: Actor) -> None:
        self.version += 1
        changed = {"is_assignable": [not is_assignable, is_assignable]}
        record("agent.changed", on=None, by=by, user=self.user_id, called=self.user.name, changed=changed)

    @classmethod
    def of_now(cls: type[Agent], user_id: int) -> Agent:
        """The profile of somebody who can be given work, locked."""
        profile = cls.of(user_id, lock=True)
        assert profile is not None
        return profile

    @classmethod
    def stand_ins_for(cls: type[Agent], user_id: int) -> Select[tuple[int, str]]:
        """Who can be somebody's substitute, (id, name): the other active users who can be given work."""
        others = select(User.id, User.name).where(User.is_active, User.id.in_(cls.able()))
        return others.where(User.id != user_id).order_by(User.name, User.id)

    @property
    def values(self: Agent) -> dict[str, Any]:
        """What can be changed, as `change` takes it."""
        there = select(Merchant.id).where(Merchant.deleted_at.is_(None))
        linked = and_(
            Membership.user_id == User.id, Membership.deleted_at.is_(None), Membership.merchant_id.in_(there)
        )
        member = and_(GroupMember.user_id == User.id, GroupMember.removed_at.is_(None))
        places = select(Membership.merchant_id, GroupMember.group_id).select_from(
            User
        )  # one question for both
        places = places.outerjoin(Membership, linked).outerjoin(GroupMember, member)
        found = db.session.execute(places.where(User.id == self.user_id)).all()
        return {
            "cap": self.cap, "languages": in_order(self.languages), "substitute_id": self.substitute_id,
            "schedule": self.schedule, "time_zone": self.user.time_zone,
            "merchants": sorted({row[0] for row in found if row[0]}),
            "groups": sorted({row[1] for row in found if row[1]}),
            "skills": AgentSkill.levels_of(self.user_id),
        }  # fmt: skip

    def change(self: Agent, values: Mapping[str, Any], *, by: Actor) -> None:
        """Take over values of a form; what is the same stays unsaid. The caller holds the organizer and the row.

        A manager changes everything, somebody himself when he works, where, and who stands in for him.
        """
        refuse_all_but_managers(by, own=self.user_id if values.keys() <= OWN else None)
        before = self.values
        new = {name: in_order(value) if name == "languages" else value for name, value in values.items()}
        changed = {name: [before[name], value] for name, value in new.items() if before[name] != value}
        if not changed:
            return
        self._refuse(changed)
        for name, (_old, value) in changed.items():
            self._take_over(name, value, by)
        self.version += 1
        if changed.keys() & {"time_zone", "merchants"}:
            self.user.version += 1  # forms of the account show these, too
        record(
            "agent.changed", on=None, by=by, user=self.user_id, called=self.user.name,
            changed={name: [_kept(old), _kept(value)] for name, (old, value) in changed.items()},
        )  # fmt: skip
        self.settle(by=by)

    def take_leave(self: Agent, first: date, last: date, *, by: Actor, note: str = "") -> Leave:
        """Enter days on which he does not work. Refuses days that are over, and more than anybody plans."""
        refuse_all_but_managers(by, own=self.user_id)
        if last < clock.now().astimezone(self.clock_zone).date():
            raise Refusal(_("These days are over."))
        if len(db.session.scalars(Leave.ahead(self.user_id)).all()) >= MOST_LEAVES:
            raise Refusal(_("At most %(n)s leaves can be entered ahead.", n=MOST_LEAVES))
        leave = Leave.take(self.user, first, last, by=by, note=note)
        self.settle(by=by)
        return leave

    def cancel_leave(self: Agent, leave: Leave, *, by: Actor) -> None:
        """He works on these days after all."""
        refuse_all_but_managers(by, own=self.user_id)
        leave.cancel(self.user, by=by)
        self.settle(by=by)

    def _refuse(self: Agent, changed: Mapping[str, list[Any]]) -> None:
        cap = changed.get("cap", [0, 0])[1]
        if not 0 <= cap <= MOST_CAP:
            raise Refusal(_("A cap is a number from 0 to %(n)s.", n=MOST_CAP))
        substitute_id = changed.get("substitute_id", [None, None])[1]
        if substitute_id == self.user_id:
            raise Refusal(_("Nobody stands in for himself. Choose somebody else."))
        if (
            substitute_id
            and not db.session.execute(
                self.stand_ins_for(self.user_id).where(User.id == substitute_id)
            ).first()
        ):
            raise Refusal(_("Only somebody active who can be given work can stand in. Choose somebody else."))

    def _take_over(self: Agent, name: str, value: Any, by: Actor) -> None:
        ways: dict[str, Callable[[], None]] = {
            "time_zone": lambda: setattr(self.user, "time_zone", value),
            "merchants": lambda: self.user.work_only_for(value),
            "skills": lambda: AgentSkill.set(
                self.user_id, AgentSkill.archived_levels_of(self.user_id) | value
            ),
            "groups": lambda: Group.place(self.user_id, value, by=by),
        }
        if name in PLAIN:
            setattr(self, name, value)
        else:
            ways[name]()


def in_order(languages: Collection[str]) -> list[str]:
    """Languages in the one order in which they are kept."""
    return [code for code in LANGUAGES if code in languages]


def _kept(value: Any) -> Any:
    """As events keep it: keys are words there."""
    is_levels = isinstance(value, dict) and all(isinstance(key, int) for key in value)
    return {str(key): level for key, level in value.items()} if is_levels else value
