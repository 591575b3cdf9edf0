"""The database itself keeps what must never change, whoever asks it (AUD, SLA)."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.sla.clock import Clock
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases

REFUSED = {
    "events": [
        "UPDATE events SET name = 'other'",
        "UPDATE events SET data = '{}'",
        "UPDATE events SET actor = '{}'",
        "UPDATE events SET ticket_id = NULL",
        "UPDATE events SET organizer_id = organizer_id + 1",
        "UPDATE events SET created_at = '2020-01-01 00:00:00'",
        "UPDATE events SET hash = 'x'",
        "UPDATE events SET sequence = sequence + 100",
        "UPDATE events SET sequence = NULL, hash = NULL, relayed_at = NULL",
        "UPDATE events SET relayed_at = '2020-01-01 00:00:00'",
        "DELETE FROM events",
    ],
    "messages": [
        "UPDATE messages SET visibility = 'public' WHERE kind = 'internal_note'",
        "UPDATE messages SET visibility = 'internal' WHERE kind = 'comment'",
        "UPDATE messages SET kind = 'comment' WHERE kind = 'internal_note'",
        "UPDATE messages SET event_name = 'x' WHERE kind = 'system'",
        "UPDATE messages SET event_data = '{}' WHERE kind = 'system'",
        "UPDATE messages SET author_name = 'x' WHERE kind = 'system'",
        "UPDATE messages SET deleted_at = '2020-01-01 00:00:00' WHERE kind = 'system'",
        "DELETE FROM messages WHERE kind = 'system'",
        "DELETE FROM messages WHERE kind = 'comment'",
    ],
    "sla_clocks": [
        "UPDATE sla_clocks SET breached_at = NULL WHERE breached_at IS NOT NULL",
        "UPDATE sla_clocks SET breached_at = '2030-01-01 00:00:00' WHERE breached_at IS NOT NULL",
        "UPDATE sla_clocks SET due_at = '2030-01-01 00:00:00' WHERE breached_at IS NOT NULL",
        "UPDATE sla_clocks SET target_seconds = target_seconds + 60 WHERE breached_at IS NOT NULL",
        "UPDATE sla_clocks SET kind = 'next' WHERE breached_at IS NOT NULL",
        "DELETE FROM sla_clocks WHERE breached_at IS NOT NULL",
        "DELETE FROM sla_clocks",
    ],
}
ALLOWED = [
    "UPDATE messages SET body = 'x' WHERE kind = 'comment'",
    "UPDATE messages SET deleted_at = '2020-01-01 00:00:00' WHERE kind = 'comment'",
    "UPDATE sla_clocks SET due_at = '2030-01-01 00:00:00' WHERE breached_at IS NULL",
]
EACH = [(table, statement) for table, statements in REFUSED.items() for statement in statements]


@pytest.fixture
def busy(world) -> None:
    """A ticket with a comment, a note, a system line, sealed events, a clock that breached and one that runs."""
    ticket_id = world.ticket()
    with world.inside():
        ticket = Ticket.for_deed(ticket_id)
        Message.write(ticket, "internal_note", "Between us", by=world.user("Gus"))
        ticket.take(by=world.user("Gus"))
        breached = db.session.scalars(select(Clock).where(Clock.kind == "first")).one()
        breached.breached_at = breached.breach_noticed_at = clock.now()
    world.run_reactions()


@both_databases
@pytest.mark.parametrize("table", REFUSED)
def test_AUD_what_is_for_good_cannot_be_changed(table, world, busy):
    with world.app.app_context():
        for statement in REFUSED[table]:
            with pytest.raises(DatabaseError, match=f"{table}: "):
                by_hand(statement)


@both_databases
def test_AUD_the_rest_can(world, busy):
    with world.app.app_context():
        for statement in ALLOWED:
            assert by_hand(statement) > 0, statement


@both_databases
def test_AUD_the_guards_are_about_rows_that_are_there(world, busy):
    """A refusal above would prove nothing if no row met its condition."""
    with world.app.app_context():
        for table, statement in EACH:
            where = statement.partition(" WHERE ")[2]
            count = f"SELECT count(*) FROM {table}" + (f" WHERE {where}" if where else "")
            assert db.session.scalar(text(count)), statement


def by_hand(statement: str) -> int:
    with db.engine.begin() as connection:
        return connection.execute(text(statement)).rowcount
