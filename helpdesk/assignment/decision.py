"""A decision: who was considered, who got it, and why the others did not."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User, merchants_of, workers_of
from helpdesk.agents.agent import Agent
from helpdesk.agents.group import Group
from helpdesk.assignment.candidate import STRATEGIES, Candidate
from helpdesk.assignment.rule import Rule
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.events import Robot, record
from helpdesk.core.i18n import Localized, _, lazy
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket

BACKLOG = 50
SWEEP_AFTER = timedelta(seconds=5)  # younger tickets are being assigned by the reaction to their creation
worker = Robot("assignment", lazy("The automatic assignment"))


class Decision(Tenanted, Model):
    """One attempt to assign a ticket, kept with everything it was based on."""

    __tablename__ = "assignment_decisions"
    __table_args__ = (Index("ix_assignment_decisions_ticket", "ticket_id", "id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    rule_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("assignment_rules.id"))
    rule_name_en: Mapped[str] = mapped_column(String(200), default="")  # as it was called then
    rule_name_vi: Mapped[str] = mapped_column(String(200), default="")
    strategy: Mapped[str] = mapped_column(String(30))
    kept: Mapped[list[Any]]  # the candidates, as `Candidate.as_kept`
    chosen_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    created_at: Mapped[datetime]

    chosen: Mapped[User | None] = relationship(lazy="joined")
    rule_name = Localized("rule_name")

    @classmethod
    def make(cls, ticket_id: int) -> "Decision | None":
        """Assign a ticket, if it still waits for somebody. Runs in a transaction of its own, twice is harmless.

        A choice that was overtaken (the agent filled up meanwhile) goes to the next best of the same list.
        """
        ticket = Ticket.for_deed(ticket_id)
        if ticket.status != Status.OPEN or ticket.assignee_id or ticket.deleted_at:
            return None
        candidates = cls._candidates(ticket)
        for rule in Rule.in_force():
            eligible = [c for c in candidates if c.passed_over is None]
            for best in STRATEGIES[rule.strategy](eligible):
                if ticket.assign_within_cap(
                    db.session.get_one(User, best.user_id), by=worker, why=rule.strategy
                ):
                    return cls._keep(ticket, rule, candidates, best)
        return cls._keep_failure(ticket, candidates)

    @classmethod
    def _candidates(cls, ticket: Ticket) -> list[Candidate]:
        people = workers_of(ticket.merchant_id).with_only_columns(User.id)
        profiles = db.session.scalars(select(Agent).where(Agent.user_id.in_(people)).order_by(Agent.user_id))
        members = set(db.session.scalars(Group.member_ids(ticket.group_id))) if ticket.group_id else None
        return [
            Candidate(
                p.user_id, p.user.name, p.load, p.cap, p.availability,
                p.last_assigned_at.timestamp() if p.last_assigned_at else 0.0,
                in_group=members is None or p.user_id in members,
            )
            for p in profiles
        ]  # fmt: skip

    @classmethod
    def _keep(
        cls, ticket: Ticket, rule: Rule | None, candidates: list[Candidate], best: Candidate | None
    ) -> "Decision":
        decision = cls(
            ticket_id=ticket.id, rule_id=rule.id if rule else None,
            rule_name_en=rule.name_en if rule else "", rule_name_vi=rule.name_vi if rule else "",
            strategy=rule.strategy if rule else "", kept=[c.as_kept() for c in candidates],
            chosen_id=best.user_id if best else None, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(decision)
        return decision

    @classmethod
    def _keep_failure(cls, ticket: Ticket, candidates: list[Candidate]) -> "Decision | None":
        """Keep it, and say so, unless the last attempt failed for the very same reasons."""
        last = db.session.scalar(cls.newest(ticket.id))
        reasons = {(c.user_id, c.passed_over) for c in candidates}
        if (
            last
            and last.chosen_id is None
            and {(k["user_id"], k["passed_over"]) for k in last.kept} == reasons
        ):
            return None
        record("assignment.failed", on=ticket, by=worker)
        return cls._keep(ticket, None, candidates, None)

    @classmethod
    def newest(cls, ticket_id: int) -> Any:
        """The last decision on a ticket."""
        return select(cls).where(cls.ticket_id == ticket_id).order_by(cls.id.desc()).limit(1)

    @classmethod
    def make_missing(cls) -> bool:
        """Try again what still waits: nearest due first. Answers whether there may be more."""
        waiting = select(Ticket.id).where(
            Ticket.status == Status.OPEN, Ticket.assignee_id.is_(None), Ticket.deleted_at.is_(None),
            Ticket.created_at < clock.now() - SWEEP_AFTER, Ticket.merchant_id.in_(merchants_of(cls._able())),
            or_(Ticket.group_id.is_(None), Ticket.group_id.in_(Group.with_some_of(cls._able()))),
        )  # fmt: skip
        ids = db.session.scalars(waiting.order_by(Ticket.sort_at, Ticket.id).limit(BACKLOG)).all()
        made = [cls.make(ticket_id) for ticket_id in ids]
        return len(ids) == BACKLOG and all(d and d.chosen_id for d in made)

    @classmethod
    def _able(cls) -> Select[tuple[int]]:
        """Users who could take a ticket now; what none of them can have would hold up all others."""
        return select(Agent.user_id).where(Agent.availability == "online", Agent.load < Agent.cap)

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """The candidates with the reason in the reader's words."""
        return [
            {
                "name": kept["name"], "load": kept["load"], "cap": kept["cap"],
                "eligible": kept["passed_over"] is None, "reason": _reason(kept, self.chosen_id),
            }
            for kept in self.kept
        ]  # fmt: skip


def _reason(kept: dict[str, Any], chosen_id: int | None) -> str:
    if kept["user_id"] == chosen_id:
        return _("chosen")
    passed_over = kept["passed_over"]
    words = {
        None: _("eligible, others had more room"),
        "not_in_group": _("not in the team that has the ticket"),
        "at_cap": _("at cap %(load)s/%(cap)s", load=kept["load"], cap=kept["cap"]),
        "availability:busy": _("busy"),
        "availability:away": _("away"),
        "availability:offline": _("offline"),
    }
    return words.get(passed_over) or str(passed_over)
