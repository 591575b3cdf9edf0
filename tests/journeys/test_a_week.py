"""SLA-005, SLA-006, SLA-009: a simulated week ends with exactly the marks and levels that a slow model predicts.

By default a small one, worked off in this process. HELPDESK_WEEK_TICKETS=2000 makes it a large one for the real
thing: three workers and two schedulers, killed for six hours of it and started again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.core import clock
from tests.support.databases import KINDS
from tests.support.machines import Machine, Processes
from tests.support.week import MONDAY, Week, at
from tests.support.week_desk import Desk
from tests.support.world import World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("journeys")]

SEED = 20_260_323
LARGE = int(os.environ.get("HELPDESK_WEEK_TICKETS", 0))


@pytest.fixture(params=KINDS)
def app(
    request: pytest.FixtureRequest, copied_cast: Callable[[str], str], make_app_on: Callable[..., Flask]
) -> Flask:
    """The cast, with Redis where processes work."""
    settings = {"redis_url": request.getfixturevalue("redis_url")} if LARGE else {}
    return make_app_on(copied_cast(request.param), **settings)


@pytest.fixture
def machine(app: Flask, tmp_path: Path) -> Iterator[Machine]:
    """Whoever works."""
    found = Processes(World(app), tmp_path) if LARGE else Machine(World(app))
    yield found
    found.end()


def test_SLA_006_a_week_ends_with_exactly_what_a_slow_model_predicts(machine: Machine) -> None:
    with clock.frozen(MONDAY):
        desk = Desk(machine.world)
    week, was_watched = Week(LARGE or 24, SEED), True
    for step in week.steps:
        if was_watched and not step.is_watched:
            machine.be_away()
        if step.is_watched:
            machine.settle(at(step.minute - 0.5))
        desk.do(at(step.minute), step.deeds, week)
        machine.done(at(step.minute + 0.02))
        was_watched = step.is_watched
    machine.settle(at(week.steps[-1].minute + 0.5))
    _judge(week, desk)


def _judge(week: Week, desk: Desk) -> None:
    said, expected = desk.said, week.verdict
    marks = [times for (_, name, *_), times in expected.items() if name != "sla.met"]
    assert max(marks) == 1, "a promise may be kept twice, by who reopens; nothing else is said twice"
    assert said - expected == Counter(), "it said what the model does not say"
    assert expected - said == Counter(), "it did not say what the model says"
    raised, predicted = desk.raised, week.ladder
    assert raised - predicted == Counter(), "levels that the model does not raise"
    assert predicted - raised == Counter(), "levels that only the model raises"
    kinds = {name for _, name, _, _ in expected}
    assert kinds == {"sla.warned", "sla.critical", "sla.breached", "sla.met"}
    assert {ended for *_, ended in predicted} == {None, "climbed", "acknowledged", "finished"}
