"""What the queue's views hold, page by page, and how much is in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    bindparam,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import joinedload

from helpdesk.accounts.user import User
from helpdesk.agents.group import Group
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.core.i18n import lazy
from helpdesk.core.memory import once
from helpdesk.desk.filters import SIZE, Filters
from helpdesk.desk.row import Row
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import FINISHED, Status
from helpdesk.tickets.ticket import Ticket

PAGE = SIZE
END = "end"  # instead of a cursor: before it is the last page
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_COUNTED, MOST_FOUND = 1000, 10_000
BREACHING_WITHIN = timedelta(hours=1)
ALIVE = frozenset(Status) - FINISHED
_alive = Ticket.is_alive.is_(True)
# not asked of what is near its deadline, escalated, or with the customer
_in_sight = Ticket.snoozed_until.is_(None)
Me = Any  # the id of who looks, or the parameter that will be it


@dataclass(frozen=True)
class View:
    """A named part of the queue. Sorted by the nearest due instant, or newest first where nothing is due."""

    key: str
    label: Any
    holds: Callable[[Me], ColumnElement[bool]]
    newest_first: bool = False
    is_counted: bool = True
    # which of these it holds as well: no ticket is in two, and each is found faster than all of them at once
    parts: Callable[[Me], Sequence[ColumnElement[bool]]] = lambda me: (true(),)
    statuses: frozenset[Status] = ALIVE  # those that a ticket in it can have

    @property
    def address(self) -> str:
        """Where it is; the first one is the queue itself."""
        return "/queue" if self.key == "todo" else f"/queue/{self.key}"


VIEWS = {
    view.key: view
    for view in (
        View("todo", lazy("To do"), lambda me: and_(
            _alive, _in_sight, Ticket.status != Status.WAITING_USER),
            parts=lambda me: (Ticket.assignee_id.is_(None), Ticket.assignee_id == me),
            statuses=ALIVE - {Status.WAITING_USER}),
        View("mine", lazy("Mine"), lambda me: and_(_alive, _in_sight, Ticket.assignee_id == me)),
        View("unassigned", lazy("Unassigned"), lambda me: and_(_alive, _in_sight, Ticket.assignee_id.is_(None))),
        View("groups", lazy("My teams"), lambda me: and_(
            _alive, _in_sight, Ticket.group_id.in_(Group.ids_of(me)))),
        View("breaching", lazy("Breaching soon"), lambda me: and_(
            _alive, Ticket.sort_at < _soon())),
        View("escalated", lazy("Escalated"), lambda me: and_(_alive, Ticket.id.in_(_escalated()))),
        View("waiting", lazy("Waiting for customer"), lambda me: and_(_alive, Ticket.status == Status.WAITING_USER),
            statuses=frozenset({Status.WAITING_USER})),
        View("snoozed", lazy("Snoozed"), lambda me: and_(_alive, Ticket.snoozed_until.is_not(None))),
        View("resolved", lazy("Resolved"), lambda me: and_(
            Ticket.status == Status.RESOLVED, Ticket.deleted_at.is_(None)), True, False,
            statuses=frozenset({Status.RESOLVED})),
        View("all", lazy("All"), lambda me: Ticket.deleted_at.is_(None), False, False, statuses=frozenset(Status)),
    )
}  # fmt: skip


def _soon() -> BindParameter[datetime]:
    """Asked each time that a query is sent, as queries are kept."""
    return bindparam(None, callable_=lambda: clock.now() + BREACHING_WITHIN, type_=Ticket.sort_at.type)


def _escalated() -> Select[tuple[int]]:
    return select(Escalation.ticket_id).where(Escalation.ended_at.is_(None), Escalation.level > 0)


@dataclass(frozen=True)
class Page:
    """Some rows, and where the ones before and after begin."""

    lines: Sequence[Any]  # see `Row.lines`
    before: str | None
    after: str | None
    is_whole: bool  # the list has no other rows, so that nothing needs to be counted
    is_from_behind: bool  # found from the end of the list, or from a row behind it

    def first_of(self, total: int, ahead: int | None, most: int) -> int | None:
        """The number of its first row; None where nobody has counted so far."""
        end = total if ahead is None and self.is_from_behind else ahead or 0
        return None if end > most else end + 1 - (len(self.lines) if self.is_from_behind else 0)


def tickets_in(view: View, viewer: User, filters: Filters) -> Select[tuple[Ticket]]:
    """What a viewer sees of a view."""
    return _held(view, viewer, filters).where(or_(*view.parts(viewer.id)))


def _held(view: View, viewer: User, filters: Filters) -> Select[tuple[Ticket]]:
    return Ticket.of_merchants(_own(viewer)).where(view.holds(viewer.id), *filters.conditions(viewer))


def _own(viewer: User) -> list[int]:
    return once(own_merchants(viewer), lambda: list(db.session.scalars(viewer.merchant_ids())))


def own_merchants(viewer: User) -> tuple[str, int]:
    """Under which key a page remembers them: its dozen of lists join nothing then, and are planned in half the time."""
    return ("merchants", viewer.id)


Parts = Sequence[Select[tuple[Ticket]]]  # of a list: no ticket is in two of them


def parts_of(view: View, viewer: User, filters: Filters) -> Parts:
    """The same in parts, each of which an index has in its order: of several statuses each walks its own."""
    possible = [status for status in filters.statuses if status in view.statuses]
    if filters.statuses and not possible:  # known without looking
        return [_held(view, viewer, filters).where(false())]
    narrowed = [replace(filters, status=status) for status in possible] or [filters]
    return [_held(view, viewer, each).where(part) for each in narrowed for part in view.parts(viewer.id)]


@dataclass(frozen=True)
class Order:
    """How a list runs: by the next deadline or by age, and in which direction."""

    columns: tuple[Any, ...]
    falls: bool

    @classmethod
    def of(cls, view: View, filters: Filters) -> "Order":
        """As it is asked for, or as the view likes it."""
        by_age = filters.sort in ("newest", "oldest")
        falls = filters.sort == "newest" or (view.newest_first and not filters.sort)
        return cls((Ticket.id,) if by_age else (Ticket.sort_at, Ticket.id), falls)

    def backwards(self) -> "Order":
        """From the end."""
        return Order(self.columns, not self.falls)

    def beyond(self, place: tuple[datetime, int]) -> ColumnElement[bool]:
        """What comes after a place."""
        pairs = zip(place[-len(self.columns) :], self.columns, strict=True)
        there = tuple_(*(literal(value, column.type) for value, column in pairs))
        return tuple_(*self.columns) < there if self.falls else tuple_(*self.columns) > there

    @property
    def sorting(self) -> list[Any]:
        """For a query."""
        return [column.desc() if self.falls else column for column in self.columns]


def page_of(view: View, viewer: User, filters: Filters, after: str = "", before: str = "") -> Page:
    """One page by cursor: its cost does not grow with what lies before it. The last one is the first from behind."""
    here, size = parse_cursor(after or before), int(filters.size or PAGE)
    backwards = not after and bool(here or before == END)
    order = Order.of(view, filters)
    order = order.backwards() if backwards else order
    found = list(db.session.execute(_first_of(view, viewer, filters, order, here, size + 1)))
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_before, has_after = (more, here is not None) if backwards else (here is not None, more)
    return Page(
        found,
        cursor(found[0]) if found and has_before else None,
        cursor(found[-1]) if found and has_after else None,
        here is None and not more,
        backwards,
    )


def _first_of(
    view: View, viewer: User, filters: Filters, order: Order, here: tuple[datetime, int] | None, most: int
) -> Select[Any]:
    """The first rows behind a place. Chosen alone, from an index, and only then joined with what a row shows: with ten
    tables before it a planner joins all that there is and sorts it.
    """
    parts = [part.order_by(*order.sorting) for part in parts_of(view, viewer, filters)]
    ids = _ids([part.where(order.beyond(here)) if here else part for part in parts], most)
    return Row.lines(ids).order_by(*order.sorting).limit(most)


def ahead_of(view: View, viewer: User, filters: Filters, after: str = "", before: str = "") -> Parts | None:
    """What lies before a page that follows a cursor, or before the end of one that precedes it; None without one."""
    here = parse_cursor(after or before)
    if here is None:
        return None
    order = Order.of(view, filters)
    before_here = not_(order.beyond(here)) if after else order.backwards().beyond(here)
    return [part.where(before_here) for part in parts_of(view, viewer, filters)]


def cursor(line: Any) -> str:
    """Where a ticket stands in the order: its instant in microseconds, and its id."""
    return f"{(line.sort_at - EPOCH) // timedelta(microseconds=1)}-{line.id}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The place behind a cursor; None for anything that is not one."""
    micros, _, id_ = text.partition("-")
    if not (text.isascii() and micros.isdecimal() and id_.isdecimal() and len(text) < 40):
        return None
    try:
        return EPOCH + timedelta(microseconds=int(micros)), min(int(id_), 2**62)
    except OverflowError:
        return None


