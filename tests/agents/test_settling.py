"""AGT-002, AGT-009: what somebody is now follows his schedule, unless he says otherwise; and it happens by itself."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import OWN
from helpdesk.agents.agent import Agent
from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.errors import NotAllowed
from helpdesk.core.events import Event
from helpdesk.core.tenancy import inside
from helpdesk.organizers.organizer import Organizer

WEEK = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Hanoi
HANOI = "Asia/Ho_Chi_Minh"


@pytest.fixture(autouse=True)
def _still():
    with clock.frozen(T0):
        yield


@contextmanager
def profile(world, name="Gus"):
    """Somebody's profile, locked, in a transaction."""
    with world.inside():
        yield Agent.of(world.user(name).id, lock=True)


def on_hours(world, name="Gus", **more):
    """Give somebody office hours in Hanoi."""
    with profile(world, name) as one:
        one.change({"schedule": WEEK, "time_zone": HANOI, **more}, by=world.user("Mai"))


def state(world, name="Gus"):
    with profile(world, name) as one:
        return one.availability, one.is_on_shift


def settle(world):
    with world.inside():
        return Agent.settle_due()


def said(world, event="agent.availability_changed"):
    with world.inside():
        rows = db.session.scalars(select(Event).where(Event.name == event).order_by(Event.id))
        return [row.data for row in rows]


def test_AGT_009_without_a_choice_the_schedule_says_it(any_world):
    on_hours(any_world)
    assert state(any_world) == ("offline", False)
    seen = []
    for hours in (1, 3, 1, 4):  # 09:00, 12:00, 13:00, 17:00
        clock.travel(hours * 3600)
        settle(any_world)
        seen.append(state(any_world))
    assert seen == [("online", True), ("offline", False), ("online", True), ("offline", False)]
    assert [(one["from"], one["to"]) for one in said(any_world)] == [
        ("online", "offline"), ("offline", "online"), ("online", "offline"), ("offline", "online"),
        ("online", "offline"),
    ]  # fmt: skip


def test_AGT_009_on_leave_he_is_away_and_back_by_himself(world):
    on_hours(world)
    with profile(world) as one:
        one.take_leave(date(2026, 3, 2), date(2026, 3, 3), by=one.user)
    assert state(world) == ("away", False)
    clock.travel(2 * 86400)  # Wednesday, 08:00
    settle(world)
    assert state(world) == ("offline", False)
    clock.travel(3600)
    settle(world)
    assert state(world) == ("online", True)


def test_AGT_009_leave_that_begins_and_ends_off_shift_is_leave_all_the_same(world):
    with world.inside():
        Organizer.present().hand_back_after(30, by=world.user("Mai"))
    on_hours(world)
    with profile(world) as one:
        one.take_leave(date(2026, 3, 7), date(2026, 3, 8), by=one.user)  # a weekend
    seen = []
    for hours in (4 * 24 + 10, 30, 40, 9):  # Friday 18:00, Sunday 00:00, Monday 16:00, Tuesday 01:00
        clock.travel(hours * 3600)
        settle(world)
        seen.append(state(world))
    assert seen == [("offline", False), ("away", False), ("online", True), ("offline", False)]
    with profile(world) as one:
        assert one.shift_changes_at == datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
        assert one.hand_back_at is None


def test_AGT_009_on_the_first_day_of_leave_what_is_not_begun_is_handed_back(world):
    with world.inside():
        Organizer.present().hand_back_after(30, by=world.user("Mai"))
    on_hours(world)
    with profile(world) as one:
        one.take_leave(date(2026, 3, 9), date(2026, 3, 20), by=one.user)
    clock.travel(5 * 86400)  # Saturday: off shift, and not on leave yet
    settle(world)
    assert state(world) == ("offline", False)
    with profile(world) as one:
        assert one.shift_changes_at == datetime(2026, 3, 23, 2, 0, tzinfo=UTC), "what others are told"
    clock.travel(86400 + 16 * 3600)  # Monday, 00:00
    settle(world)
    assert state(world) == ("away", False)
    clock.travel(1800)
    settle(world)
    assert len(said(world, "agent.stayed_away")) == 1


def test_AGT_002_who_goes_away_may_hand_back_at_once(world):
    with profile(world) as one:
        one.choose("away", by=one.user, until=T0 + timedelta(hours=1), hand_back=True)
        assert one.look_at == T0 + timedelta(hours=1)
    settle(world)
    settle(world)
    assert len(said(world, "agent.stayed_away")) == 1
    with profile(world) as one:
        assert one.look_at == T0 + timedelta(hours=1)
        one.choose("online", by=one.user, hand_back=True)
        assert one.hand_back_at is None, "who is there keeps what he has"


def test_AGT_009_leave_that_is_cancelled_ends_at_once(world):
    with profile(world) as one:
        leave = one.take_leave(date(2026, 3, 2), date(2026, 3, 2), by=one.user, note="x")
        assert (one.availability, one.is_on_shift) == ("away", False)
        one.cancel_leave(leave, by=one.user)
        one.cancel_leave(leave, by=one.user)
        assert (one.availability, one.is_on_shift, one.look_at) == ("online", True, None)
    assert len(said(world, "agent.leave_cancelled")) == 1


