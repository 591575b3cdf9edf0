"""Who has a ticket: the trait of being given, taken and handed back."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, select
from sqlalchemy.orm import joinedload

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User, workers_of
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Actor, Event, record
from helpdesk.core.i18n import _
from helpdesk.tickets.lifecycle import LOADS, Priority, Status

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket


class Assignee(NamedTuple):
    """Who is given a ticket, by what is written down of him."""

    id: int
    name: str


class Assigning:
    """The trait of having an assignee."""

    @classmethod
    def waiting(cls: "type[Ticket]", ids: Collection[int], *, wait: bool = False) -> "Ticket | None":
        """The first of some that has no agent yet, locked: nearest due, then most important, then oldest.

        None if all have one. One that somebody else holds just now is passed over, unless one is to `wait` for it.
        Without its clocks: none of them stops or starts when an open ticket gets its agent. Of its customer only what
        rules ask about.
        """
        return db.session.scalar(cls._first_waiting(wait), {"ids": list(ids)})

    @classmethod
    @cache
    def _first_waiting(cls: "type[Ticket]", wait: bool) -> "Select[tuple[Ticket]]":
        open_ones = select(cls).where(cls.status == Status.OPEN, cls.assignee_id.is_(None))
        own = open_ones.where(cls.id.in_(bindparam("ids", expanding=True)), cls.deleted_at.is_(None))
        asked = own.options(joinedload(cls.customer, innerjoin=True).load_only(Customer.is_vip))
        first = asked.order_by(*cls.in_turn()).limit(1)
        locked = first.with_for_update(of=cls, key_share=True, skip_locked=not wait)
        return locked.execution_options(populate_existing=True)

    @classmethod
    def in_turn(cls: "type[Ticket]") -> tuple[ColumnElement[Any], ...]:
        """The order in which they get their agents (AGT-007)."""
        importance = {name: place for place, name in enumerate(reversed(Priority))}
        return cls.sort_at, case(importance, value=cls.priority, else_=9), cls.created_at, cls.id

    def assign_to(self: "Ticket", user: User, *, by: Actor, why: str = "") -> None:
        """Give it to somebody by hand, cap or not. Already his: nothing happens."""
        if self.is_finished:
            raise Refusal(_("A finished ticket cannot be assigned; reopen it first."))
        if self.assignee_id == user.id:
            return
        if not user.is_active or not user.sees_merchant(self.merchant_id):
            raise Refusal(_("%(name)s does not work for this store.", name=user.name))
        if user != by and Agent.is_relieved(user.id):  # whoever answers a ticket takes it all the same
            raise Refusal(_("%(name)s cannot be given tickets.", name=user.name))
        self._hand_over(user, counted=False, by=by, why=why)

    def assign_within_cap(
        self: "Ticket", user: Assignee, *, by: Actor, why: str, seen: int | None = None
    ) -> bool:
        """Give it to somebody as the worker does: only while nobody has it and he is below his cap.

        Answers False, and changes nothing, when either is no longer so, or when his load is not the one that was
        `seen`. The caller holds the ticket's row.
        """
        if self.assignee_id is not None or self.status != Status.OPEN:
            return False
        if not Agent.take(user.id, within_cap=True, seen=seen, is_given=True):
            return False
        self._hand_over(user, counted=True, by=by, why=why)
        return True

    def _hand_over(self: "Ticket", user: User | Assignee, *, counted: bool, by: Actor, why: str) -> None:
        """The new assignee carries it from now on, the old one does not. `counted`: his load says so already."""
        before, origin = self.assignee, Status(self.status)
        for user_id in sorted({user.id, *([before.id] if before else [])}):
            # in the order of ids: two tickets that change places do not wait for each other
            if user_id == user.id and not counted:
                Agent.take(user_id, within_cap=False, is_given=True)
            elif user_id != user.id and origin in LOADS:
                Agent.give_back(user_id)
        self.updated_at = clock.now()
        self._belongs_to(user, self.updated_at)
        self.status = Status.ASSIGNED
        if origin != Status.OPEN:  # an open one's clocks run, and go on so
            self.tracker.follow(self.status, self.updated_at)
            self._follow_clocks()
        self._tell(
            record(
                "ticket.assigned", on=self, by=by, **{"from": origin, "to": Status.ASSIGNED}, why=why,
                assignee={"id": user.id, "name": user.name},
                before={"id": before.id, "name": before.name} if before else None,
            )
        )  # fmt: skip

    def take(self: "Ticket", *, by: User) -> None:
        """Take it for oneself, if nobody has it."""
        if self.assignee_id not in (None, by.id):
            raise Refusal(_("%(name)s has this ticket already.", name=self.assignee.name))
        self.assign_to(by, by=by)

    def give_to(self: "Ticket", user: User, *, by: User) -> None:
        """Give it to a colleague: a manager's deed. Agents take what nobody has, and release their own (TKT-005)."""
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may give a ticket to somebody else."))
        self.assign_to(user, by=by)

    def release(self: "Ticket", *, by: Actor) -> None:
        """Hand it back: open again, for somebody else."""
        if self.assignee is None and self.status == Status.OPEN:
            return
        if self.is_finished:
            raise Refusal(_("A finished ticket cannot be assigned; reopen it first."))
        self._move(Status.OPEN, by=by, **self._whose())
        self._belongs_to(None)

    @property
    def handed_back_by(self: "Ticket") -> frozenset[int]:
        """Who had it and handed it back himself since it was last reopened: automation gives it to others."""
        if self.version == 1:  # as it was made: nobody has had it
            return frozenset()
        moves = select(Event.name, Event.actor, Event.data).where(
            Event.ticket_id == self.id, Event.name.in_(("ticket.transitioned", "ticket.reopened"))
        )
        givers = set[int]()
        for name, actor, data in db.session.execute(moves.order_by(Event.id)):
            if name == "ticket.reopened":
                givers.clear()
            elif actor["kind"] == "user" and actor["id"] == (data.get("before") or {}).get("id"):
                givers.add(actor["id"])
        return frozenset(givers)

    @property
    def team(self: "Ticket") -> Group | None:
        """The group that it was given to."""
        return db.session.get(Group, self.group_id) if self.group_id else None

    def hand_to(self: "Ticket", group: Group, *, by: Actor) -> bool:
        """Give it to a team: who has it and is none of them hands it back, so that one of them gets it.

        Answers whether anything changed.
        """
        before, is_new = self.team, self.group_id != group.id
        if is_new:
            self.group_id, self.updated_at = group.id, clock.now()
            names = [{"id": one.id, "name": one.names} if one else None for one in (before, group)]
            self._tell(record("ticket.regrouped", on=self, by=by, **{"from": names[0], "to": names[1]}))
        is_kept = self.assignee_id is None or group.has(self.assignee_id)
        if not is_kept:
            self.release(by=by)
        return is_new or not is_kept

    def _whose(self: "Ticket") -> dict[str, Any]:
        """What an event says about an assignee whom the ticket loses."""
        before = self.assignee
        return {"before": {"id": before.id, "name": before.name}, "assignee": None} if before else {}

    def _is_taken_back(self: "Ticket") -> bool:
        """Whether its agent can still have it by the rules of automation (AGT-007, AGT-010); he carries it then."""
        if self.assignee_id is None:
            return False
        works_here = db.session.scalar(workers_of(self.merchant_id).where(User.id == self.assignee_id))
        return works_here is not None and Agent.take(self.assignee_id, within_cap=True)

    def _is_kept(self: "Ticket") -> bool:
        """Whether a person may leave it with its agent, cap or not; who is on leave would not see it for days."""
        agent = Agent.of(self.assignee.id) if self.assignee else None
        if self.assignee is None or agent is None or agent.is_on_leave:
            return False
        return self.assignee.is_active and self.assignee.sees_merchant(self.merchant_id)

    def _belongs_to(self: "Ticket", user: User | Assignee | None, at: datetime | None = None) -> None:
        """Say whose it is from now on; `assignee` is read anew by its id."""
        self.assignee_id, self.assigned_at = user.id if user else None, at
        db.session.expire(self, ["assignee"])