def counts(
    viewer: User,
    saved: Mapping[str, Parts] | None = None,
    exact: Mapping[str, Parts] | None = None,
) -> dict[str, int]:
    """How many tickets are in each counted view, in saved ones, and in lists of the page at hand, all in one query.

    Exact up to the bounds; of a list of the page, one more means that there are more.
    """
    wanted = _shipped(MOST_COUNTED) | {
        key: _counting(parts, MOST_COUNTED) for key, parts in (saved or {}).items()
    }
    wanted |= {key: _counting(parts, MOST_FOUND + 1) for key, parts in (exact or {}).items()}
    found = db.session.execute(select(*wanted.values()), {"me": viewer.id, "own": _own(viewer)}).one()
    return dict(zip(wanted, found, strict=True))


@cache
def _shipped(most: int) -> dict[str, ScalarSelect[int]]:
    """Of the counted views, for whoever looks: they are built once, as that takes longer than sending them."""
    me, seen = bindparam("me", type_=User.id.type), Ticket.of_merchants(bindparam("own", expanding=True))
    return {
        view.key: _counting([seen.where(view.holds(me), part) for part in view.parts(me)], most)
        for view in VIEWS.values()
        if view.is_counted
    }


def _counting(parts: Parts, most: int) -> ScalarSelect[int]:
    # Of all parts together, so that the second is only looked at if the first has too few.
    found = select(_ids(parts, most).c.id).limit(most).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _ids(parts: Parts, most: int) -> Subquery:
    """So many of each part."""
    found = [part.with_only_columns(Ticket.id).limit(most).subquery() for part in parts]
    return union_all(*(select(each.c.id) for each in found)).subquery() if len(found) > 1 else found[0]


def deleted_before(viewer: User, before: str) -> tuple[Sequence[Ticket], str | None]:
    """A page of the deleted tickets that a manager may restore, last deleted first, and where the next begins."""
    rows = Ticket.within_sight_of(viewer).where(Ticket.deleted_at.is_not(None))
    rows = rows.options(joinedload(Ticket.customer))
    if here := parse_cursor(before):
        place = tuple_(literal(here[0], Ticket.deleted_at.type), literal(here[1], Ticket.id.type))
        rows = rows.where(tuple_(Ticket.deleted_at, Ticket.id) < place)
    found = db.session.scalars(
        rows.order_by(Ticket.deleted_at.desc(), Ticket.id.desc()).limit(PAGE + 1)
    ).all()
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    return shown, f"{(last.deleted_at - EPOCH) // timedelta(microseconds=1)}-{last.id}" if last else None


def deletions_of(tickets: Sequence[Ticket]) -> dict[int, Event]:
    """Who deleted each of them: the last such event by the ticket's id."""
    own = select(Event).where(Event.name == "ticket.deleted", Event.ticket_id.in_([t.id for t in tickets]))
    return {event.ticket_id: event for event in db.session.scalars(own.order_by(Event.id)) if event.ticket_id}
