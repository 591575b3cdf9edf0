"""The record of a ticket as somebody reads it: narrowed to a kind of events or a person, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, not_, or_, select

from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import lazy
from helpdesk.core.pages import actor_name
from helpdesk.tickets.ticket import Ticket

PAGE = 100
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {  # key → its name, and how the names of its events begin
    "messages": (
        lazy("Messages"),
        ("ticket.replied", "ticket.noted", "ticket.commented", "reply.", "message."),
    ),
    "assignment": (lazy("Assignment"), ("ticket.assigned", "ticket.regrouped", "assignment.")),
    "classification": (
        lazy("Priority, category, tags"),
        ("ticket.renamed", "ticket.reprioritised", "ticket.recategorised", "ticket.tagged"),
    ),
    "deadlines": (lazy("Deadlines"), ("sla.", "ticket.remeasured")),
    "escalations": (lazy("Escalations"), ("escalation.",)),
    "life": (lazy("Status and everything else"), ()),
}


@dataclass(frozen=True)
class Record:
    """What is asked of a ticket's record. Unknown kinds and people find nothing rather than everything."""

    ticket: Ticket
    kind: str = ""
    who: str = ""

    def page(self, after: str = "") -> tuple[Sequence[Event], int | None]:
        """A hundred events, oldest first, and the id that the next ones come after."""
        place = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
        rows = self._all().where(*self._conditions(), Event.id > place).order_by(Event.id).limit(PAGE + 1)
        events = db.session.scalars(rows).all()
        return events[:PAGE], events[PAGE - 1].id if len(events) > PAGE else None

    def people(self) -> dict[str, str]:
        """Who did something on this ticket, by key; everything automatic is one of them."""
        actors = self._all().with_only_columns(Event.actor).distinct()
        found = {_key(actor): actor_name(actor) for actor in db.session.scalars(actors)}
        return dict(sorted(found.items(), key=lambda one: (one[0] == "system", one[1].lower())))

    def _all(self) -> Select[tuple[Event]]:
        return select(Event).where(Event.ticket_id == self.ticket.id)

    def _conditions(self) -> list[ColumnElement[bool]]:
        conditions = [_of_kind(self.kind)] if self.kind else []
        return [*conditions, _by(self.who)] if self.who else conditions


def _key(actor: dict[str, Any]) -> str:
    return "system" if actor["kind"] == "system" else f"{actor['kind']}-{actor['id']}"


def _of_kind(kind: str) -> ColumnElement[bool]:
    beginnings = KINDS[kind][1] if kind in KINDS else None
    if beginnings is None:
        return false()
    if beginnings:
        return or_(*(Event.name.startswith(each, autoescape=True) for each in beginnings))
    others = [each for _, each in KINDS.values() if each]
    return not_(or_(*(Event.name.startswith(one, autoescape=True) for each in others for one in each)))


def _by(who: str) -> ColumnElement[bool]:
    kind, _, id_ = who.partition("-")
    of_kind = Event.actor["kind"].as_string() == kind
    if who == "system":
        return of_kind
    if not (id_.isascii() and id_.isdecimal() and len(id_) < 19):
        return false()
    return of_kind & (Event.actor["id"].as_string() == id_)
