"""AGT-008: what is counted for an agent on a day; nothing is lost and nothing is averaged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from helpdesk.agents.agent_day import AgentDay, day_of
from helpdesk.core.db import db
from helpdesk.organizers.merchant import Merchant
from tests.support.browser import counted

DAY, NEXT = date(2026, 11, 23), date(2026, 11, 24)


def add(world, name, day, prefix="ACME", slug="acme", **amounts):
    with world.inside(slug):
        AgentDay.add(world.user(name).id, world.one(Merchant, prefix=prefix).id, day, **amounts)


def rows(world, slug="acme"):
    with world.inside(slug):
        return {(r.user_id, r.merchant_id, r.day): r.amounts for r in db.session.scalars(select(AgentDay))}


def test_AGT_008_a_day_of_an_agent_at_a_merchant_is_one_row(any_world):
    add(any_world, "Gus", DAY, handled=1, kept=2)
    add(any_world, "Gus", DAY, handled=1, broken=1)
    add(any_world, "Gus", DAY, kept=-1)
    add(any_world, "Gus", NEXT, kept=1)
    add(any_world, "Gus", DAY, prefix="BETA", kept=1)
    assert sorted(rows(any_world).values(), key=str) == [
        {"handled": 2, "kept": 1, "broken": 1}, {"kept": 1}, {"kept": 1},
    ]  # fmt: skip


def test_AGT_008_nothing_is_lost_when_many_count_at_once(any_world):
    def count(number):
        add(any_world, "Gus", DAY, handled=1, response_seconds=number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(64)))
    assert list(rows(any_world).values()) == [{"handled": 64, "response_seconds": sum(range(64))}]


def test_AGT_008_records_tell_kept_and_broken_promises_in_one_query(any_world):
    add(any_world, "Gus", DAY, kept=3, broken=1)
    add(any_world, "Gus", NEXT, kept=2)
    add(any_world, "Gus", NEXT, prefix="BETA", broken=5)
    add(any_world, "Linh", DAY, broken=1)
    with any_world.inside():
        gus, linh, mai = (any_world.user(name).id for name in ("Gus", "Linh", "Mai"))
        with counted() as statements:
            assert AgentDay.records([gus, linh, mai], DAY) == {gus: (5, 6), linh: (0, 1), mai: (0, 0)}
        assert len(statements) == 1
        assert AgentDay.records([gus, linh], NEXT) == {gus: (2, 5), linh: (0, 0)}
        assert AgentDay.records([], DAY) == {}


def test_AGT_008_each_agent_is_asked_for_from_a_day_of_his_own(any_world):
    for day in (DAY, NEXT):
        add(any_world, "Gus", day, kept=1)
        add(any_world, "Linh", day, kept=1)
    with any_world.inside():
        gus, linh = (any_world.user(name).id for name in ("Gus", "Linh"))
        sums = AgentDay.by_agent({gus: DAY, linh: NEXT})
        assert (sums[gus]["kept"], sums[linh]["kept"]) == (2, 1)
        by_day = AgentDay.by_day({gus: DAY, linh: NEXT})
        assert {day: amounts["kept"] for day, amounts in by_day.items()} == {DAY: 1, NEXT: 2}


def test_AGT_008_a_neighbours_days_are_not_there(any_world):
    add(any_world, "Gil", DAY, prefix="GLOB", slug="globex", kept=9)
    with any_world.inside("globex"):
        gil = any_world.user("Gil").id
    with any_world.inside():
        assert AgentDay.records([gil], DAY) == {gil: (0, 0)}
    assert rows(any_world) == {}


@pytest.mark.parametrize("zone,day", [
    ("", 23), ("UTC", 23), ("Asia/Ho_Chi_Minh", 24), ("America/New_York", 23), ("Pacific/Kiritimati", 24),
    ("Not/AZone", 23), ("../../etc/passwd", 23),
])  # fmt: skip
def test_AGT_008_a_day_is_the_agents_own(zone, day):
    assert day_of(zone, datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == date(2026, 11, day)
