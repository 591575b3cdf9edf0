"""SLA-003: hours in which policies could not keep their promises are refused; running tickets follow at once."""

from __future__ import annotations

import pytest

from helpdesk.core.errors import Refusal
from helpdesk.tickets.ticket import Ticket
from tests.sla.calendars import changed, made, versions
from tests.sla.desk_time import own_policy, targets
from tests.support.jobs import run_jobs
from tests.support.world import World

YEAR = 525_600 * 60


def test_SLA_003_hours_in_which_a_promise_would_take_generations_are_refused(world):
    id_ = made(world)
    with world.inside():
        own_policy(targets=targets(first=3600, resolution=YEAR), calendar_id=id_)
    with pytest.raises(Refusal, match="more than a hundred years"):
        changed(world, id_, schedule={"mon": [["09:00", "09:01"]]})
    assert len(versions(world, id_)) == 1
    changed(world, id_, schedule={"mon": [["09:00", "19:00"]], "tue": [["09:00", "19:00"]]})
    assert len(versions(world, id_)) == 2


def test_SLA_004_running_tickets_follow_a_calendar_without_waiting_for_the_sweep(make_app, redis_url):
    world = World(make_app(redis_url=redis_url))
    id_ = made(world)
    with world.inside():
        own_policy(targets=targets(first=3600, resolution=7200), calendar_id=id_)
    ticket_id = world.ticket()
    changed(world, id_, zone="Asia/Tokyo", apply_to_running=True)
    run_jobs(world.app)
    with world.inside():
        assert world.one(Ticket, id=ticket_id).tracker.calendar_version.zone == "Asia/Tokyo"
