"""The bulk item: one ticket of a bulk run, and what became of it there."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.core.db import BigId, Id, Model, db
from helpdesk.core.errors import NotAllowed, Refusal
from helpdesk.core.events import Event
from helpdesk.core.i18n import _
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.standing import Standing
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed

if TYPE_CHECKING:
    from helpdesk.tickets.bulk_run import BulkRun

WAITING, DONE, SAME, SKIPPED = "waiting", "done", "same", "skipped"
TOUCHES = ("ticket.%", "message.%", "reply.%")  # what somebody, or a rule, did to a ticket; clocks only run
MOST_TRIES = 3
_LONGEST = 300


class BulkItem(Tenanted, Model):
    """Done, the same already, or skipped with the reason, in the same transaction as the deed: never twice."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        UniqueConstraint("run_id", "ticket_id"),
        Index("ix_bulk_items_state", "run_id", "state", "tries", "id"),
    )

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("bulk_runs.id"))
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    why: Mapped[str] = mapped_column(String(_LONGEST), default="")  # in the language of who did it
    tries: Mapped[int] = mapped_column(default=0)
    before: Mapped[dict[str, Any] | None]  # how the ticket stood, see `Standing`
    event_id: Mapped[int | None] = mapped_column(BigId)  # the last thing that had happened to it then

    run: Mapped["BulkRun"] = relationship(back_populates="items")
    ticket: Mapped[Ticket] = relationship()

    @classmethod
    def next_of(cls, run_id: int) -> "BulkItem | None":
        """One that still waits and that no other worker has in hand, locked."""
        waiting = select(cls).where(cls.run_id == run_id, cls.state == WAITING).order_by(cls.tries, cls.id)
        free = waiting.limit(1).with_for_update(skip_locked=True, key_share=True)
        return db.session.scalar(free.execution_options(populate_existing=True))

    def perform(self, run: "BulkRun", user: User) -> None:
        """Do it to this ticket, with the rights that he has now. What is refused is taken back, and said."""
        try:
            with db.session.begin_nested():
                self._perform(run, user)
        except Refusal as refusal:  # also that he may not
            self._end(SKIPPED, refusal.message)

    def _perform(self, run: "BulkRun", user: User) -> None:
        if not user.is_active:
            raise NotAllowed(_("You do not have permission to do this."))
        ticket = self._found(run, user)
        self.before, seen = Standing.of(ticket).said, self._last_event()
        if run.undoes:
            self._undo(run, ticket, user)
        for deed in run.ordered:
            deed.do(ticket, by=user)
        db.session.flush()
        self.event_id = self._last_event()
        is_silent = any(deed.kind == "follow" for deed in run.ordered)
        self._end(DONE if is_silent or self.event_id != seen else SAME)

    def _found(self, run: "BulkRun", user: User) -> Ticket:
        """The ticket as its viewer sees it now, locked; with the one that goes on, in the order of their ids."""
        TicketDeed.lock_for(run.held)
        number = db.session.scalars(select(Ticket.number).where(Ticket.id == self.ticket_id)).one()
        into = next((deed.value for deed in run.ordered if deed.kind == "merge"), "")
        if into:
            ticket, _other = Ticket.find_two(number, into, user)
        else:
            ticket = Ticket.find(number, user, lock=True)
        if ticket is None:
            raise NotAllowed(_("It is not there any more, or not yours to see."))
        return ticket

    def _undo(self, run: "BulkRun", ticket: Ticket, user: User) -> None:
        done = db.session.scalars(
            select(BulkItem).where(BulkItem.run_id == run.undo_of_id, BulkItem.ticket_id == self.ticket_id)
        ).one()
        if done.before is None or done.event_id != self._last_event():
            raise Refusal(_("Somebody has changed it since; it stays as it is now."))
        Standing(**done.before).restore(ticket, by=user)

    def _last_event(self) -> int | None:
        """The newest that was done to it."""
        touched = or_(*(Event.name.like(name) for name in TOUCHES))
        return db.session.scalar(select(func.max(Event.id)).where(Event.ticket_id == self.ticket_id, touched))

    def _end(self, state: str, why: str = "") -> None:
        self.state, self.why = state, why[:_LONGEST]

    def stumbled(self) -> None:
        """A fault of ours came in between. It is tried again, behind the others, and in the end left out."""
        self.tries += 1
        if self.tries >= MOST_TRIES:
            self._end(SKIPPED, _("It is our fault, and we have been told. Try again in a moment."))
