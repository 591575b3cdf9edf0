"""Who is on now and how loaded: everybody who can be given work, on one page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import select

from helpdesk.accounts.user import Membership, User
from helpdesk.agents.agent import Agent
from helpdesk.agents.agent_skill import AgentSkill
from helpdesk.agents.group import Group, GroupMember
from helpdesk.agents.leave import Leave
from helpdesk.agents.skill import Skill
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.name_order import by_name
from helpdesk.organizers.merchant import Merchant

STATES = ("online", "busy", "away", "offline", "off_shift")


@dataclass
class Post:
    """One agent's line."""

    agent: Agent
    ends_at: datetime | None  # the shift that is on
    begins_at: datetime | None  # the next one
    is_on_leave: bool  # which is why none is on
    merchants: dict[int, str] = field(default_factory=dict)  # id → name
    groups: list[Group] = field(default_factory=list)
    skills: list[tuple[Skill, int]] = field(default_factory=list)

    @property
    def state(self) -> str:
        """How he is now, one of STATES."""
        return state_of(self.agent)


def state_of(agent: Agent) -> str:
    """One of STATES. Off shift is who gets nothing because of that alone: he says online, or his schedule speaks."""
    by_schedule = agent.chosen is None and agent.availability == "offline"
    is_off = not agent.is_on_shift and (agent.availability == "online" or by_schedule)
    return "off_shift" if is_off else agent.availability


class Roster:
    """Active people of the present organizer, by name. Asked once, in as few questions as there are kinds of things."""

    @cached_property
    def posts(self) -> list[Post]:
        """Those who can be given work."""
        found = select(Agent).join(User, Agent.user_id == User.id)
        found = found.where(User.is_active, Agent.relieved_at.is_(None))
        agents = by_name(db.session.scalars(found.order_by(User.id)), lambda one: one.user.name)
        posts = {agent.user_id: self._post(agent) for agent in agents}
        for user_id, merchant_id, name in self._merchants():
            if user_id in posts:
                posts[user_id].merchants[merchant_id] = name
        for user_id, group in self._groups():
            if user_id in posts:
                posts[user_id].groups.append(group)
        for user_id, level, skill in self._skills():
            if user_id in posts:
                posts[user_id].skills.append((skill, level))
        return list(posts.values())

    @cached_property
    def counts(self) -> dict[str, int]:
        """State → how many."""
        states = [post.state for post in self.posts]
        return {state: states.count(state) for state in STATES}

    @cached_property
    def others(self) -> Sequence[User]:
        """Active users who cannot be given work, or not any more."""
        rest = select(User).where(User.is_active, User.id.not_in(Agent.able()))
        return by_name(db.session.scalars(rest.order_by(User.id)))

    @cached_property
    def relieved(self) -> dict[int, datetime]:
        """Since when, by user, of those who could be given work once."""
        rows = select(Agent.user_id, Agent.relieved_at).where(Agent.relieved_at.is_not(None))
        return dict(db.session.execute(rows).all())

    def _post(self, agent: Agent) -> Post:
        now, shift = clock.now(), agent.shift_with(self._leaves[agent.user_id])
        if agent.is_on_shift:
            return Post(agent, shift.ends_at(now), None, False)
        return Post(agent, None, shift.begins_at(now), shift.is_on_leave(now))

    @cached_property
    def _leaves(self) -> dict[int, list[Leave]]:
        found = defaultdict(list)
        for leave in db.session.scalars(Leave.all_ahead()):
            found[leave.user_id].append(leave)
        return found

    @property
    def merchant_ids(self) -> list[int]:
        """Whose tickets they get."""
        return sorted({id_ for post in self.posts for id_ in post.merchants})

    def _merchants(self) -> Sequence[tuple[int, int, str]]:
        links = select(Membership.user_id, Merchant.id, Merchant.name).join(
            Merchant, Merchant.id == Membership.merchant_id
        )
        links = links.where(Membership.deleted_at.is_(None), Merchant.deleted_at.is_(None))
        return db.session.execute(links.order_by(Merchant.name)).all()

    def _groups(self) -> Sequence[tuple[int, Group]]:
        links = select(GroupMember.user_id, Group).join(Group, Group.id == GroupMember.group_id)
        links = links.where(GroupMember.removed_at.is_(None), Group.archived_at.is_(None))
        return db.session.execute(links.order_by(Group.id)).all()

    def _skills(self) -> Sequence[tuple[int, int, Skill]]:
        links = select(AgentSkill.user_id, AgentSkill.level, Skill).join(
            Skill, Skill.id == AgentSkill.skill_id
        )
        links = links.where(AgentSkill.removed_at.is_(None), Skill.archived_at.is_(None))
        return db.session.execute(links.order_by(Skill.id)).all()
