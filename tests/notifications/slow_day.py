"""An independent model of a day of notifications: lists, and a look at everything whenever something happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.notifications.slow_times import SlowTimes

WINDOW = timedelta(seconds=120)
SHIPPED = {
    "ticket.created": "mail_batched", "ticket.assigned": "mail_batched", "ticket.replied": "mail_batched",
    "ticket.noted": "mail_batched", "ticket.reopened": "mail_batched", "sla.warned": "live",
    "sla.critical": "mail_now", "sla.breached": "mail_now", "escalation.raised": "mail_now",
}  # fmt: skip


@dataclass
class Person:
    """A recipient; a customer has no wishes."""

    name: str
    is_user: bool = True
    channels: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    times: SlowTimes | None = None
    is_active: bool = True

    def channel(self, event: str) -> str:
        return "mail_now" if event == "escalation.raised" else self.channels.get(event, SHIPPED[event])


@dataclass
class Case:
    """A ticket, as far as it matters here."""

    customer: str
    language: str = "en"  # in which the customer wrote
    assignee: str | None = None
    is_deleted: bool = False
    messages: list[int] = field(default_factory=list)
    marks: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        return max(self.messages, default=0)

    def is_read(self, who: str, at: datetime) -> None:
        if self.newest > self.marks.get(who, (0, at))[0]:
            self.marks[who] = (self.newest, at)


@dataclass
class Row:
    """What is to become of one event for one recipient."""

    event: int
    name: str
    who: str
    case: Case
    at: datetime
    reason: str
    message: int | None
    newest: int
    state: str = "queued"
    error: str | None = None
    sent_at: datetime | None = None
    batch: Pile | None = None


@dataclass
class Pile:
    """Rows that wait for the same instant."""

    who: str
    closes: datetime
    rows: list[Row] = field(default_factory=list)
    language: str = ""


class SlowDay:
    """What is planned, what waits, what became of it."""

    def __init__(self, people: dict[str, Person], cases: list[Case]) -> None:
        self.people, self.cases = people, cases
        self.rows: list[Row] = []
        self.waiting: list[Pile] = []

    def happens(
        self, event: int, name: str, case: Case, at: datetime, heard: list[tuple[str, str]],
        message: int | None = None, has_reply: bool = False,
    ) -> None:  # fmt: skip
        """Somebody is told; `heard` is (who, reason), the actor left out already."""
        for who, reason in heard:
            row = Row(event, name, who, case, at, reason, message, case.newest)
            person = self.people[who]
            if person.is_user:
                self._plan(row, person, has_reply)
            elif name in ("ticket.created", "link.renewed"):
                self._sent([row], at)
            else:
                self._wait(row, at + WINDOW)

    def _plan(self, row: Row, person: Person, has_reply: bool) -> None:
        channel = person.channel(row.name)
        is_mail = channel.startswith("mail")
        if not is_mail and row.name == "sla.warned":
            return
        error = None if is_mail else "switched off"
        error = error or self._why_not(row)
        if (
            has_reply
            and "ticket.replied" not in person.refused
            and person.channel("ticket.replied").startswith("mail")
        ):
            error = error or "told with the reply"
        if error:
            row.state, row.error = "skipped", error
            self.rows.append(row)
            return
        assert person.times
        due = person.times.closes(row.at, 120) if channel == "mail_batched" else row.at
        if row.name != "escalation.raised":
            due = person.times.out_of_quiet(due)
        if due == row.at:
            self._sent([row], row.at)
        else:
            self._wait(row, due)

    def _wait(self, row: Row, due: datetime) -> None:
        self.rows.append(row)
        for pile in self.waiting:
            if pile.who == row.who and pile.language == self._language(row):
                pile.closes = min(pile.closes, due)
                pile.rows.append(row)
                row.batch = pile
                return
        row.batch = Pile(row.who, due, [row], self._language(row))
        self.waiting.append(row.batch)

    def _language(self, row: Row) -> str:
        """A customer is told of each request in its language, and one mail has one language."""
        return "" if self.people[row.who].is_user else row.case.language

    def close_up_to(self, at: datetime) -> None:
        """Send every pile whose instant has come."""
        for pile in [pile for pile in self.waiting if pile.closes <= at]:
            self.waiting.remove(pile)
            for row in pile.rows:
                error = self._why_not(row) or ("seen on the screen" if self._is_seen(row) else None)
                row.state, row.error = ("skipped", error) if error else ("sent", None)
                row.sent_at = None if error else pile.closes

    def _sent(self, rows: list[Row], at: datetime) -> None:
        for row in rows:
            row.state, row.sent_at = "sent", at
            self.rows.append(row)

    def _why_not(self, row: Row) -> str | None:
        person = self.people[row.who]
        if row.case.is_deleted:
            return "the ticket was deleted"
        if not person.is_user:
            return None
        if not person.is_active:
            return "the user is not active"
        if row.reason == "assignee" and row.case.assignee != row.who and row.name != "escalation.raised":
            return "the user is not the assignee any more"
        if row.reason == "group" and row.case.assignee is not None:
            return "somebody has the ticket"
        if row.name in person.refused and row.name != "escalation.raised":
            return "unsubscribed"
        return None

    def _is_seen(self, row: Row) -> bool:
        if row.who not in row.case.marks:
            return False
        reached, at = row.case.marks[row.who]
        if row.message is not None:
            return reached >= row.message
        return at >= row.at and reached >= row.newest
