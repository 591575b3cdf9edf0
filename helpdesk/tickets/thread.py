"""The thread as one reader sees it: long ones without their middle, changes in groups, a line above what is new."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, null, or_

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket

LAST = 20  # shown of a long thread, besides its first message
LONG = 30  # as many are shown all the same: nobody wants to unfold three
BATCH = 100  # of earlier messages that come at once
TOGETHER = 3  # more changes than this in a row are one line


@dataclass(frozen=True)
class Entry:
    """One row of the thread: a `message`, `changes` in a row, the `gap` of what is not shown, or the line `new`.

    `place` says where it belongs among the ids of messages, so that scripts can keep the order.
    """

    kind: str
    place: float
    lines: Sequence[Message] = field(default=())
    after: int = 0  # of a gap: the ids of the messages around it, and how many are between
    before: int = 0
    count: int = 0


@dataclass(frozen=True)
class Thread:
    """What is shown of a thread, oldest first."""

    messages: Sequence[Message]
    hidden: int = 0  # how many there are between the first one shown and the second
    first_new: int | None = None  # the id of the first one that the reader has not seen
    opening_id: int | None = None  # of a part of the middle: the message before the gap above it

    @classmethod
    def of(
        cls, ticket: Ticket, *, reader: User, read_to: int | None, whole: bool = False, notes: bool = True
    ) -> "Thread":
        """The thread of a ticket; `whole` leaves nothing out, but for the notes where none are wanted."""
        own = Message.thread(ticket.id)
        own = own if notes else own.where(Message.kind != "internal_note")
        new = _first_new(own, reader, read_to)
        rows = db.session.execute((own if whole else _ends(own)).add_columns(_number(own), new)).all()
        messages = [row[0] for row in rows]
        if not rows or whole or rows[0][1] <= LONG:
            return cls(messages, 0, rows[0][2] if rows else None)
        return cls([messages[0], *messages[-LAST:]], rows[0][1] - LAST - 1, rows[0][2])

    @classmethod
    def earlier(cls, ticket: Ticket, before: int) -> "Thread":
        """A part of the middle: what comes before a message, as much as is shown at once, the first one left out."""
        own = Message.thread(ticket.id)
        middle = own.where(Message.id < before, Message.id > _id(own))
        newest = middle.order_by(None).order_by(Message.id.desc()).limit(BATCH)
        rows = db.session.execute(newest.add_columns(_number(middle), _id(own))).all()
        messages = [row[0] for row in reversed(rows)]
        return cls(messages, rows[0][1] - len(rows), opening_id=rows[0][2]) if rows else cls(messages)

    @property
    def newest_id(self) -> int:
        """The id of the last message; 0 where there is none."""
        return self.messages[-1].id if self.messages else 0

    @property
    def entries(self) -> list[Entry]:
        """The rows of the page."""
        if not self.hidden:
            return list(self._rows(self.messages))
        if self.opening_id:
            return [self._gap(self.opening_id, self.messages[0].id), *self._rows(self.messages)]
        first, rest = self.messages[:1], self.messages[1:]
        is_new = self.first_new is not None and first[0].id < self.first_new < rest[0].id
        line = [Entry("new", first[0].id + 0.25)] if is_new else []
        return [*self._rows(first), *line, self._gap(first[0].id, rest[0].id), *self._rows(rest)]

    def _gap(self, after: int, before: int) -> Entry:
        return Entry("gap", after + 0.5, after=after, before=before, count=self.hidden)

    def _rows(self, messages: Iterable[Message]) -> Iterator[Entry]:
        def part(message: Message) -> tuple[bool, bool]:
            is_new = self.first_new is not None and message.id >= self.first_new
            return message.kind == "system", is_new

        for (is_change, _), found in groupby(messages, part):
            run = list(found)
            if run[0].id == self.first_new:
                yield Entry("new", run[0].id - 0.25)
            if is_change and len(run) > TOGETHER:
                yield Entry("changes", run[0].id, run)
            else:
                yield from (Entry("message", message.id, [message]) for message in run)


def _id(thread: Select[tuple[Message]], *, newest: int | None = None) -> ScalarSelect[int]:
    """The id of the first message, or of the one that so many came after."""
    ids = thread.with_only_columns(Message.id).limit(1)
    if newest is not None:
        ids = ids.order_by(None).order_by(Message.id.desc()).offset(newest)
    return ids.correlate(None).scalar_subquery()


def _number(thread: Select[tuple[Message]]) -> ScalarSelect[int]:
    counted = thread.with_only_columns(func.count(Message.id)).order_by(None)
    return counted.correlate(None).scalar_subquery()


def _ends(thread: Select[tuple[Message]]) -> Select[tuple[Message]]:
    """The first message and the last ones, without reading what is between."""
    last = func.coalesce(_id(thread, newest=LONG - 1), 0)
    return thread.where(or_(Message.id >= last, Message.id == _id(thread)))


def _first_new(thread: Select[tuple[Message]], reader: User, read_to: int | None) -> ColumnElement[int]:
    """The first thing that somebody else said and the reader has not seen; none for who was never here."""
    if read_to is None:
        return null()
    is_own = (Message.author_kind == "user") & (Message.author_id == reader.id)
    unseen = thread.where(Message.id > read_to, Message.kind != "system", ~is_own)
    return unseen.with_only_columns(func.min(Message.id)).order_by(None).correlate(None).scalar_subquery()
