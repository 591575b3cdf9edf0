"""AGT-005: the conditions of a rule are pure questions about a ticket; what fits is a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from helpdesk.assignment.conditions import Conditions
from helpdesk.assignment.facts import Facts, amount_of, sorted_under, tags_called
from helpdesk.assignment.rule import Rule
from helpdesk.core.db import db
from helpdesk.tickets.category import Category
from helpdesk.tickets.tag import Tag
from helpdesk.tickets.ticket import Ticket
from tests.support.seat import at_work
from tests.tickets.test_categories import plant

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TICKET = Facts(
    merchant_id=1, priority="HIGH", language="vi", source="form", at=MONDAY, categories=(10, 11, 12),
    tags=frozenset({5, 6}), is_vip=False, amount=Decimal("100.00"),
)  # fmt: skip

TABLE = [
    ({}, {}, None),
    ({"categories": [12]}, {}, None),  # its own
    ({"categories": [10]}, {}, None),  # the root of its branch
    ({"categories": [11, 99]}, {}, None),  # one of the list is enough
    ({"categories": [13]}, {}, "categories"),  # below it, or beside it
    ({"categories": [10]}, {"categories": ()}, "categories"),  # it has none
    ({"categories": [12]}, {"categories": (10, 11)}, "categories"),  # its parent does not mean it
    ({"priorities": ["HIGH", "CRITICAL"]}, {}, None),
    ({"priorities": ["LOW"]}, {}, "priorities"),
    ({"languages": ["vi"]}, {}, None),
    ({"languages": ["en"]}, {}, "languages"),
    ({"tags": [6, 7]}, {}, None),
    ({"tags": [7]}, {}, "tags"),
    ({"tags": [6]}, {"tags": frozenset()}, "tags"),
    ({"sources": ["form", "agent"]}, {}, None),
    ({"sources": ["portal"]}, {}, "sources"),
    ({"vip": True}, {}, "vip"),
    ({"vip": True}, {"is_vip": True}, None),
    ({"vip": False}, {}, None),  # asks for nothing
    ({"amount_from": "100.00"}, {}, None),  # the borders belong to it
    ({"amount_from": "100"}, {}, None),
    ({"amount_from": "100.01"}, {}, "amount_from"),
    ({"amount_to": "100"}, {}, None),
    ({"amount_to": "99.99"}, {}, "amount_to"),
    ({"amount_from": "99.99", "amount_to": "100.01"}, {}, None),
    ({"amount_from": "0"}, {}, None),
    ({"amount_from": "0"}, {"amount": Decimal(0)}, None),
    ({"amount_from": "0"}, {"amount": None}, "amount_from"),  # without an order there is no amount
    ({"amount_to": "5"}, {"amount": None}, "amount_to"),
    ({"amount_from": "0.3"}, {"amount": Decimal("0.1") + Decimal("0.2")}, None),  # no binary fractions
    ({"languages": ["vi"], "priorities": ["LOW"], "vip": True}, {}, "priorities"),  # all must hold: the first is said
]  # fmt: skip


@pytest.mark.parametrize("kept,values,failing", TABLE)
def test_AGT_005_which_condition_does_not_hold(kept, values, failing):
    assert Conditions(kept).failing(replace(TICKET, **values)) == failing


@pytest.mark.parametrize("order,amount", [
    (None, None), ({}, None), ({"id": "A1"}, None), ({"total": None}, None), ({"total": ""}, None),
    ({"total": 100}, "100"), ({"total": 100.5}, "100.5"), ({"total": "100.50"}, "100.50"), ({"total": " 7 "}, "7"),
    ({"total": 0.1}, "0.1"), ({"total": 0}, "0"), ({"total": -5}, "-5"), ({"total": "1e3"}, "1E+3"),
    ({"total": True}, None), ({"total": [1]}, None), ({"total": {"value": 1}}, None), ({"total": "a lot"}, None),
    ({"total": "1.000.000"}, None), ({"total": "1,5"}, None), ({"total": "NaN"}, None), ({"total": "Infinity"}, None),
    ({"total": float("nan")}, None), ({"total": float("inf")}, None), ({"total": "9" * 30}, "9" * 30),
])  # fmt: skip
def test_AGT_005_the_amount_of_an_order_is_what_reads_as_a_number(order, amount):
    assert amount_of(order) == (None if amount is None else Decimal(amount))


def time(start="09:00", end="17:00", zone="UTC", **more):
    return {"time": {"zone": zone, "from": start, "to": end, **more}}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


DAY, NIGHT = time(), time("18:00", "08:00")
TIMES = [
    (DAY, "2026-03-02T09:00:00+00:00", True),  # the first second belongs to it
    (DAY, "2026-03-02T08:59:59.999999+00:00", False),
    (DAY, "2026-03-02T16:59:59+00:00", True),
    (DAY, "2026-03-02T17:00:00+00:00", False),  # the last one does not
    (DAY, "2026-03-02T09:00:00+07:00", False),  # the clocks are those of the zone
    (time(zone="Asia/Ho_Chi_Minh"), "2026-03-02T09:00:00+07:00", True),
    (time(zone="Asia/Ho_Chi_Minh"), "2026-03-02T09:00:00+00:00", True),  # 16:00 there
    (time(zone="Asia/Ho_Chi_Minh"), "2026-03-02T10:00:00+00:00", False),  # 17:00 there
    # past midnight
    (NIGHT, "2026-03-02T18:00:00+00:00", True),
    (NIGHT, "2026-03-02T23:59:59+00:00", True),
    (NIGHT, "2026-03-03T00:00:00+00:00", True),
    (NIGHT, "2026-03-03T07:59:59+00:00", True),
    (NIGHT, "2026-03-03T08:00:00+00:00", False),
    (NIGHT, "2026-03-02T12:00:00+00:00", False),
    (time("18:00", "00:00"), "2026-03-02T23:59:59+00:00", True),
    (time("18:00", "00:00"), "2026-03-03T00:00:00+00:00", False),
    # weekdays: Monday is the 2nd; a night belongs to the day on which it begins
    (time(days=["mon"]), "2026-03-02T12:00:00+00:00", True),
    (time(days=["mon"]), "2026-03-03T12:00:00+00:00", False),
    (time(days=["mon", "wed"]), "2026-03-04T12:00:00+00:00", True),
    (time(days=[]), "2026-03-07T12:00:00+00:00", True),  # none said: all
    (time("18:00", "08:00", days=["fri"]), "2026-03-07T07:00:00+00:00", True),  # Saturday morning
    (time("18:00", "08:00", days=["fri"]), "2026-03-06T07:00:00+00:00", False),  # Friday morning
    (time("18:00", "08:00", days=["sun"]), "2026-03-02T07:00:00+00:00", True),  # over the end of the week
    (time("00:00", "24:00", days=["sat", "sun"]), "2026-03-07T00:00:00+00:00", True),
    (time("00:00", "24:00", days=["sat", "sun"]), "2026-03-08T23:59:59+00:00", True),
    (time("00:00", "24:00", days=["sat", "sun"]), "2026-03-09T00:00:00+00:00", False),
    # which day it is is a question of the zone too
    (time("00:00", "24:00", "Asia/Ho_Chi_Minh", days=["mon"]), "2026-03-01T17:00:00+00:00", True),
    (time("00:00", "24:00", "Asia/Ho_Chi_Minh", days=["mon"]), "2026-03-02T17:00:00+00:00", False),
    # daylight saving: New York springs from 02:00 to 03:00 on 8 March 2026
    (time("03:00", "04:00", "America/New_York"), "2026-03-08T07:00:00+00:00", True),
    (time("02:00", "03:00", "America/New_York"), "2026-03-08T07:00:00+00:00", False),  # this hour is not there
    (time("09:00", "17:00", "America/New_York"), "2026-03-07T14:00:00+00:00", True),  # 09:00 in winter
    (time("09:00", "17:00", "America/New_York"), "2026-03-08T13:00:00+00:00", True),  # 09:00 in summer
    (time("09:00", "17:00", "America/New_York"), "2026-03-08T12:59:59+00:00", False),
    # and falls from 02:00 to 01:00 on 1 November: 01:30 comes twice
    (time("01:00", "02:00", "America/New_York"), "2026-11-01T05:30:00+00:00", True),
    (time("01:00", "02:00", "America/New_York"), "2026-11-01T06:30:00+00:00", True),
    (time("01:00", "02:00", "America/New_York"), "2026-11-01T07:00:00+00:00", False),
]  # fmt: skip


@pytest.mark.parametrize("kept,instant,holds", TIMES)
def test_AGT_005_the_time_of_day(kept, instant, holds):
    assert Conditions(kept).failing(replace(TICKET, at=at(instant))) == (None if holds else "time")


def test_AGT_005_a_rule_of_one_store_is_for_its_tickets_only():
    rule = Rule(merchant_id=2, conditions={"vip": True}, candidates={})
    assert rule.failing(TICKET) == "merchant"
    assert rule.failing(replace(TICKET, merchant_id=2)) == "vip"
    assert Rule(merchant_id=None, conditions={}, candidates={}).failing(TICKET) is None


@pytest.mark.parametrize("candidates,skills,wanted", [
    ({}, ((1, 3),), {}),  # the category's are asked for only where the rule says so
    ({"category_skills": True}, ((1, 3),), {1: 3}),
    ({"category_skills": True}, (), {}),
    ({"skills": [{"skill": 2, "level": 4}]}, ((1, 3),), {2: 4}),
    ({"skills": [{"skill": 2, "level": 4}], "category_skills": True}, ((1, 3),), {1: 3, 2: 4}),
    ({"skills": [{"skill": 1, "level": 4}], "category_skills": True}, ((1, 3),), {1: 4}),  # the higher one counts
    ({"skills": [{"skill": 1, "level": 2}], "category_skills": True}, ((1, 3),), {1: 3}),
])  # fmt: skip
def test_AGT_005_the_skills_that_a_rule_asks_for(candidates, skills, wanted):
    rule = Rule(conditions={}, candidates=candidates)
    assert rule.wanted_skills(replace(TICKET, skills=skills)) == wanted


def test_CAT_002_the_facts_of_a_ticket_hold_its_branch_and_the_skills_that_it_inherits(world):
    low = plant(world, "top", "middle", "low")
    with world.inside():
        tree = Category.tree()
        line = tree.line(tree.by_id[low])
        line[0].required_skills = [{"skill": 7, "level": 2}]
        found = sorted_under(tree.by_id[low])
        assert found == {"categories": tuple(one.id for one in line), "skills": ((7, 2),)}
        line[1].required_skills = [{"skill": 8, "level": 1}]
        assert sorted_under(tree.by_id[low])["skills"] == ((8, 1),)  # the nearest one that says any
    assert sorted_under(None) == {}


def test_CAT_003_a_rule_that_names_a_merged_tag_means_the_one_that_stayed(world):
    made = world.ticket(order={"total": "12.50"})
    with at_work(world, made) as (ticket, gus):
        ticket.retag(["late", "gone"], by=gus)
    with at_work(world, made) as (ticket, gus):
        ticket.retag(["late"], by=gus)
        late, gone = (world.one(Tag, name=name) for name in ("late", "gone"))
        old = Tag(name="delayed")
        db.session.add(old)
        db.session.flush()
        old.merge_into(late, by=world.user("Mai"))
        said = Facts.of(db.session.get_one(Ticket, made))
        assert said.tags == {late.id, old.id}
        assert said.amount == Decimal("12.50")
        assert tags_called(["late"]) == tags_called(["delayed"]) == {late.id, old.id}
        assert tags_called(["gone", "never"]) == {gone.id}
        assert tags_called([]) == frozenset()