def test_AGT_002_a_choice_by_hand_beats_the_schedule_and_ends_at_its_instant(world):
    on_hours(world)
    with profile(world) as one:
        one.choose("busy", by=one.user, until=clock.now() + timedelta(minutes=90))
    assert state(world) == ("busy", False)
    clock.travel(3600)
    settle(world)
    assert state(world) == ("busy", True), "the shift began; he is busy all the same"
    clock.travel(1800)
    settle(world)
    assert state(world) == ("online", True)
    with profile(world) as one:
        assert (one.chosen, one.chosen_until) == (None, None)


def test_AGT_002_online_by_hand_makes_nobodys_shift_longer(world):
    on_hours(world)
    with profile(world) as one:
        one.choose("online", by=one.user)
        assert (one.availability, one.is_on_shift, one.is_present) == ("online", False, False)
    with world.inside():
        assert not Agent.take(world.user("Gus").id, within_cap=True)


def test_AGT_002_back_to_the_schedule(world):
    on_hours(world)
    with profile(world) as one:
        one.choose("away", by=one.user)
        one.choose(None, by=one.user, until=clock.now() + timedelta(hours=1))
        assert (one.availability, one.chosen, one.chosen_until) == ("offline", None, None)


def test_AGT_002_after_downtime_everything_is_settled_as_it_is_now_and_twice_changes_nothing(any_world):
    on_hours(any_world)
    clock.travel(30 * 3600)  # Tuesday 14:00: shifts began and ended unseen
    settle(any_world)
    settle(any_world)
    assert state(any_world) == ("online", True)
    assert len(said(any_world)) == 2
    with profile(any_world) as one:
        assert one.look_at == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def test_AGT_002_several_workers_settle_everybody_once(any_world):
    with any_world.inside():
        for name in ("Gus", "Linh"):
            one = Agent.of(any_world.user(name).id, lock=True)
            one.change({"schedule": WEEK, "time_zone": HANOI}, by=any_world.user("Mai"))
    before = len(said(any_world))
    clock.travel(3600)
    start, failures = Barrier(4), []

    def work() -> None:
        try:
            start.wait()
            for _ in range(3):
                settle(any_world)
        except Exception as error:  # told by the test's own thread
            failures.append(error)

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == []
    assert [state(any_world, name) for name in ("Gus", "Linh")] == [("online", True)] * 2
    assert len(said(any_world)) == before + 2


def test_AGT_009_moving_to_another_zone_moves_the_shift(world):
    on_hours(world)
    clock.travel(3600)
    settle(world)
    assert state(world) == ("online", True)
    with world.inside():
        gus = world.user("Gus")
        gus.choose({name: getattr(gus, name) for name in OWN} | {"time_zone": "America/New_York"})
    world.run_reactions()
    assert state(world) == ("offline", False)
    with profile(world) as one:
        assert one.look_at == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # 09:00 in New York


def test_AGT_002_away_for_long_enough_hands_back_at_its_instant(world):
    with world.inside():
        Organizer.present().hand_back_after(30, by=world.user("Mai"))
    with profile(world) as one:
        one.choose("away", by=one.user)
        assert one.hand_back_at == T0 + timedelta(minutes=30)
    clock.travel(1799)
    settle(world)
    assert said(world, "agent.stayed_away") == []
    clock.travel(1)
    settle(world)
    settle(world)
    assert len(said(world, "agent.stayed_away")) == 1


def test_AGT_002_who_comes_back_in_time_keeps_everything(world):
    with world.inside():
        Organizer.present().hand_back_after(30, by=world.user("Mai"))
    with profile(world) as one:
        one.choose("away", by=one.user, until=T0 + timedelta(minutes=10))
    clock.travel(3600)
    settle(world)
    assert state(world) == ("online", True)
    with profile(world) as one:
        assert (one.hand_back_at, one.look_at) == (None, None)


def test_AGT_002_the_end_of_a_shift_hands_nothing_back(world):
    with world.inside():
        Organizer.present().hand_back_after(1, by=world.user("Mai"))
    on_hours(world)
    assert state(world) == ("offline", False)
    clock.travel(3600 * 30)
    settle(world)
    assert said(world, "agent.stayed_away") == []


def test_AGT_002_nobody_but_managers_speaks_for_another(world):
    with profile(world) as one, pytest.raises(NotAllowed):
        one.choose("away", by=world.user("Linh"))
    with profile(world) as one:
        one.choose("away", by=world.user("Mai"))
    assert state(world) == ("away", True)


def test_AGT_002_each_organizer_settles_its_own(world):
    on_hours(world)
    clock.travel(3600)
    with world.app.app_context(), inside(world.organizers["globex"]):
        assert Agent.settle_due() is False
    assert state(world) == ("offline", False)
