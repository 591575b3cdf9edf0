"""How a ticket ends: the trait of being resolved, reopened, confirmed, closed, merged, gone on with and deleted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select, union_all

from helpdesk.accounts.customer import Customer
from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock, live
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Actor, Robot, record
from helpdesk.core.i18n import _, lazy
from helpdesk.organizers.organizer import Organizer
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.lifecycle import CLOSE_REASONS, LOADS, Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.search_document import NEWEST

if TYPE_CHECKING:
    from helpdesk.tickets.ticket import Ticket

auto_close = Robot("auto-close", lazy("The system"))
BATCH = 100


class Closing:
    """The trait of coming to an end."""

    def resolve(
        self: "Ticket", *, by: User, note_en: str = "", note_vi: str = "", clocks_at: datetime | None = None
    ) -> None:
        """Say what the solution was. It closes by itself if the customer is silent. Twice changes nothing.

        `clocks_at`: since when nothing is awaited any more, where that was before now.
        """
        if self.is_resolved_with(note_en, note_vi):
            return
        self._checked(Status.RESOLVED, by)
        if not (note_vi if self.language == "vi" else note_en):
            raise Refusal(_("Write the resolution note in the customer's language."))
        now = clock.now()
        self.resolution_note_en, self.resolution_note_vi = note_en, note_vi
        self.resolved_at, self.resolved_by = now, by
        self.auto_close_at = now + timedelta(hours=Organizer.present().auto_close_hours)
        self._move(Status.RESOLVED, by=by, event="ticket.resolved", at=now)
        self.tracker.resolved(clocks_at or now)
        self._follow_clocks()

    def is_resolved_with(self: "Ticket", note_en: str, note_vi: str) -> bool:
        """Whether it is resolved, and by these very words: the same form came twice."""
        own = (self.resolution_note_en or "", self.resolution_note_vi or "")
        return self.status == Status.RESOLVED and own == (note_en, note_vi)

    def reopen(self: "Ticket", *, by: Actor, to: Status | None = None) -> None:
        """Go on with it: to its agent where he can still have it, else, or with `to` OPEN, to whoever is chosen.

        A customer's reply gives it to its agent as the worker would, never above his cap (AGT-010); a person may.
        """
        if self.status != Status.RESOLVED:
            raise Refusal(_("Only a resolved ticket can be reopened."))
        if to:
            self._checked(to, by)
        counted = to != Status.OPEN and not isinstance(by, User) and self._is_taken_back()
        keeps = counted or (to != Status.OPEN and isinstance(by, User) and self._is_kept())
        now = clock.now()
        self.auto_close_at = self.resolved_at = self.resolved_by = None
        lost = {} if keeps else self._whose()
        if not keeps:
            self._belongs_to(None)
        to = to or (Status.ASSIGNED if keeps else Status.OPEN)
        self._move(to, by=by, event="ticket.reopened", at=now, counted=counted, **lost)
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

    def close(self: "Ticket", *, by: User, reason: str = "") -> None:
        """End it: a manager's deed, with a reason where there is no solution. The same twice changes nothing."""
        if self.is_closed and reason in ("", self.close_reason):
            return
        self._checked(Status.CLOSED, by)
        if not reason and self.status == Status.RESOLVED:
            reason = "solved"
        elif reason not in CLOSE_REASONS:
            raise Refusal(_("Choose a reason: duplicate, spam or withdrawn."))
        self._close(by=by, closed_by="manager", reason=reason)

    def _close(
        self: "Ticket", *, by: Actor, closed_by: str, reason: str, event: str = "ticket.closed", **data: Any
    ) -> None:
        now = clock.now()
        self.closed_at, self.closed_by, self.close_reason = now, closed_by, reason
        self.auto_close_at = None
        self._move(Status.CLOSED, by=by, event=event, at=now, closed_by=closed_by, reason=reason, **data)
        self.tracker.ended(now, Status.CLOSED)
        self._follow_clocks()

    def merge_into(self: "Ticket", other: "Ticket", *, by: User) -> None:
        """Put what was said here into another ticket of the same customer, and end (TKT-013). A manager's deed.

        The caller holds both rows. A merged one is closed, and a closed one is neither merged nor merged into: so
        there are no cycles. Nobody is mailed: the customer is told on its page, and hears from the other one.
        Agents find what came as new, and their unsent words where they can be sent.
        """
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may merge tickets."))
        if self.merged_into_id == other.id:
            return
        if self.id == other.id:
            raise Refusal(_("A ticket cannot be merged into itself."))
        if self.customer_id != other.customer_id:
            raise Refusal(_("Only tickets of the same customer can be merged."))
        for each in (self, other):
            if each.is_closed or each.deleted_at:
                raise Refusal(_("%(number)s is closed. Closed tickets are not merged.", number=each.number))
        if other.status == Status.RESOLVED:
            raise Refusal(_("%(number)s is resolved. Reopen it first.", number=other.number))
        asked_at = Message.unanswered_since(self)
        moved = Message.move_all(self, other)
        ReadingMark.lower(other, min((m.id for m in moved if m.deleted_at is None), default=NEWEST))
        Draft.move_all(self, other)
        self.merged_into = other
        self.merged_into_id = other.id
        self._close(by=by, closed_by="manager", reason="merged", event="ticket.merged", into=other.number)
        other.updated_at = clock.now()
        other.last_message_at = max(self.last_message_at, other.last_message_at)
        other._tell(record("ticket.absorbed", on=other, by=by, origin=self.number, messages=len(moved)))
        if asked_at:
            other._is_asked(asked_at, by=by)

    @property
    def kin(self: "Ticket") -> "Sequence[Ticket]":
        """What it follows or was merged into, and what follows it or was merged into it; no deleted ones."""
        cls = type(self)
        found = select(cls).where(cls.id.in_(union_all(*self.kin_ids())), cls.deleted_at.is_(None))
        return db.session.scalars(found.order_by(cls.id)).all()

    def kin_ids(self: "Ticket") -> list[Select[tuple[int]]]:
        """Their ids, each by its own index."""
        cls = type(self)
        behind = [select(cls.id).where(cls.id == (to or 0)) for to in (self.follows_id, self.merged_into_id)]
        return [
            *behind,
            *(select(cls.id).where(to == self.id) for to in (cls.follows_id, cls.merged_into_id)),
        ]

    @property
    def survivor(self: "Ticket") -> "Ticket":
        """Where this one is gone on with: the ticket that it was merged into, or itself."""
        return self.merged_into.survivor if self.merged_into else self

    @property
    def heir(self: "Ticket") -> "Ticket | None":
        """Where readers of a merged ticket are sent: the next one that is not deleted, None where there is none."""
        to = self.merged_into
        while to and to.deleted_at:
            to = to.merged_into
        return to

    @property
    def takes_follow_ups(self: "Ticket") -> bool:
        """Whether a reply on it opens a new ticket: it is closed, and was no spam."""
        return self.is_closed and self.close_reason not in ("spam", "merged")

    @property
    def takes(self: "Ticket") -> str:
        """What its customer's page takes from him: `replies`, `requests` that follow up on it, or `nothing`."""
        if not self.is_closed:
            return "replies"
        return "requests" if self.takes_follow_ups else "nothing"

    def follow_up(
        self: "Ticket", body: str, *, by: Customer, files: Sequence[Upload] = (), key: str | None = None
    ) -> "Ticket":
        """The customer's reply on a closed ticket opens a new one that links back to it (TKT-009), once per key."""
        if not self.takes_follow_ups:
            raise Refusal(_("This request is closed and takes no more messages."))
        if made := self.made_with(key):
            return made
        new = type(self).create(self.merchant, self.customer, self.opening_anew(body, files, key), by=by)
        self._tell(record("ticket.continued", on=self, by=by, number=new.number))
        return new

    @classmethod
    def close_silent(cls) -> bool:
        """Close resolved tickets whose customers were silent. Answers whether there may be more.

        Several in a transaction, in the order of their ids; a resolved one is no load of its agent's any more.
        """
        due = select(cls).where(cls.auto_close_at <= clock.now(), cls.deleted_at.is_(None)).limit(BATCH)
        free = due.order_by(cls.id).with_for_update(skip_locked=True, key_share=True)
        tickets = db.session.scalars(free).all()
        for ticket in tickets:
            ticket.close_if_silent(clock.now())
        return len(tickets) == BATCH

    def close_if_silent(self: "Ticket", at: datetime) -> None:
        """Close it if its instant has come and nobody said anything meanwhile."""
        if self.status == Status.RESOLVED and self.auto_close_at and self.auto_close_at <= at:
            self._close(by=auto_close, closed_by="auto", reason="silence")

    def delete(self: "Ticket", *, by: User) -> None:
        """Put it out of everybody's sight, its status as it is (TKT-012). A manager's deed; twice changes nothing."""
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may delete a ticket."))
        if self.deleted_at:
            return
        self.deleted_at = self.updated_at = clock.now()
        self.tracker.ended(self.deleted_at, "DELETED")
        if self.assignee_id and self.status in LOADS:
            Agent.give_back(self.assignee_id)
        self._follow_clocks()
        self._tell(record("ticket.deleted", on=self, by=by))
        for page in ("ticket", "request"):  # the open ones end now, and show what is there instead
            live.topic_changed(f"{page}.{self.id}")

    def restore(self: "Ticket", *, by: User) -> None:
        """Bring it back as it was. The time between counts for nothing: not for its clocks, nor for its closing."""
        if not by.is_at_least("manager"):
            raise NotAllowed(_("Only a manager may restore a ticket."))
        if self.deleted_at is None:
            return
        now = clock.now()
        if self.auto_close_at:
            self.auto_close_at += now - self.deleted_at
        self.deleted_at, self.updated_at = None, now
        if self.assignee_id and self.status in LOADS:
            Agent.take(self.assignee_id, within_cap=False)
        self.tracker.restored(self.status, now)
        self._follow_clocks()
        self._tell(record("ticket.restored", on=self, by=by))
