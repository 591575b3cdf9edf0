"""AGT-008: the figures are checked against what was counted, old tickets are counted once, and random lives add up."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.reports import lives
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


@dataclass
class Diary:
    """What happened on one ticket, written down by who did it and not read from the product."""

    id: int
    born: datetime
    holders: list[tuple[datetime, str | None]] = field(default_factory=list)
    replies: list[tuple[datetime, str]] = field(default_factory=list)
    resolved: tuple[datetime, str] | None = None
    touched: dict[str, datetime] = field(default_factory=dict)
    stood: float = 0  # seconds in which the time to resolution stood still
    stands_since: datetime | None = None
    spent: float = 0  # on the last resolution
    rated: tuple[datetime, int] | None = None
    deleted: bool = False

    def holder(self, at: datetime) -> str | None:
        return next((name for since, name in reversed(self.holders) if since <= at), None)

    def stand(self) -> None:
        self.stands_since = self.stands_since or clock.now()

    def go_on(self) -> None:
        if self.stands_since:
            self.stood += (clock.now() - self.stands_since).total_seconds()
        self.stands_since = None


NAMES = ("Gus", "Linh", "Mai")


def live(world: World, diary: Diary, pick: random.Random) -> None:
    """One more step of a life, whatever is possible."""
    name, now = pick.choice(NAMES), clock.now()
    with at_work(world, diary.id, name) as (ticket, me):
        finished, owner = ticket.is_finished, ticket.assignee and ticket.assignee.name
        deed = pick.choice(
            ["assign", "release", "reply", "reply", "wait", "resolve", "resolve", "reopen", "rate", "delete"]
        )
        if diary.deleted:
            if deed == "delete":
                ticket.restore(by=world.user("Mai"))
                diary.deleted = False
                if diary.resolved is None and ticket.status != Status.WAITING_USER:
                    diary.go_on()
        elif deed == "delete" and pick.random() < 0.3:
            ticket.delete(by=world.user("Mai"))
            diary.deleted = True
            diary.stand()
        elif deed == "assign" and not finished and owner != name:
            ticket.give_to(me, by=world.user("Mai"))
            diary.holders.append((now, name))
            diary.go_on()
        elif deed == "release" and owner and not finished:
            ticket.release(by=world.user("Mai"))
            diary.holders.append((now, None))
            diary.go_on()
        elif deed in ("reply", "wait") and not finished:
            ticket.reply("Hello", by=me, then=Status.WAITING_USER if deed == "wait" else None)
            if owner is None:
                diary.holders.append((now, name))
                diary.go_on()
            diary.replies.append((now, name))
            diary.touched.setdefault(name, now)
            if deed == "wait":
                diary.stand()
        elif deed == "resolve" and not finished:
            ticket.resolve(by=me, note_en="Done", note_vi="Xong")
            diary.stand()
            diary.spent = (diary.stands_since - diary.born).total_seconds() - diary.stood
            diary.resolved = (now, name)
            diary.touched.setdefault(name, now)
        elif deed == "reopen" and ticket.status == Status.RESOLVED:
            kept = owner in ("Gus", "Linh")  # Mai has no profile: who is chosen has it then
            ticket.reopen(by=world.user("Mai"))
            diary.resolved = None
            diary.go_on()
            if not kept and owner:
                diary.holders.append((now, None))
        elif deed == "rate" and ticket.is_finished and not ticket.rating:
            rating = pick.randint(1, 5)
            ticket.confirm(by=ticket.customer, rating=rating)
            diary.rated = (now, rating)


def recomputed(world: World, diaries: list[Diary]) -> dict[tuple[str, Any], dict[str, int]]:
    """The figures from scratch, slowly: out of the diaries; the clocks say how each promise ended."""
    found: dict[tuple[str, Any], dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def count(name: str | None, at: datetime, **amounts: int) -> None:
        if name:
            for amount, n in amounts.items():
                found[name, at.date()][amount] += n

    for diary in diaries:
        if diary.deleted:
            continue
        for name, at in diary.touched.items():
            count(name, at, handled=1)
        for at, name in diary.replies[:1]:
            wall = int((at - diary.born).total_seconds())
            count(name, at, responses=1, response_wall_seconds=wall)
        if diary.resolved:
            at, name = diary.resolved
            count(name, at, resolutions=1, resolution_wall_seconds=int((at - diary.born).total_seconds()))
            count(name, at, resolution_seconds=int(diary.spent))
        if diary.rated and diary.resolved:
            count(diary.resolved[1], diary.rated[0], ratings=1, rating_sum=diary.rated[1])
        with world.inside():
            for each in db.session.scalars(select(Clock).where(Clock.ticket_id == diary.id)):
                if each.breached_at:
                    count(diary.holder(each.breached_at), each.breached_at, broken=1)
                elif each.met_at and not each.is_off:
                    count(diary.holder(each.met_at), each.met_at, kept=1)
    return {
        key: {k: n for k, n in amounts.items() if n}
        for key, amounts in found.items()
        if any(amounts.values())
    }


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
    for amounts in kept.values():
        amounts.pop("response_seconds", None)  # around the clock, and deletion in between: below
    assert kept == recomputed(world, diaries)
    assert check(world) == []
