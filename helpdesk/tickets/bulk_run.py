"""The bulk run: the same done to many tickets by one person, ticket by ticket, and what became of each.

A run is proposed with its tickets pinned, and then started. A few are done within the request; many by a worker, each
ticket in a transaction of its own that also writes down that it is done. So a worker that is killed loses none and
doubles none: the lease of its run ends, and another goes on with what still waits.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.user import User
from helpdesk.agents.agent import Agent
from helpdesk.core import clock, live
from helpdesk.core.db import BigId, Id, Model, db, partial_index
from helpdesk.core.errors import Refusal
from helpdesk.core.i18n import _, ngettext
from helpdesk.core.tenancy import Tenanted
from helpdesk.tickets.bulk_item import DONE, SAME, SKIPPED, WAITING, BulkItem
from helpdesk.tickets.bulk_work import BulkWork
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed

AT_ONCE = 100  # more than these are a worker's
MOST = 10_000
SHOWN = 200  # reasons on the page


class BulkRun(BulkWork, Tenanted, Model):
    """Proposed until `started_at`; then at work until `finished_at`. `next_at`: when a worker may take it (again)."""

    __tablename__ = "bulk_runs"
    __table_args__ = (
        partial_index("ix_bulk_runs_due", "organizer_id", "next_at", where="next_at IS NOT NULL"),
        partial_index("ix_bulk_runs_unseen", "user_id", "id", where="is_news AND seen_at IS NULL"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    deeds: Mapped[list[Any]]
    macro_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("macros.id"))
    undo_of_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("bulk_runs.id"), unique=True)
    total: Mapped[int]
    unknown: Mapped[int] = mapped_column(default=0)  # were chosen, and are not there or not his to see
    done: Mapped[int] = mapped_column(default=0)  # so far, as it was told last
    same: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    is_news: Mapped[bool] = mapped_column(
        default=False
    )  # a worker finished it: its owner is told at his bell
    seen_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(viewonly=True)
    items: Mapped[list[BulkItem]] = relationship(back_populates="run", order_by=BulkItem.id)
    undoes: Mapped["BulkRun | None"] = relationship(remote_side="BulkRun.id")

    @classmethod
    def propose(
        cls,
        ids: Sequence[int],
        deeds: Sequence[TicketDeed],
        *,
        by: User,
        unknown: int = 0,
        undoes: "BulkRun | None" = None,
    ) -> "BulkRun":
        """Pin which tickets it is about, and what is to be done."""
        if len(ids) > MOST:
            raise Refusal(
                _("At most %(n)s tickets can be changed at once. Narrow the list with filters.", n=MOST)
            )
        run = cls(
            user_id=by.id, deeds=[deed.said for deed in deeds], macro_id=None, undoes=undoes, total=len(ids),
            unknown=unknown, done=0, same=0, skipped=0, started_at=None, finished_at=None, undone_at=None,
            next_at=None, is_news=False, seen_at=None,
        )  # fmt: skip
        db.session.add(run)
        db.session.flush()
        db.session.add_all(
            BulkItem(run_id=run.id, ticket_id=id_, state=WAITING, why="", tries=0, before=None, event_id=None)
            for id_ in sorted(ids)
        )
        db.session.flush()
        return run

    @classmethod
    def of(cls, user: User, run_id: int, *, lock: bool = False) -> "BulkRun | None":
        """One of his own; nobody else sees it."""
        own = select(cls).where(cls.id == run_id, cls.user_id == user.id)
        if lock:
            own = own.with_for_update(of=cls, key_share=True).execution_options(populate_existing=True)
        return db.session.scalar(own)

    @classmethod
    def on(cls, ticket: Ticket, user: User, run_id: int) -> "BulkRun | None":
        """One of his own that was about this ticket."""
        own = select(cls).join(BulkItem, BulkItem.run_id == cls.id)
        return db.session.scalar(
            own.where(cls.id == run_id, cls.user_id == user.id, BulkItem.ticket_id == ticket.id)
        )

    @classmethod
    def unseen_by(cls, user: User) -> Select[tuple["BulkRun"]]:
        """What was finished behind his back and he has not looked at yet."""
        own = select(cls).where(cls.user_id == user.id, cls.is_news, cls.seen_at.is_(None))
        return own.order_by(cls.id.desc())

    @classmethod
    def all_seen(cls, *, by: User) -> None:
        """He has seen of all of his that they are done."""
        done = update(cls).where(cls.user_id == by.id, cls.is_news, cls.seen_at.is_(None))
        db.session.execute(done.values(seen_at=clock.now()).execution_options(synchronize_session=False))

    @property
    def ordered(self) -> list[TicketDeed]:
        """What is done to each ticket."""
        return TicketDeed.all_of(self.deeds)

    @property
    def held(self) -> list[TicketDeed]:
        """What decides on the locks: of an undoing, what it undoes."""
        return self.ordered or (self.undoes.ordered if self.undoes else [])

    def _given_back(self) -> set[int | None]:
        """Whose tickets an undoing gives back."""
        return (
            {item.before["assignee_id"] for item in self.undoes.items if item.before}
            if self.undoes
            else set()
        )

    @property
    def is_large(self) -> bool:
        """Whether it is a worker's."""
        return self.total > AT_ONCE

    @property
    def is_reversible(self) -> bool:
        """Whether it can be undone: all of it, and it is no undoing itself."""
        return (
            self.undo_of_id is None and bool(self.deeds) and all(deed.is_reversible for deed in self.ordered)
        )

    @property
    def can_be_undone(self) -> bool:
        """Whether there is something to bring back, and nobody did so yet."""
        return bool(self.finished_at and self.is_reversible and self.done and self.undone_at is None)

    @property
    def behind(self) -> int:
        """How many are done with, one way or the other."""
        return self.done + self.same + self.skipped

    def start(self, *, by: User) -> None:
        """Do it: a few at once, many by a worker. Twice is once."""
        if self.started_at:
            return
        self.started_at = clock.now()
        if self.is_large:
            self.next_at = self.started_at
        else:
            self._do_all(by)

    def _do_all(self, user: User) -> None:
        """In the present transaction, which takes what it needs in the order that everybody keeps to.

        Tags, then tickets by their ids, then agents by theirs: two of these, or one and a deed, never wait in a circle.
        """
        TicketDeed.lock_for(self.held)
        merged = [deed.value for deed in self.ordered if deed.kind == "merge"]
        into = db.session.scalars(select(Ticket.id).where(Ticket.number.in_(merged))).all() if merged else ()
        tickets = Ticket.for_deeds([*(item.ticket_id for item in self.items), *into])
        people = {ticket.assignee_id for ticket in tickets.values()} | {user.id} | self._given_back()
        named = {int(deed.value) for deed in self.ordered if deed.kind == "assign" and deed.value.isdecimal()}
        for user_id in sorted(one for one in people | named if one):
            Agent.of(user_id, lock=True)
        for item in self.items:
            item.perform(self, user)
        self._count()
        self.finished_at = self.seen_at = clock.now()

    def stop(self) -> None:
        """What still waits is left as it is."""
        if self.started_at is None or self.finished_at:
            return
        left = update(BulkItem).where(BulkItem.run_id == self.id, BulkItem.state == WAITING)
        left = left.values(state=SKIPPED, why=_("You stopped it before this one."))
        db.session.execute(left.execution_options(synchronize_session=False))
        self._finish()

    def undo(self, *, by: User) -> "BulkRun":
        """Bring back every ticket that it changed and nobody has touched since. Twice is once."""
        if self.undone_at:
            return db.session.scalars(select(BulkRun).where(BulkRun.undo_of_id == self.id)).one()
        if not self.can_be_undone:
            raise Refusal(_("This cannot be undone."))
        self.undone_at = clock.now()
        changed = select(BulkItem.ticket_id).where(BulkItem.run_id == self.id, BulkItem.state == DONE)
        back = BulkRun.propose(db.session.scalars(changed).all(), [], by=by, undoes=self)
        back.start(by=by)
        return back

    def seen(self) -> None:
        """Its owner has looked at what became of it."""
        if self.finished_at and self.seen_at is None:
            self.seen_at = clock.now()
            live.ring(f"user.{self.user_id}", sequence=None)

    def _finish(self) -> None:
        self._count()
        self.finished_at, self.next_at, self.is_news = clock.now(), None, True
        live.ring(f"user.{self.user_id}", sequence=None)

    def _tell(self) -> None:
        """How far it is, to every open page of its owner."""
        self._count()
        live.push(f"user.{self.user_id}", "tickets/bulk_progress.stream.html", sequence=None, run=self)

    # What its owner reads

    def _count(self) -> Counter[str]:
        """State → how many tickets; kept in the row, so that a page needs no more than that."""
        db.session.flush()
        states = select(BulkItem.state, func.count()).where(BulkItem.run_id == self.id)
        found = Counter(dict(db.session.execute(states.group_by(BulkItem.state)).all()))
        self.done, self.same, self.skipped = found[DONE], found[SAME], found[SKIPPED]
        return found

    def left_out(self) -> Sequence[Any]:
        """Number and reason of those that were left out, as far as a page shows them."""
        left = select(Ticket.number, BulkItem.why).join(Ticket, Ticket.id == BulkItem.ticket_id)
        left = left.where(BulkItem.run_id == self.id, BulkItem.state == SKIPPED)
        return db.session.execute(left.order_by(BulkItem.id).limit(SHOWN)).all()

    @property
    def result(self) -> str:
        """In one line: how many were changed, were so already, were left out."""
        left = self.skipped + self.unknown
        said = [ngettext("%(num)s done", "%(num)s done", self.done)]
        if self.same:
            said.append(ngettext("%(num)s was so already", "%(num)s were so already", self.same))
        if left:
            said.append(ngettext("%(num)s skipped", "%(num)s skipped", left))
        return ", ".join(said)
