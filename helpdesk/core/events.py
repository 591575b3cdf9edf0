"""The log of what happened: timeline, audit trail and outbox in one.

A deed calls `record` in its own transaction. Later, in a worker, the relay gives each event of an organizer
its sequence number, in the order in which they were committed, and seals it into a hash chain; in the same
transaction it writes one `Reaction` per subscriber. A reaction is performed under a lease, and its effects
commit together with its "done" mark. So a lost wake-up costs seconds, and never an effect or a second one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar, cast

from sqlalchemy import (
    Executable,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.core import clock
from helpdesk.core.db import BigId, Id, Model, add_once, after_commit, db, partial_index
from helpdesk.core.tenancy import Tenanted, present_organizer

GENESIS = "0" * 64
BATCH = 500


class Actor(Protocol):
    """Whoever does something: a user, a customer, or a part of the system."""

    @property
    def actor(self) -> dict[str, Any]:
        """`{"kind": "user|customer|system", "id": …, "name": …}`, kept with the event."""
        ...


class Robot:
    """A part of the system that acts by itself. `name` is kept with events, `label` is what readers see."""

    labels: ClassVar[dict[str, Any]] = {}

    def __init__(self, name: str, label: Any) -> None:
        self.name = name
        self.labels[name] = label

    @property
    def actor(self) -> dict[str, Any]:
        """Kind `system`, without an id."""
        return {"kind": "system", "id": None, "name": self.name}


class Event(Tenanted, Model):
    """One thing that happened. Append-only by trigger; the relay alone fills in sequence, hash and relayed_at."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("organizer_id", "sequence"),
        Index("ix_events_ticket", "ticket_id", "id"),
        partial_index("ix_events_unsealed", "organizer_id", "id", where="sequence IS NULL"),
        partial_index("ix_events_settings", "organizer_id", "id", where="ticket_id IS NULL"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(60))
    actor: Mapped[dict[str, Any]]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    sequence: Mapped[int | None] = mapped_column(BigId)
    hash: Mapped[str | None] = mapped_column(String(64))
    relayed_at: Mapped[datetime | None]


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def seal_of(previous: str, sequence: int, *said: Any) -> str:
    """SHA-256 over the seal before it and all that an event says: its columns as `broken_links` reads them."""
    *columns, created_at = said
    text = _canonical([sequence, *columns, created_at.isoformat()])
    return hashlib.sha256(f"{previous}{text}".encode()).hexdigest()


class Chain(Tenanted, Model):
    """Where an organizer's chain of events has got to. Its row is the lock of the relay."""

    __tablename__ = "event_chains"
    __table_args__ = (UniqueConstraint("organizer_id"),)

    id: Mapped[Id]
    sequence: Mapped[int] = mapped_column(BigId, default=0)
    hash: Mapped[str] = mapped_column(String(64), default=GENESIS)


class Reaction(Tenanted, Model):
    """One subscriber's work on one event: what is still to do, who does it now, how it went."""

    __tablename__ = "reactions"
    __table_args__ = (
        UniqueConstraint("event_id", "subscriber"),
        partial_index("ix_reactions_open", "organizer_id", "rank", "id", where="next_at IS NOT NULL"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("events.id"))
    subscriber: Mapped[str] = mapped_column(String(120))
    rank: Mapped[int] = mapped_column(default=1)  # 0 is urgent: done before what came earlier
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]  # when it may be tried; None once done or given up
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))

    event: Mapped[Event] = relationship()


@dataclass(frozen=True)
class Ear:
    """How a subscriber wants to hear."""

    function: Callable[[Any], None]
    rank: int  # 0 is urgent
    together: int  # how many events it takes at once; more than 1: it takes a list
    is_brief: bool
    when: Callable[[Any], Any] | None

    def concerns(self, said: Any) -> bool:
        """Whether there is anything to do about an event, by its name, actor and data."""
        return self.when is None or bool(self.when(said))


Subscriber = TypeVar("Subscriber", bound=Callable[[Any], None])
_subscribers: dict[str, list[str]] = defaultdict(list)
_ears: dict[str, Ear] = {}


def on(
    *names: str, urgent: bool = False, together: int = 1, brief: bool = False,
    when: Callable[[Any], Any] | None = None,
) -> Callable[[Subscriber], Subscriber]:  # fmt: skip
    """React to events: `@on("ticket.created")`. The reaction may run twice; see the module's first lines.

    With `together` it is given lists of up to so many events, each list in one transaction: for what comes in
    thousands at once. `brief` ones about at most one ticket share a transaction with others of their kind. If several
    that go together fail, each is tried by itself. Events that do not answer to `when` are never brought to it; it
    must cope with whatever older versions have recorded.
    """

    def register(function: Subscriber) -> Subscriber:
        name = subscriber_name(function)
        _ears[name] = Ear(function, 0 if urgent else 1, together, brief, when)
        for each in names:
            _subscribers[each].append(name)
        return function

    return register


