"""How a ticket ends: the trait of being resolved, reopened, confirmed and closed."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Actor, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.lifecycle import CLOSE_REASONS, Status

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

auto_close = Robot("auto-close", lazy("The system"))
BATCH = 100


class Closing:
    """The trait of coming to an end."""

    def resolve(self: "Ticket", *, by: User, note_en: str = "", note_vi: str = "") -> None:
        """Say what the solution was. It closes by itself if the customer is silent. Twice changes nothing."""
        if self.status == Status.RESOLVED:
            return
        if not (note_vi if self.language == "vi" else note_en):
            raise Refusal(_("Write the resolution note in the customer's language."))
        now = clock.now()
        self.resolution_note_en, self.resolution_note_vi = note_en, note_vi
        self.resolved_at, self.resolved_by = now, by
        self.auto_close_at = now + timedelta(hours=Organizer.present().auto_close_hours)
        self._move(Status.RESOLVED, by=by, event="ticket.resolved", at=now)
        self.tracker.resolved(now)
        self._follow_clocks()

    def reopen(self: "Ticket", *, by: Actor, to: Status | None = None) -> None:
        """Go on with it: to its agent where he can still have it, else, or with `to` OPEN, to whoever is chosen."""
        if self.status != Status.RESOLVED:
            raise Refusal(_("Only a resolved ticket can be reopened."))
        now = clock.now()
        profile = Agent.of(self.assignee_id) if self.assignee_id else None
        keeps = profile and self.assignee.is_active and self.assignee.sees_merchant(self.merchant_id)
        self.auto_close_at = self.resolved_at = self.resolved_by = None
        to = to or (Status.ASSIGNED if keeps else Status.OPEN)
        if not keeps or to == Status.OPEN:
            self._belongs_to(None)
        self._move(to, by=by, event="ticket.reopened", at=now)
        self.tracker.reopened(now)
        self._follow_clocks()

    def confirm(self: "Ticket", *, by: Customer, rating: int | None = None, comment: str = "") -> None:
        """The customer says that it is solved, and may rate it (1 to 5). Again: only the rating is taken over."""
        if self.status not in (Status.RESOLVED, Status.CLOSED):
            raise Refusal(_("This request is not resolved yet."))
        if self.status == Status.RESOLVED:
            self._close(by=by, closed_by="customer", reason="confirmed")
        if rating and self.rating is None:
            self.rating, self.rating_comment = rating, comment or None
            record("ticket.rated", on=self, by=by, rating=rating)

    def close(self: "Ticket", *, by: User, reason: str) -> None:
        """End it without a solution. A manager's deed, with a reason."""
        if self.is_closed:
            return
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may close a ticket."))
        if reason not in CLOSE_REASONS:
            raise Refusal(_("Choose a reason: duplicate, spam or withdrawn."))
        self._close(by=by, closed_by="manager", reason=reason)

    def _close(self: "Ticket", *, by: Actor, closed_by: str, reason: str) -> None:
        now = clock.now()
        self.closed_at, self.closed_by, self.close_reason = now, closed_by, reason
        self.auto_close_at = None
        self._move(Status.CLOSED, by=by, event="ticket.closed", at=now, closed_by=closed_by, reason=reason)
        self.tracker.ended(now)
        self._follow_clocks()

    def close_if_silent(self: "Ticket", at: datetime) -> None:
        """Close it if its instant has come and nobody said anything meanwhile."""
        if self.status == Status.RESOLVED and self.auto_close_at and self.auto_close_at <= at:
            self._close(by=auto_close, closed_by="auto", reason="silence")

    @classmethod
    def close_silent(cls) -> bool:
        """Close resolved tickets whose customers were silent. Answers whether there may be more."""
        due = select(cls).where(cls.auto_close_at <= clock.now(), cls.deleted_at.is_(None)).limit(BATCH)
        tickets = db.session.scalars(due.order_by(cls.auto_close_at).with_for_update(skip_locked=True)).all()
        for ticket in tickets:
            ticket.close_if_silent(clock.now())
        return len(tickets) == BATCH
