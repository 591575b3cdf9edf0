"""The log of mails: what became of each, for managers to look through; newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from helpdesk.accounts.user import User
from helpdesk.core.db import db
from helpdesk.core.i18n import lazy
from helpdesk.core.zone import instant, micros, zone_names
from helpdesk.notifications.delivery import Delivery
from helpdesk.notifications.suppression import REASON as SUPPRESSED
from helpdesk.tickets.ticket import Ticket

PAGE = 50
STATES: dict[str, Any] = {
    "queued": lazy("Waiting"), "leased": lazy("Being sent"), "sent": lazy("Sent off"), "failed": lazy("Failed"),
    "skipped": lazy("Not sent"), "uncertain": lazy("Perhaps sent"),
}  # fmt: skip
LOOKS = {  # of a state: its colour and its picture; the word is always beside them
    "queued": ("info", "clock"), "leased": ("info", "send"), "sent": ("ok", "circle-check"),
    "failed": ("bad", "circle-alert"), "skipped": ("mute", "minus"), "uncertain": ("warn", "triangle-alert"),
}  # fmt: skip
REASONS: dict[str, Any] = {  # why something failed or was not sent, as `Delivery.error` keeps it
    "refused": lazy("The mail server refused it for good."),
    "given up": lazy("It was tried for hours and did not get through."),
    SUPPRESSED: lazy("The address refused mails several times, and is left alone for some days."),
    "switched off": lazy("The recipient does not want such mails."),
    "unsubscribed": lazy("The recipient unsubscribed."),
    "seen on the screen": lazy("The recipient had seen it on the screen before."),
    "told with the reply": lazy("The recipient heard of it with the reply."),
    "too many mails to this address": lazy("Strangers had caused too many mails to this address."),
    "nothing is left to tell": lazy("There was nothing left to tell."),
    "the ticket was deleted": lazy("The ticket was deleted."),
    "the ticket is not resolved any more": lazy("The ticket was not resolved any more."),
    "the message was removed": lazy("The message was removed."),
    "the user is not active": lazy("The recipient does not work here any more."),
    "the user may not see the ticket": lazy("The recipient may not see the ticket."),
    "the user is not the assignee any more": lazy("Somebody else had the ticket by then."),
    "the user does not follow the ticket any more": lazy("They did not follow the ticket any more."),
    "somebody has the ticket": lazy("Somebody had taken the ticket."),
}


@dataclass(frozen=True)
class DeliveryLog:
    """What is asked of the log by somebody. He finds mails about tickets of his merchants, deleted ones included."""

    viewer: User
    recipient: str = ""
    ticket: str = ""
    state: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    batch: int | None = None

    def page(self, after: str = "") -> tuple[Sequence[Delivery], str | None]:
        """Fifty rows, and where the next ones begin."""
        rows, key = self._rows(), (self._order, Delivery.id)
        if place := _place(after):
            at, id_ = literal(place[0], Delivery.created_at.type), literal(place[1], Delivery.id.type)
            rows = rows.where(tuple_(*key) < tuple_(at, id_))
        newest = rows.order_by(*(each.desc() for each in key)).limit(PAGE + 1)
        found = db.session.scalars(newest).all()
        last = found[PAGE - 1] if len(found) > PAGE else None
        return found[:PAGE], f"{micros(last.created_at)}-{last.id}" if last else None

    @property
    def _order(self) -> ColumnElement[datetime]:
        """When each was planned. Not the bare column where few rows are asked for: a planner would walk all of them in
        this order instead of looking those up.
        """
        is_narrow = "@" in self.recipient or self.ticket or self.batch is not None
        return func.coalesce(Delivery.created_at, Delivery.created_at) if is_narrow else Delivery.created_at

    def _rows(self) -> Select[tuple[Delivery]]:
        tickets = Ticket.within_sight_of(self.viewer).with_only_columns(Ticket.id)
        rows = select(Delivery).join(Ticket, Ticket.id == Delivery.ticket_id)
        rows = rows.where(Ticket.merchant_id.in_(self.viewer.merchant_ids()), *self._conditions())
        if self.ticket:
            rows = rows.where(Delivery.ticket_id.in_(tickets.where(Ticket.number == self.ticket)))
        return rows.options(contains_eager(Delivery.ticket), joinedload(Delivery.batch))

    def _conditions(self) -> list[ColumnElement[bool]]:
        """A whole address is looked up; the beginning of one is looked for."""
        whole = "@" in self.recipient
        asked: list[tuple[Any, ColumnElement[bool]]] = [
            (self.recipient and whole, Delivery.address == self.recipient),
            (self.recipient and not whole, Delivery.address.startswith(self.recipient, autoescape=True)),
            (self.state, Delivery.state == self.state),
            (self.kind, Delivery.template == self.kind),
            (self.since, Delivery.created_at >= self._morning(self.since)),
            (self.until, Delivery.created_at < self._morning(self.until, 1)),
            (self.batch is not None, Delivery.batch_id == self.batch),
        ]
        return [condition for is_asked, condition in asked if is_asked]

    def _morning(self, day: date | None, later: int = 0) -> datetime:
        """When a day begins where he is."""
        name = self.viewer.time_zone if self.viewer.time_zone in zone_names() else "UTC"
        begins = datetime.combine((day or date(2000, 1, 1)) + timedelta(days=later), time(), ZoneInfo(name))
        return begins.astimezone(UTC)


def _place(words: str) -> tuple[datetime, int] | None:
    """The place behind a cursor; None for anything that is not one."""
    at, _, id_ = words.partition("-")
    are_numbers = words.isascii() and at.isdecimal() and id_.isdecimal()
    return (instant(int(at)), int(id_)) if are_numbers and len(at) < 18 and len(id_) < 19 else None


def why_not_sent(delivery: Delivery) -> str:
    """Why it failed or was not sent, in words; empty where it was, or still may be."""
    return str(REASONS.get(delivery.error, delivery.error)) if delivery.error else ""


def state_label(state: str) -> str:
    """A state in the reader's words."""
    return str(STATES.get(state, state))
