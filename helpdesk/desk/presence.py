"""Who looks at a ticket and who writes on it, for as long as his pages say so."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.accounts.user import User
from helpdesk.core import clock, live
from helpdesk.core.broker import attempt
from helpdesk.core.name_order import place
from helpdesk.core.tenancy import present_organizer
from helpdesk.tickets.ticket import Ticket

LASTS, WRITES = 60_000, 8_000  # milliseconds after the last word of a page
STATES = ("writing", "viewing", "idle", "left")  # the first that any of somebody's pages says is his
MOST_PAGES = 100  # of one ticket


@dataclass(frozen=True)
class Person:
    """Somebody who has a ticket open, in however many tabs."""

    id: int
    name: str
    state: str
    until: int  # milliseconds since 1970: gone by then, unless one of his pages speaks again
    writes: int  # no longer writing by then; 0 for who does not

    @classmethod
    def of(cls, pages: Sequence[dict[str, Any]], now: int) -> "Person":
        """What his pages say, taken together."""
        writes = max(page["at"] + WRITES if page["state"] == "writing" else 0 for page in pages)
        states = {"viewing" if page["state"] == "writing" else page["state"] for page in pages}
        state = "writing" if writes > now else min(states, key=STATES.index)
        last = max(pages, key=lambda page: page["at"])
        return cls(last["user"], last["name"], state, last["at"] + LASTS, writes if writes > now else 0)


class Presence:
    """In Redis alone, by organizer and ticket: a page that says nothing more is forgotten. No Redis: nobody is seen."""

    @classmethod
    def on(cls, ticket_ids: Collection[int], *, but: int | None = None) -> dict[int, list[Person]]:
        """Who is at each of these tickets, one of them left out: writers first."""
        kept = attempt(lambda redis: _read(redis, ticket_ids)) if ticket_ids else None
        found = {id_: _people(pages, but) for id_, pages in zip(ticket_ids, kept or (), strict=False)}
        return defaultdict(list, found)

    @classmethod
    def tell(cls, ticket: Ticket, user: User, tab: str, state: str) -> list[Person]:
        """A page of somebody's says what he does. Answers who is there now, and tells who looks, if it matters."""
        before = cls.on([ticket.id])[ticket.id]
        attempt(lambda redis: _write(redis, _key(ticket.id), f"{user.id}.{tab}", _said(user, state)))
        after = cls.on([ticket.id])[ticket.id]
        is_new = [(one.id, one.state) for one in before] != [(one.id, one.state) for one in after]
        if is_new or any(one.id != user.id for one in after):
            live.push(
                f"ticket.{ticket.id}",
                "desk/presence_changed.stream.html",
                sequence=None,
                ticket=ticket,
                people=after,
            )
        if is_new:
            live.push(
                f"queue.{ticket.merchant_id}",
                "desk/row_presence.stream.html",
                sequence=None,
                ticket=ticket,
                people=after,
            )
        return after


def _key(ticket_id: int) -> str:
    return f"helpdesk:presence:{present_organizer()}:{ticket_id}"


def _now() -> int:
    return int(clock.now().timestamp() * 1000)


def _said(user: User, state: str) -> str | None:
    """None: nothing any more."""
    if state == "left":
        return None
    return json.dumps({"user": user.id, "name": user.name, "state": state, "at": _now()})


def _write(redis: Any, key: str, field: str, said: str | None) -> None:
    pages = redis.hgetall(key)
    stale = [name for name, page in pages.items() if not _lasts(json.loads(page))]
    pipe = redis.pipeline(transaction=False)
    if stale or said is None:
        pipe.hdel(key, *stale, *([] if said else [field]))
    if said and (len(pages) - len(stale) < MOST_PAGES or field.encode() in pages):
        pipe.hset(key, field, said)
        pipe.pexpire(key, LASTS)
    pipe.execute()


def _read(redis: Any, ticket_ids: Collection[int]) -> list[list[dict[str, Any]]]:
    pipe = redis.pipeline(transaction=False)
    for ticket_id in ticket_ids:
        pipe.hvals(_key(ticket_id))
    return [[json.loads(page) for page in pages] for pages in pipe.execute()]


def _lasts(page: dict[str, Any]) -> bool:
    return page["at"] + LASTS > _now()


def _people(pages: Sequence[dict[str, Any]], but: int | None) -> list[Person]:
    own: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for page in pages:
        if _lasts(page) and page["user"] != but:
            own[page["user"]].append(page)
    people = [Person.of(each, _now()) for each in own.values()]
    return sorted(people, key=lambda one: (STATES.index(one.state), place(one.name), one.id))
