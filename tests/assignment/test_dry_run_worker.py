"""AGT-009, AGT-011: a dry run says what the worker then does; at another instant it goes by the shifts then."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.agents.agent import AVAILABILITIES, Agent
from helpdesk.agents.leave import Leave
from helpdesk.assignment.decision import Decision
from helpdesk.assignment.dry_run import DryRun
from helpdesk.assignment.facts import Facts
from helpdesk.assignment.rule import Rule
from helpdesk.assignment.strategy import STRATEGIES
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.tickets.lifecycle import Priority
from helpdesk.tickets.ticket import Ticket
from tests.assignment.rules import dry, hire, make, profile, skill, team, user_id, winner
from tests.assignment.steps import chosen_again
from tests.support.page import form
from tests.support.seat import Seat

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday


WEEK = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}


@pytest.fixture
def shifts(world):
    """Linh works on Mondays in Ho Chi Minh City, with a break; Gus always. It is Monday noon in UTC."""
    with clock.frozen(NOON), world.inside():
        world.user("Linh").time_zone = "Asia/Ho_Chi_Minh"
        linh = Agent.of(world.user("Linh").id)
        linh.schedule = WEEK
        linh.settle()
    make(world, "linh", strategy="fixed", candidates={"fixed": user_id(world, "Linh")})
    made = world.ticket()
    with clock.frozen(NOON):
        yield world, made


@pytest.mark.parametrize("at,best,why", [
    (None, "Gus", "off_shift"),  # 19:00 there
    ("2026-03-02T01:59:59+00:00", "Gus", "off_shift"), ("2026-03-02T02:00:00+00:00", "Linh", None),
    ("2026-03-02T05:30:00+00:00", "Gus", "off_shift"),  # her break
    ("2026-03-02T06:00:00+00:00", "Linh", None), ("2026-03-09T09:59:59+00:00", "Linh", None),
    ("2026-03-09T10:00:00+00:00", "Gus", "off_shift"), ("2026-03-10T03:00:00+00:00", "Gus", "off_shift"),
])  # fmt: skip
def test_AGT_009_at_another_instant_shifts_are_those_of_that_instant(shifts, at, best, why):
    world, made = shifts
    instant = at and datetime.fromisoformat(at)
    assert dry(world, made, instant)[0] == best
    with world.inside():
        found = DryRun.of(Facts.of(db.session.get_one(Ticket, made)), at=instant)
        linh = next(one for look in found.trial.looks.values() for one in look if one.name == "Linh")
        assert linh.passed_over == why
        assert linh.back_at == (None if why is None else _next_monday(instant or NOON).isoformat())


def _next_monday(at):
    """When Linh's next shift begins."""
    starts = [NOON - timedelta(days=1) + timedelta(days=7 * n, hours=h) for n in range(3) for h in (14, 18)]
    return next(start for start in starts if start > at)


def test_AGT_009_leave_counts_at_that_instant_too(shifts):
    world, made = shifts
    monday = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
    with world.inside():
        Leave.take(world.user("Linh"), monday.date(), monday.date(), by=world.user("Mai"))
    assert dry(world, made, monday)[0] == "Gus"
    assert dry(world, made, monday + timedelta(days=7))[0] == "Linh"
    assert dry(world, made, monday - timedelta(days=7))[0] == "Linh"


def test_AGT_002_a_choice_by_hand_stays_until_it_ends(shifts):
    world, made = shifts
    monday = datetime(2026, 3, 9, 3, 0, tzinfo=UTC)
    with world.inside():
        Agent.of(world.user("Linh").id).choose("busy", by=world.user("Linh"))
    assert dry(world, made, monday)[0] == "Gus"
    with world.inside():
        Agent.of(world.user("Linh").id).choose("busy", by=world.user("Linh"), until=monday)
    assert dry(world, made, monday - timedelta(days=7))[0] == "Gus"
    assert dry(world, made, monday)[0] == "Linh"


