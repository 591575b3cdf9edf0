"""What happened is written down in the same transaction, and everything outside starts from that record (AUD, Q-3)."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import select, text

from helpdesk.core import events
from helpdesk.core.db import db
from helpdesk.core.events import Chain, Event, Reaction, Robot, last_sequence, record, relay
from helpdesk.core.verify import verify
from tests.support.commands import run
from tests.support.databases import both_databases

TESTER = Robot("tester", "A test")


def happen(world, *numbers: int, slug: str = "acme") -> None:
    """One transaction that records some events."""
    with world.inside(slug):
        for number in numbers:
            record("test.happened", on=None, by=TESTER, number=number)


def seal(world, slug: str = "acme") -> int:
    with world.inside(slug):
        return relay()


def sealed(world, slug: str = "acme") -> list[tuple[int, int]]:
    """(sequence, number) in the order of the chain."""
    with world.inside(slug):
        found = select(Event).where(Event.name == "test.happened", Event.sequence.is_not(None))
        return [(e.sequence, e.data["number"]) for e in db.session.scalars(found.order_by(Event.sequence))]


def broken(world) -> dict[str, list[int]]:
    with world.app.app_context():
        return verify()


# The log ------------------------------------------------------------------------------------------------------


def test_Q_3_a_deed_that_is_taken_back_did_not_happen(world):
    with pytest.raises(ZeroDivisionError), world.inside():
        record("test.happened", on=None, by=TESTER, number=1 / 0)
    with world.inside():
        assert world.count(Event) == 0


def test_AUD_an_event_says_who_did_what_to_what(world):
    ticket_id = world.ticket()
    with world.inside():
        event = world.one(Event, name="ticket.created")
        assert event.ticket_id == ticket_id
        assert event.actor == {"kind": "customer", "id": world.customer("Bea").id, "name": "Bea"}
        assert event.sequence is None
        assert event.hash is None


def test_an_event_is_about_the_ticket_of_its_noun(world):
    class Noun:
        id, ticket_id = 7, 42

    with world.inside():
        assert record("test.happened", on=Noun(), by=TESTER).ticket_id == 42
        assert record("test.happened", on=None, by=TESTER).ticket_id is None


def test_a_part_of_the_system_has_a_name_and_no_id():
    assert TESTER.actor == {"kind": "system", "id": None, "name": "tester"}


# The chain ----------------------------------------------------------------------------------------------------


@both_databases
def test_AUD_the_sequence_begins_with_one_and_has_no_gaps(world):
    happen(world, 1, 2)
    happen(world, 3)
    assert seal(world) == 3
    assert seal(world) == 0
    happen(world, 4)
    seal(world)
    assert sealed(world) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    with world.inside():
        assert last_sequence() == 4
    assert broken(world) == {}


def test_AUD_each_organizer_has_his_own_sequence(world):
    happen(world, 1)
    happen(world, 1, slug="globex")
    seal(world), seal(world, "globex")
    assert sealed(world) == sealed(world, "globex") == [(1, 1)]
    with world.inside():
        assert len({e.hash for e in db.session.scalars(select(Event))}) == 1
    with world.inside("globex"):
        other = world.one(Event).hash
    with world.inside():
        assert world.one(Event).hash != other


def test_AUD_what_is_rolled_back_leaves_no_gap(world):
    happen(world, 1)
    with pytest.raises(ZeroDivisionError), world.inside():
        record("test.happened", on=None, by=TESTER, number=99), db.session.flush(), 1 / 0
    happen(world, 2)
    seal(world)
    assert sealed(world) == [(1, 1), (2, 2)]


def test_AUD_a_long_backlog_is_sealed_in_batches(world, monkeypatch):
    monkeypatch.setattr(events, "BATCH", 3)
    happen(world, *range(8))
    assert [seal(world) for _ in range(4)] == [3, 3, 2, 0]
    assert [number for _, number in sealed(world)] == list(range(8))
    assert broken(world) == {}


@both_databases
def test_AUD_the_chain_follows_the_order_of_commits(world):
    """A row whose id is lower may be committed later: whoever read up to n misses nothing (PostgreSQL)."""
    with ExitStack() as stack:
        if world.app.config["HELPDESK"].database_url.startswith("postgresql"):
            stack.enter_context(world.inside())  # takes the lower id, commits last
            record("test.happened", on=None, by=TESTER, number=2)
            db.session.flush()
            happen_elsewhere(world)
        else:
            happen(world, 1)  # SQLite has one writer at a time
            seal(world)
            happen(world, 2)
    seal(world)
    assert sealed(world) == [(1, 1), (2, 2)]
    assert broken(world) == {}


def happen_elsewhere(world) -> None:
    with ThreadPoolExecutor(1) as other:
        other.submit(happen, world, 1).result()
        assert other.submit(seal, world).result() == 1


@both_databases
def test_AUD_writers_and_relays_at_once_make_one_chain(world):
    writers, each, done = 6, 12, threading.Event()

    def write(writer: int) -> None:
        for n in range(each):
            with world.inside():
                record("test.happened", on=None, by=TESTER, number=writer * 1000 + n)
                db.session.flush()
                time.sleep(random.random() / 500)

    def seal_on() -> None:
        while not done.is_set():
            seal(world)
            time.sleep(0.001)

    with ThreadPoolExecutor(writers + 2) as threads:
        relays = [threads.submit(seal_on) for _ in range(2)]
        for writer in [threads.submit(write, w) for w in range(writers)]:
            writer.result()
        done.set()
        for one in relays:
            one.result()
    seal(world)
    chain = sealed(world)
    assert [sequence for sequence, _ in chain] == list(range(1, writers * each + 1))
    for writer in range(writers):
        own = [number for _, number in chain if number // 1000 == writer]
        assert own == sorted(own), "one writer's events lost their order"
    assert broken(world) == {}
    with world.inside():
        assert world.count(Chain) == 1


@both_databases
def test_AUD_what_an_event_says_is_read_back_as_it_was_sealed(world):
    """Numbers, languages and order of keys survive either database, or nothing would verify."""
    with world.inside():
        record(
            "test.happened",
            on=None,
            by=TESTER,
            number=1,
            z="ờ",
            a=[1, None, True],
            n={"b": 2, "a": 1.5},
            e="😀",
        )
    seal(world)
    assert broken(world) == {}


# Proof --------------------------------------------------------------------------------------------------------

TRIGGERS = ("update", "delete")


def by_hand(world, *statements: str) -> None:
    """Somebody with the database's password, who drops the triggers first."""
    with world.app.app_context(), db.engine.begin() as connection:
        on = " ON events" if connection.dialect.name == "postgresql" else ""
        for kind in TRIGGERS:
            connection.execute(text(f"DROP TRIGGER events_keep_{kind}{on}"))
        if on:  # or the reactions of a removed event would hold it
            connection.execute(text("ALTER TABLE reactions DROP CONSTRAINT fk_reactions_event_id_events"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            connection.execute(text(statement))


SWAP = (
    "UPDATE events SET sequence = -1 WHERE sequence = 2",
    "UPDATE events SET sequence = 2 WHERE sequence = 3",
    "UPDATE events SET sequence = 3 WHERE sequence = -1",
)
FORGERIES = {
    "a changed actor": (['UPDATE events SET actor = \'{"kind": "system"}\' WHERE id = 2'], [2]),
    "a changed name": (["UPDATE events SET name = 'test.else' WHERE id = 2"], [2]),
    "changed data": (["UPDATE events SET data = '{\"number\": 99}' WHERE id = 3"], [3]),
    "a changed ticket": (["UPDATE events SET ticket_id = 5 WHERE id = 1"], [1]),
    "a changed instant": (["UPDATE events SET created_at = '2020-01-01 00:00:00.000000' WHERE id = 4"], [4]),
    "a removed event": (["DELETE FROM events WHERE id = 3"], [4]),
    "a removed first event": (["DELETE FROM events WHERE id = 1"], [2]),
    "another order": (SWAP, [3, 2, 4]),
    "a cut tail": (["DELETE FROM events WHERE id = 5"], [4]),
    "a cut tail of two": (["DELETE FROM events WHERE id IN (4, 5)"], [3]),
    "a changed hash": (["UPDATE events SET hash = 'x' WHERE id = 2"], [2, 3]),
}


@both_databases
@pytest.mark.parametrize("forgery, ids", FORGERIES.values(), ids=FORGERIES.keys())
def test_AUD_a_forgery_is_seen_and_named(forgery, ids, world):
    happen(world, 1, 2, 3, 4, 5)
    happen(world, 1, slug="globex")
    seal(world), seal(world, "globex")
    with world.inside():  # ids go on after the cast's, if it ever had events
        assert [e.id for e in db.session.scalars(select(Event).order_by(Event.id))] == [1, 2, 3, 4, 5]
    assert run(world.app, "audit", "verify").exit_code == 0
    by_hand(world, *forgery)
    done = run(world.app, "audit", "verify")
    assert done.exit_code == 1
    assert done.output == f"acme: broken at {', '.join(map(str, ids))}\n"


def test_AUD_a_whole_chain_that_is_gone_is_seen(world):
    happen(world, 1, 2)
    seal(world)
    by_hand(world, "DELETE FROM events")
    assert run(world.app, "audit", "verify").exit_code == 1


def test_AUD_an_event_slipped_in_is_seen(world):
    happen(world, 1, 2)
    seal(world)
    by_hand(
        world,
        "INSERT INTO events (organizer_id, name, actor, data, created_at, sequence, hash, relayed_at)"
        " SELECT organizer_id, name, actor, data, created_at, 3, hash, relayed_at FROM events WHERE sequence = 2",
    )
    assert run(world.app, "audit", "verify").exit_code == 1


def test_AUD_verifying_an_untouched_record_says_so(world):
    world.ticket()
    world.run_reactions()
    done = run(world.app, "audit", "verify")
    assert (done.exit_code, done.output) == (0, "every event is in its place\n")


def test_AUD_what_is_not_sealed_yet_is_no_fault(world):
    happen(world, 1)
    seal(world)
    happen(world, 2)
    assert run(world.app, "audit", "verify").exit_code == 0


def test_AUD_verifying_writes_nothing(world):
    happen(world, 1)
    run(world.app, "audit", "verify")
    with world.inside():
        assert world.one(Event).sequence is None
        assert world.count(Reaction) == 0
