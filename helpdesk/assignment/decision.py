"""A decision: who was considered, who got it, and why the others did not."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.assignment.candidate import Candidate
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.reasons import Reasons, Row
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.staff import HELD, Staff
from helpdesk.assignment.trial import Trial
from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, db, done_or_undone, wait_in_line
from helpdesk.core.events import Robot, record
from helpdesk.core.i18n import Localized, lazy
from helpdesk.core.tenancy import Tenanted, present_organizer
from helpdesk.tickets.assigning import Assignee
from helpdesk.tickets.ticket import Ticket

LOOKS = 20  # how often a choice may be overtaken by other workers before the sweep has to try again
worker = Robot("assignment", lazy("The automatic assignment"))


class Overtaken(RuntimeError):
    """Other workers were faster, time and again; whoever runs this tries again later."""


class Decision(Tenanted, Model):
    """One attempt to assign a ticket, kept with everything it was based on."""

    __tablename__ = "assignment_decisions"
    __table_args__ = (
        Index("ix_assignment_decisions_ticket", "ticket_id", "id"),
        Index("ix_assignment_decisions_rule", "rule_id", "created_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    rule_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("assignment_rules.id"))
    rule_name_en: Mapped[str] = mapped_column(String(200), default="")  # as it was called then
    rule_name_vi: Mapped[str] = mapped_column(String(200), default="")
    strategy: Mapped[str] = mapped_column(String(30))
    kept: Mapped[list[Any]]  # the candidates, as `Candidate.as_kept`
    passes: Mapped[list[Any]] = mapped_column(
        default=list
    )  # the rules that were passed over, as `Trial.passes`
    chosen_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("users.id"))
    created_at: Mapped[datetime]

    chosen: Mapped[User | None] = relationship(lazy="joined", viewonly=True)
    rule_name = Localized("rule_name")

    @classmethod
    def make(cls, ticket_id: int) -> "Decision | None":
        """Assign a ticket, if it still waits for somebody. Runs in a transaction of its own, twice is harmless.

        None where nothing was to decide, or nobody can have it for the very reasons that are known already.
        """
        ticket = Ticket.waiting([ticket_id], wait=True)
        return cls.make_for(ticket) if ticket else None

    @classmethod
    def make_for(cls, ticket: Ticket, *, looks: int = LOOKS) -> "Decision | None":
        """The same for a ticket that waits, and that the caller holds. Overtaken after so many looks."""
        trial = cls._place(ticket, Rule.in_force(ticket.merchant_id), looks)
        return cls._keep(ticket, trial) if trial.best else cls._keep_failure(ticket, trial)

    @classmethod
    def hand_on(cls, ticket: Ticket, absent: User) -> "Decision | None":
        """Give an unassigned ticket to who stands in for somebody who was away for too long; None if nobody can."""
        line = Rule(
            name_en=f"Substitute of {absent.name}", name_vi=f"Người thay thế của {absent.name}", conditions={},
            strategy="fixed", candidates={"fixed": absent.id},
        )  # fmt: skip
        trial = cls._place(ticket, [line])
        return cls._keep(ticket, trial) if trial.best else None

    @classmethod
    def begin(cls) -> None:
        """Let nobody else of the organizer who waits in line choose before this transaction ends.

        Whoever needs tickets locks them first.
        """
        wait_in_line("assignment", present_organizer() or 0)

    @classmethod
    def _place(cls, ticket: Ticket, rules: list[Rule], looks: int = LOOKS) -> Trial:
        """Give it to whom the rules choose, if they find somebody. The caller holds the ticket.

        A choice that was overtaken, for he got or lost a ticket meanwhile, is made again of things as they are then.
        """
        facts = Facts.of(ticket, with_tags=any(rule.asks.about_tags for rule in rules))
        if any(rule.strategy == "round_robin" for rule in rules):
            cls.begin()  # whose turn it is depends on everybody before
        trials: list[Trial] = []
        for more in reversed(range(looks)):
            # What a look that was overtaken holds is let go of: others may wait for it, and this one for theirs. What
            # the last one holds goes with its transaction.
            look = partial(cls._try, ticket, facts, rules, trials)
            if done_or_undone(look) if more else look():
                return trials[-1]
        raise Overtaken

    @classmethod
    def _try(cls, ticket: Ticket, facts: Facts, rules: list[Rule], trials: list[Trial]) -> bool:
        """One look, kept among the others: whether nobody was faster than its choice."""
        if trials and (doubt := trials[-1].in_doubt):
            wait_in_line(HELD, doubt)  # while nobody is held yet: two workers would wait for each other
        trials.append(trial := cls._choose(facts, rules))
        if trial.in_doubt:
            return False
        rule, best = trial.rule, trial.best
        if rule is None or best is None:
            return True
        whom = Assignee(best.user_id, best.name)
        if not ticket.assign_within_cap(whom, by=worker, why=rule.strategy, seen=best.load):
            return False
        if rule.strategy == "round_robin":
            rule.give_turn(best.user_id)
        return True

    @classmethod
    def _choose(cls, facts: Facts, rules: list[Rule]) -> Trial:
        """Whom the rules choose, kept for this ticket: workers who look at once would choose the same agent."""
        trial = Trial.of(facts, rules, staff := Staff(facts))
        while (best := trial.best) and best.user_id not in staff.getting:
            if staff.hold(best.user_id):
                return trial
            trial = Trial.of(facts, rules, staff)
        # The best even with the ticket that he is given just now; or nobody is left without such a one.
        trial.in_doubt = best.user_id if best else min(staff.getting, default=None)
        return trial

    @classmethod
    def _keep(cls, ticket: Ticket, trial: Trial) -> "Decision":
        rule, best = trial.rule, trial.best
        decision = cls(
            ticket_id=ticket.id, rule_id=rule.id if rule else None,
            rule_name_en=rule.name_en if rule else "", rule_name_vi=rule.name_vi if rule else "",
            strategy=rule.strategy if rule else "", kept=[one.as_kept() for one in trial.candidates],
            passes=trial.passes, chosen_id=best.user_id if best else None, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(decision)
        return decision

    @classmethod
    def _keep_failure(cls, ticket: Ticket, trial: Trial) -> "Decision | None":
        """Keep why nobody can have it, unless that is known; say that nobody can, once until somebody could."""
        last = db.session.scalar(cls.newest(ticket.id))
        if last and last.chosen_id is None:
            now = {(one.user_id, one.passed_over) for one in trial.candidates}
            if now == {(kept["user_id"], kept["passed_over"]) for kept in last.kept}:
                return None
        else:
            record("assignment.failed", on=ticket, by=worker)
        return cls._keep(ticket, trial)

    @classmethod
    def newest(cls, ticket_id: int) -> Select[tuple["Decision"]]:
        """The last decision on a ticket."""
        return select(cls).where(cls.ticket_id == ticket_id).order_by(cls.id.desc()).limit(1)

    @classmethod
    def has_placed(cls, ticket: Ticket) -> bool:
        """Whether its agent has it by a decision, and not by somebody's hand."""
        last = db.session.scalar(cls.newest(ticket.id))
        return last is not None and not last.is_overruled(ticket)

    def is_overruled(self, ticket: Ticket) -> bool:
        """Whether somebody gave or took the ticket by hand after this."""
        return ticket.assigned_at is not None and ticket.assigned_at > self.created_at

    @property
    def candidates(self) -> list[Candidate]:
        """Those who were considered, as they were then."""
        return [Candidate.from_kept(kept) for kept in self.kept]

    @property
    def rows(self) -> list[Row]:
        """The candidates with the reason in the reader's words."""
        return Reasons(self.candidates, self.chosen_id).rows
