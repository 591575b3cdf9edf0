"""The ladder: what is raised when, who is told, and what is done by itself."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.agents.group import Group
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.events import Robot
from helpdesk.core.i18n import lazy
from helpdesk.core.seeds import shipped
from helpdesk.core.tenancy import Shippable
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.ticket import Ticket

LEVELS = (1, 2, 3)
TRIGGERS = {  # SLA-008
    "breach": lazy("SLA breached"),
    "manual": lazy("Raised by hand"),
    "customer": lazy("The customer asked for it"),
    "high_impact": lazy("High impact"),
    "incident": lazy("Many requests at once"),
    "no_agent": lazy("Nobody could be assigned"),
}
TOLD = {  # in the order in which a reason counts for who is several of them
    "assignee": lazy("Assignee"),
    "lead": lazy("Team lead"),
    "managers": lazy("Managers"),
    "admins": lazy("Administrators"),
}
SHIPPED = ((1, 0, ["assignee", "managers"]), (2, 60, ["managers"]), (3, 240, ["managers", "admins"]))
ladder = Robot("escalation ladder", lazy("The escalation ladder"))


class LadderStep(Shippable, Model):
    """One rung: a level, how long after the trigger, whom to tell, what to do.

    Steps for `breach` stand for every trigger that has none of its own. Without a policy they are the organizer's
    general ladder; without an organizer they are the shipped one. A step is never changed: it is archived, and
    another takes its place.
    """

    __tablename__ = "ladder_steps"
    __table_args__ = (
        partial_index(
            "uq_ladder_steps_rung", "organizer_id", "policy_id", "trigger", "level", where="archived_at IS NULL",
            unique=True,
        ),
    )  # fmt: skip

    id: Mapped[Id]
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("sla_policies.id"))
    trigger: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    delay_minutes: Mapped[int]
    told: Mapped[list[str]]
    group_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("groups.id"))  # to which it is given
    priority_to: Mapped[str | None] = mapped_column(String(10))  # to which it is raised
    archived_at: Mapped[datetime | None]

    @classmethod
    def ladder(cls, policy_id: int | None, trigger: str) -> list["LadderStep"]:
        """The steps in force for a trigger, in their order; one question.

        The policy's own for it, else those that it has for every trigger; else the same of the general ladder, else
        the shipped one. The nearest counts as a whole: levels that it leaves out are not filled in.
        """
        wide = or_(cls.policy_id.is_(None), cls.policy_id == policy_id)
        live = select(cls).where(cls.archived_at.is_(None), cls.trigger.in_((trigger, "breach")), wide)
        steps = db.session.scalars(live.order_by(cls.level)).all()
        nearest = min((step._distance(trigger) for step in steps), default=None)
        return [step for step in steps if step._distance(trigger) == nearest]

    def _distance(self, trigger: str) -> tuple[bool, ...]:
        return self.policy_id is None, self.organizer_id is None, self.trigger != trigger

    @classmethod
    def after(cls, policy_id: int | None, trigger: str, level: int) -> "LadderStep | None":
        """The next step above a level; None at the top."""
        return next((step for step in cls.ladder(policy_id, trigger) if step.level > level), None)

    def at(self, triggered_at: datetime) -> datetime:
        """When it comes, counted from the trigger and not from when anybody noticed."""
        return triggered_at + timedelta(minutes=self.delay_minutes)

    def act_on(self, ticket: Ticket) -> dict[str, Any]:
        """Do what it does by itself, as the ladder. Answers what was done; a priority is never lowered."""
        done: dict[str, Any] = {}
        if self.raises(ticket):
            done["priority"] = {"from": ticket.priority, "to": self.priority_to}
            ticket.reprioritise(Priority(self.priority_to), by=ladder)
        group = db.session.get(Group, self.group_id) if self.group_id else None
        if group:
            said = {"id": group.id, "name": group.names}
            if not group.archived_at and group.can_have(ticket.merchant_id):
                if ticket.hand_to(group, by=ladder):
                    done["group"] = said
            else:  # nobody there could take it: it stays where somebody has it
                done["not_given"] = said
        return done

    def raises(self, ticket: Ticket) -> bool:
        """Whether it makes a ticket more urgent than it is."""
        order = list(Priority)
        return bool(self.priority_to) and order.index(Priority(self.priority_to)) > order.index(
            Priority(ticket.priority)
        )


@shipped
def seed_shipped() -> None:
    """Make sure that the shipped ladder is there. Twice changes nothing."""
    if db.session.scalar(select(LadderStep.id).where(LadderStep.organizer_id.is_(None)).limit(1)):
        return
    for level, minutes, told in SHIPPED:
        db.session.add(LadderStep(trigger="breach", level=level, delay_minutes=minutes, told=told))
