"""NTF-005: a day of 500 events for 20 recipients, compared row by row with a model that looks at everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.notifications.delivery import Delivery
from tests.notifications.post import Post
from tests.notifications.simulated_day import MORNING, Day
from tests.notifications.slow_day import WINDOW
from tests.support.databases import both_databases

EVENTS = 500
HALF_HOUR = timedelta(minutes=30)  # quiet hours of the day begin and end at one

pytestmark = both_databases


@pytest.fixture
def post(slow_post: Post) -> Post:
    """The cast with the shipped window."""
    return slow_post


def compare(day: Day) -> None:
    """Row by row: state, reason, instant, and who is in one mail with whom."""
    names = {("user" if day.people[name].is_user else "customer", id): name for name, id in day.ids.items()}
    with day.post.inside():
        rows = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
        mine = {(day.numbers[row.event_id], names[row.recipient_kind, row.recipient_id]): row for row in rows}
        got = {key: (row.state, row.error, row.sent_at) for key, row in mine.items()}
        piles = {(key, row.batch_id) for key, row in mine.items() if row.batch_id}
    wanted = {(row.event, row.who): (row.state, row.error, row.sent_at) for row in day.model.rows}
    assert got == wanted
    together = {((row.event, row.who), id(row.batch)) for row in day.model.rows if row.batch}
    assert _parted(piles) == _parted(together)
    assert len(wanted) > 300
    reasons = {row.error for row in day.model.rows if row.error}
    assert {"seen on the screen", "switched off", "told with the reply"} <= reasons


def _parted(members: set[tuple[Any, int]]) -> set[frozenset[Any]]:
    """Which keys belong together, whatever their batch is called."""
    found: dict[int, set[Any]] = {}
    for key, batch in members:
        found.setdefault(batch, set()).add(key)
    return {frozenset(keys) for keys in found.values()}


@pytest.mark.parametrize("seed", [1])
def test_NTF_005_a_day_of_500_events_for_20_recipients(post: Post, seed: int) -> None:
    day = Day(post, seed)
    at = MORNING
    while day.number < EVENTS:
        at += timedelta(seconds=day.random.expovariate(1 / 100) + 0.001)
        if day.random.random() < 0.05 and day.model.waiting:  # at the very border of a window
            at = max(at, day.random.choice(day.model.waiting).closes)
        if day.random.random() < 0.1:  # at the very border of quiet hours, or so that its window closes there
            border = at.replace(minute=30 * (at.minute // 30), second=0, microsecond=0) + HALF_HOUR
            at = max(at, border - WINDOW * day.random.randrange(2))
        day.deed(at.replace(microsecond=0))
    day.catch_up(at + timedelta(days=3))
    compare(day)