def subscriber_name(function: Callable[[Any], None]) -> str:
    """The stable name under which a reaction is kept: room and function."""
    return f"{function.__module__.removeprefix('helpdesk.').removesuffix('.subscribers')}.{function.__name__}"


def subscribed_names() -> set[str]:
    """Every event name that somebody hears."""
    return set(_subscribers)


def subscriber(name: str) -> Ear | None:
    """Who is behind a kept name; None when a newer version dropped it."""
    return _ears.get(name)


def brief_names() -> list[str]:
    """Subscribers that share transactions."""
    return [name for name, ear in _ears.items() if ear.is_brief]


def record(name: str, *, on: Any, by: Actor, **data: Any) -> Event:
    """Write down what happened, in the transaction of the deed.

    `on` is the ticket, or a noun that knows its `ticket_id`, or None. `data` holds what cannot be read
    later, as JSON values; it never holds the text of a message.
    """
    from helpdesk.core.jobs import nudge_relay  # the machinery imports this module

    ticket_id = on.ticket_id if hasattr(on, "ticket_id") else getattr(on, "id", None)
    event = Event(ticket_id=ticket_id, name=name, actor=by.actor, data=data, created_at=clock.now())
    db.session.add(event)
    organizer = present_organizer()
    if "relay" not in db.session.info:
        db.session.info["relay"] = True
        after_commit(lambda: nudge_relay(organizer))
    return event


_SAID = (
    Event.id, Event.organizer_id, Event.ticket_id, Event.name, Event.actor, Event.data, Event.created_at,
)  # fmt: skip


def relay(*, wait: bool = True) -> int | None:
    """Seal what was committed since the last time, and plan the reactions. Returns how many events.

    One at a time per organizer: the chain's row is locked until the transaction ends. None: another relay is at it,
    and this one was not to wait. Plain columns and bulk writes: after a downtime there are tens of thousands.
    """
    chain = locked_chain(wait=wait)
    if chain is None:
        return None
    waiting = select(*_SAID).where(Event.sequence.is_(None)).order_by(Event.id).limit(BATCH)
    now, seals, planned = clock.now(), [], []
    for said in db.session.execute(waiting).all():
        chain.sequence += 1
        chain.hash = seal_of(chain.hash, chain.sequence, *said)
        seals.append({"event": said.id, "sequence": chain.sequence, "hash": chain.hash, "relayed_at": now})
        planned += [
            {
                "organizer_id": said.organizer_id, "event_id": said.id, "subscriber": name, "rank": _ears[name].rank,
                "next_at": now,
            }
            for name in _subscribers.get(said.name, ()) if _ears[name].concerns(said)
        ]  # fmt: skip
    db.session.flush()
    _write(_seal, seals)
    _write(insert(_reactions), planned)
    return len(seals)


_events, _reactions = cast(Table, Event.__table__), cast(Table, Reaction.__table__)
_seal = (
    update(_events)
    .where(_events.c.id == bindparam("event"))
    .values({name: bindparam(name) for name in ("sequence", "hash", "relayed_at")})
)


def _write(statement: Executable, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.connection().execute(statement, rows)


def locked_chain(*, wait: bool = True) -> Chain | None:
    """The organizer's chain, locked against every other relay until the transaction ends; None: see `relay`."""
    own = select(Chain)
    chain = db.session.scalar(own.with_for_update(key_share=True, skip_locked=not wait))
    if chain is None and not wait and db.session.scalar(own):
        return None
    if chain is None:
        add_once(Chain(sequence=0, hash=GENESIS))  # of two first relays at once, one makes it
        chain = db.session.scalars(own.with_for_update(key_share=True)).one()
    return chain


def last_sequence() -> int:
    """How far the organizer's chain is sealed; a page that shows it asks later what came after."""
    return db.session.scalar(select(Chain.sequence)) or 0


def broken_links() -> list[int]:
    """Ids of this organizer's events that were changed, removed around, or put out of order.

    Reads every sealed event once, in the order of the chain, as plain columns: there may be millions. An event
    that is missing at the end is seen by comparing with the chain's own row; its place is reported as the id of
    the last event that is there.
    """
    previous, expected, broken, last_id = GENESIS, 1, [], 0
    sealed = (
        select(Event.sequence, Event.hash, *_SAID).where(Event.sequence.is_not(None)).order_by(Event.sequence)
    )
    for sequence, seal, *row in db.session.execute(sealed.execution_options(yield_per=2000)):
        if sequence != expected or seal != seal_of(previous, sequence, *row):
            broken.append(row[0])
        previous, expected, last_id = seal or "", sequence + 1, row[0]
    if expected != last_sequence() + 1:
        broken.append(last_id)
    return broken
