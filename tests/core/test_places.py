"""TKT-007: no row of the record makes way for another, whatever SQL is written; SQLite knows REPLACE."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from helpdesk.core.db import db
from helpdesk.core.events import broken_links
from tests.support.databases import on_postgresql

EVENT = "organizer_id, ticket_id, name, actor, data, created_at"
MESSAGE = "organizer_id, ticket_id, merchant_id, kind, visibility, author_kind, author_name, body, body_html"
ATTEMPTS = [
    f"REPLACE INTO events (id, {EVENT}) SELECT id, {EVENT} FROM events",
    f"REPLACE INTO events ({EVENT}, sequence) SELECT {EVENT}, sequence FROM events WHERE sequence IS NOT NULL",
    "UPDATE OR REPLACE events SET sequence = 1, hash = 'x', relayed_at = created_at WHERE sequence IS NULL",
    f"INSERT OR REPLACE INTO messages (id, created_at, {MESSAGE}) SELECT id, created_at, {MESSAGE} FROM messages",
]


REFUSED = {"sqlite": "append-only|are for good", "postgresql": "syntax error"}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_TKT_007_nothing_takes_the_place_of_what_is_written(world, attempt):
    world.ticket()
    world.run_reactions()
    world.ticket("Not sealed yet")
    with world.app.app_context():
        with pytest.raises(DatabaseError, match=REFUSED[db.engine.dialect.name]):
            db.session.execute(text(attempt))
        db.session.rollback()
    world.run_reactions()
    with world.inside():
        assert broken_links() == []


@on_postgresql
def test_SLA_006_the_clocks_cannot_be_swept_away(world):
    world.ticket()
    with world.app.app_context():
        with pytest.raises(DatabaseError, match="frozen after a breach"):
            db.session.execute(text("TRUNCATE sla_clocks CASCADE"))
        db.session.rollback()
        assert db.session.scalar(text("SELECT count(*) FROM sla_clocks")) == 2
        db.session.rollback()
