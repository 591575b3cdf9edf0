"""AGT-008: the figures are checked against what was counted, old tickets are counted once, and random lives add up."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from typing import Any

import pytest
from flask import render_template
from sqlalchemy import select

from helpdesk.agents.agent_day import AgentDay
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event, Robot
from helpdesk.core.i18n import speaking
from helpdesk.core.tenancy import inside
from helpdesk.organizers.merchant import Merchant
from helpdesk.reports import jobs
from helpdesk.reports.agent_credit import AgentCredit
from helpdesk.reports.recount import Recount
from helpdesk.sla.clock import Clock
from helpdesk.tickets.ticket import Ticket
from tests.reports import lives
from tests.reports.diary import NAMES, Diary, live, recomputed
from tests.reports.lives import MONDAY, TODAY, days_of, total_of
from tests.support.seat import at_work
from tests.support.world import World


@pytest.fixture
def world(any_world):
    lives.nobody_online(any_world)
    with clock.frozen(MONDAY):
        yield any_world


def check(world: World) -> list[dict[str, Any]]:
    """What the check has put right."""
    with world.app.app_context(), inside(world.organizers["acme"]):
        jobs.check_figures()
    with world.inside():
        told = select(Event.data).where(Event.name == "performance.corrected").order_by(Event.id)
        return list(db.session.scalars(told))


@pytest.fixture
def busy(world):
    """Two agents with something counted."""
    for name in ("Gus", "Linh"):
        ticket_id = world.ticket()
        lives.assign(world, ticket_id, name)
        lives.tick(world, 60)
        lives.reply(world, ticket_id, name)
        lives.resolve(world, ticket_id, name)
        lives.tick(world)
    return world


def test_AGT_008_figures_that_add_up_are_left_alone(busy):
    before = days_of(busy, "Gus")
    assert check(busy) == []
    assert days_of(busy, "Gus") == before


def test_AGT_008_figures_that_do_not_add_up_are_found_put_right_and_told(busy, caplog):
    before = {name: days_of(busy, name) for name in ("Gus", "Linh")}
    with busy.inside():
        gus, acme = busy.user("Gus").id, busy.one(Merchant, prefix="ACME").id
        AgentDay.add(gus, acme, TODAY, kept=3, response_seconds=-7)
        AgentDay.add(gus, busy.one(Merchant, prefix="BETA").id, TODAY - timedelta(days=40), handled=1)
    with caplog.at_level(logging.WARNING):
        assert check(busy) == [{"agent": {"id": gus, "name": "Gus"}, "days": 2}]
    assert "figures of an agent were wrong" in caplog.text
    assert {name: days_of(busy, name) for name in ("Gus", "Linh")} == before
    assert len(check(busy)) == 1  # nothing more to find


def test_AGT_008_a_lost_day_is_counted_again(busy):
    with busy.inside():
        row = db.session.scalars(select(AgentDay).where(AgentDay.user_id == busy.user("Linh").id)).one()
        lost = row.amounts
        AgentDay.add(row.user_id, row.merchant_id, row.day, **{name: -n for name, n in lost.items()})
    assert days_of(busy, "Linh") == {}
    check(busy)
    assert days_of(busy, "Linh") == {TODAY: lost}


@pytest.mark.parametrize("code,sentence", [
    ("en", "The check of the figures put right the figures of Gus: 2 days did not add up."),
    ("vi", "Bộ kiểm tra số liệu đã sửa lại số liệu của Gus: số liệu của 2 ngày không khớp."),
])  # fmt: skip
def test_AGT_008_the_correction_is_told_in_the_readers_language(busy, code, sentence):
    with busy.app.test_request_context(), speaking(code):
        said = render_template(
            "events/performance.corrected.txt",
            who=str(Robot.labels["performance check"]),
            data={"agent": {"name": "Gus"}, "days": 2},
        )
    assert said.strip() == sentence


# Tickets from before --------------------------------------------------------------------------------------------


def old_tickets(world: World, count: int) -> None:
    """Resolved ones of which nothing was heard, as they are there when the figures begin to be kept."""
    for number in range(count):
        ticket_id = world.ticket()
        lives.reply(world, ticket_id)
        clock.travel(60)
        if number % 2:
            lives.resolve(world, ticket_id, "Linh")


def test_AGT_008_old_tickets_are_counted_once_newest_first(world, monkeypatch):
    monkeypatch.setattr("helpdesk.reports.recount.BATCH", 2)
    old_tickets(world, 5)
    with world.inside():
        newest = db.session.scalars(select(Ticket.id).order_by(Ticket.id.desc())).first()
        db.session.add(Recount(before_id=newest + 1))
    steps = []
    for _ in range(4):
        with world.inside():
            steps.append(jobs.count_old_tickets())
        if len(steps) == 1:
            assert total_of(world, "Gus")["handled"] == 2
    assert steps == [True, True, False, False]
    gus, linh = total_of(world, "Gus"), total_of(world, "Linh")
    assert (gus["handled"], gus["responses"], linh["handled"], linh["resolutions"]) == (5, 5, 2, 2)
    lives.tick(world)  # what they are heard of afterwards changes nothing
    assert (total_of(world, "Gus"), total_of(world, "Linh")) == (gus, linh)


def test_AGT_008_without_old_tickets_there_is_nothing_to_count(world):
    with world.inside():
        assert jobs.count_old_tickets() is False


def test_AGT_008_a_ticket_without_a_log_counts_for_who_has_it(world):
    """As `helpdesk seed load` makes them: promises, and nothing that says who did what."""
    ticket_id = world.ticket()
    with at_work(world, ticket_id) as (ticket, gus):
        ticket.assignee_id, ticket.assigned_at = gus.id, MONDAY
        world.one(Clock, ticket_id=ticket_id, kind="first").meet(MONDAY, ticket.tracker.hours)
        AgentCredit.settle([ticket_id])
    assert total_of(world, "Gus") == {"kept": 1}


# Random lives ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_AGT_008_random_lives_add_up(world, seed):
    pick = random.Random(seed)
    diaries = []
    for _ in range(70):
        if len(diaries) < 6:
            diaries.append(Diary(world.ticket(), clock.now()))
        live(world, pick.choice(diaries), pick)
        clock.travel(pick.choice([30, 600, 7200, 30_000]))
        if pick.random() < 0.3:
            lives.tick(world)
    lives.tick(world)
    kept = {(name, day): n for name in NAMES for day, n in days_of(world, name).items()}
    assert kept == recomputed(world, diaries)
    assert check(world) == []