def test_AGT_011_the_instant_is_typed_on_the_managers_own_clock(shifts):
    world, _made = shifts
    with world.inside():
        world.user("Mai").time_zone = "Asia/Ho_Chi_Minh"
    seat = Seat(world, "Mai")
    linh, gus = (str(user_id(world, name)) for name in ("Linh", "Gus"))
    assert winner(seat.get("/settings/rules/trial?number=ACME-1&at=2026-03-02T09:00")) == linh
    assert winner(seat.get("/settings/rules/trial?number=ACME-1&at=2026-03-02T08:59")) == gus
    page = seat.get("/settings/rules/trial?number=ACME-1&at=2026-03-02T09:00")
    assert form(page, "/settings/rules/trial").fields["at"] == "2026-03-02T09:00"
    assert "Asia/Ho_Chi_Minh" in page.text


def test_AGT_005_a_time_of_day_is_asked_of_that_instant(world):
    time = {"zone": "UTC", "from": "09:00", "to": "17:00", "days": ["mon"]}
    make(world, "office", conditions={"time": time})
    made = world.ticket()
    assert dry(world, made, NOON)[1]["office"][0] == "won"
    assert dry(world, made, NOON + timedelta(days=1))[1]["office"] == ("passed", "not at this time")


def small_world(world, chance: random.Random) -> int:
    """A few agents with shifts, skills and substitutes, a few rules, a ticket; its id."""
    names = ["Gus", "Linh", *(f"p{n}" for n in range(3))]
    for name in names[2:]:
        hire(world, name, languages=chance.choice([["en"], ["vi"], ["vi", "en"]]))
    repairs = skill(
        world, "Repairs", **{name: chance.randint(1, 5) for name in names if chance.random() < 0.6}
    )
    desk = team(world, "Desk", *[name for name in names if chance.random() < 0.6])
    ids = {name: user_id(world, name) for name in names}
    for name in names:
        profile(
            world, name, cap=chance.randint(0, 3), load=chance.randint(0, 2), is_on_shift=chance.random() < 0.8,
            availability=chance.choice(["online"] * 4 + list(AVAILABILITIES)),
            substitute_id=chance.choice([None, *ids.values()]),
        )  # fmt: skip
    for n in range(chance.randint(0, 4)):
        candidates = {
            "group": chance.choice([None, desk]), "users": [one for one in ids.values() if chance.random() < 0.3],
            "skills": [{"skill": repairs, "level": chance.randint(1, 5)}] if chance.random() < 0.4 else [],
            "language": chance.random() < 0.4, "fixed": chance.choice(list(ids.values())),
        }  # fmt: skip
        conditions = {
            "languages": chance.choice([[], ["vi"], ["en"]]), "vip": chance.random() < 0.2,
            "priorities": chance.choice([[], ["LOW", "MEDIUM"]]),
        }  # fmt: skip
        make(
            world,
            f"r{n}",
            strategy=chance.choice(sorted(STRATEGIES)),
            candidates=candidates,
            conditions=conditions,
        )
    return world.ticket(language=chance.choice(["vi", "en"]), priority=chance.choice(list(Priority)))


@pytest.mark.parametrize("seed", range(24))
def test_AGT_011_the_worker_then_does_what_the_dry_run_said(world, seed):
    chance = random.Random(seed)
    made = small_world(world, chance)
    with world.inside():
        found = DryRun.of(Facts.of(db.session.get_one(Ticket, made)))
        said = found.best.user_id if found.best else None
        rule = found.trial.rule.id if found.trial.rule else None
    with world.inside():
        Decision.make(made)
    with world.inside():
        decision = db.session.scalar(Decision.newest(made))
        assert (decision.chosen_id, decision.rule_id) == (said, rule)
        assert db.session.get_one(Ticket, made).assignee_id == said
        assert chosen_again(decision) == said


def test_AGT_006_turns_go_on_as_the_dry_run_says(world):
    make(world, "r", strategy="round_robin")
    for _ in range(5):
        made = world.ticket()
        said = dry(world, made)[0]
        with world.inside():
            assert world.user(said).id == Decision.make(made).chosen_id
    with world.inside():
        assert db.session.scalars(db.select(Rule).where(Rule.name_en == "r")).one().turns == 5
