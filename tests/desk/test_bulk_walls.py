"""Bulk changes are held by rights: of who asks, and again of who it is done for when a worker comes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from helpdesk.accounts.user import Membership
from helpdesk.core import clock
from helpdesk.core.db import db, transaction
from helpdesk.core.events import Event
from helpdesk.core.tenancy import inside
from helpdesk.organizers.merchant import Merchant
from helpdesk.tickets.bulk_item import BulkItem
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.ticket_deed import TicketDeed
from tests.desk.queue_pages import many
from tests.support.databases import both_databases
from tests.support.jobs import run_jobs, run_periodic
from tests.support.page import read
from tests.support.seat import Seat, ticket_in
from tests.support.world import World

HIGH = TicketDeed("priority", "HIGH")


@pytest.fixture
def awake(make_app: Any, redis_url: str) -> World:
    """The cast, with Redis: workers are woken."""
    return World(make_app(redis_url=redis_url))


def large_run(world: World, name: str = "Gus", howmany: int = 104) -> int:
    """One that a worker is to do, started."""
    many(world, howmany)
    with world.inside():
        me = world.user(name)
        ids = db.session.scalars(Ticket.visible_to(me).with_only_columns(Ticket.id)).all()
        run = BulkRun.propose(ids, [HIGH], by=me)
        run.start(by=me)
        return run.id


def states(world: World, run_id: int) -> dict[str, int]:
    with world.inside():
        run = db.session.get_one(BulkRun, run_id)
        return {"done": run.done, "skipped": run.skipped, "finished": run.finished_at is not None}


def whys(world: World, run_id: int) -> set[str]:
    with world.inside():
        return set(db.session.scalars(select(BulkItem.why).where(BulkItem.run_id == run_id)))


def test_UX_A5_a_neighbours_ticket_in_the_selection_is_neither_changed_nor_shown(world: World) -> None:
    own, strange = world.ticket(), world.ticket("Strange", by="Cyd")
    gus = Seat(world, "Gus")
    sent = {"do": "priority", "priority": "HIGH", "tickets": ["ACME-1", "GLOB-1", "ACME-777"]}
    page = read(gus.get(gus.post("/queue/all/bulk", **sent).location))
    assert "1 done, 2 skipped" in page.text
    with world.inside():
        run = db.session.scalars(select(BulkRun)).one()
        assert [item.ticket_id for item in run.items] == [own]
        run_id = run.id
    assert "GLOB" not in gus.get(f"/bulk/{run_id}").text
    with world.inside("globex"):
        assert db.session.get_one(Ticket, strange).priority == "MEDIUM"


def test_UX_A5_another_merchants_ticket_is_not_there(world: World, pat: str) -> None:
    ticket = world.ticket()
    seat = Seat(world, pat)
    seat.post("/queue/all/bulk", do="priority", priority="HIGH", tickets=["ACME-1"])
    with world.inside():
        assert db.session.get_one(Ticket, ticket).priority == "MEDIUM"
        assert db.session.scalars(select(BulkRun)).one().unknown == 1


def test_UX_A5_all_results_are_those_that_he_sees(world: World, pat: str) -> None:
    world.ticket()
    Seat(world, pat).post("/queue/all/bulk", do="priority", priority="HIGH", all="1")
    with world.inside():
        assert db.session.scalars(select(BulkRun)).one().total == 0


@pytest.mark.parametrize("door", ["", "/state", "/start", "/stop", "/undo", "/reading"])
def test_UX_A5_a_run_is_its_owners_alone(world: World, door: str) -> None:
    world.ticket()
    with world.inside():
        me = world.user("Gus")
        run = BulkRun.propose([1], [HIGH], by=me).id
    for name in ("Linh", "Ada", "Gil"):
        seat = Seat(world, name)
        answer = seat.get(f"/bulk/{run}{door}") if door in ("", "/state") else seat.post(f"/bulk/{run}{door}")
        assert answer.status_code == 404, name


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"do": "priority", "priority": "HIGH"}, 422),
        ({"do": "", "tickets": ["ACME-1"]}, 422),
        ({"do": "tags", "add_tags": " , ", "tickets": ["ACME-1"]}, 422),
        ({"do": "tags", "add_tags": "x" * 41, "tickets": ["ACME-1"]}, 422),
        ({"do": "snooze", "until": "at", "at": "2001-01-01T00:00", "tickets": ["ACME-1"]}, 422),
        ({"do": "merge", "tickets": ["ACME-1"]}, 422),
        ({"do": "explode", "tickets": ["ACME-1"]}, 400),
        ({"do": "priority", "priority": "HUGE", "tickets": ["ACME-1"]}, 400),
        ({"do": "status", "status": "RESOLVED", "tickets": ["ACME-1"]}, 400),
        ({"do": "assign", "assign": "9" * 30, "tickets": ["ACME-1"]}, 400),
        ({"do": "assign", "assign": "group:x", "tickets": ["ACME-1"]}, 400),
        ({"do": "priority", "priority": "HIGH", "tickets": ["<b>"]}, 400),
        ({"do": "priority", "priority": "HIGH", "tickets": [f"ACME-{n}" for n in range(1, 300)]}, 400),
    ],
)
def test_UX_A5_what_cannot_be_meant_is_refused_and_nothing_happens(
    world: World, sent: dict[str, Any], code: int
) -> None:
    world.ticket()
    gus = Seat(world, "Gus")
    assert gus.post("/queue/all/bulk", **sent).status_code == code
    assert gus.post("/queue/all/bulk", htmx=True, **sent).status_code == code
    with world.inside():
        assert world.count(BulkRun) == 0


def test_UX_A5_the_boxes_stay_chosen_where_something_was_wrong(world: World) -> None:
    world.ticket()
    page = read(Seat(world, "Gus").post("/queue/all/bulk", do="tags", add_tags="", tickets=["ACME-1"]))
    boxes = [box for box in page.all("input", name="tickets") if "checked" in box.attributes]
    assert [box["value"] for box in boxes] == ["ACME-1"]


def test_UX_A5_only_a_manager_closes_merges_and_gives_to_others(world: World) -> None:
    ticket_in(world, Status.ASSIGNED, "Linh")
    world.ticket()
    gus, chosen = Seat(world, "Gus"), ["ACME-1", "ACME-2"]
    with world.inside():
        linh = str(world.user("Linh").id)
    for sent in ({"do": "status", "status": "CLOSED:spam"}, {"do": "assign", "assign": linh}):
        page = read(gus.get(gus.post("/queue/all/bulk", tickets=chosen, **sent).location))
        assert "2 skipped" in page.text
    run = gus.post("/queue/all/bulk", do="merge", tickets=chosen).location
    gus.post(f"{run}/start")
    assert "Only a manager may merge tickets." in gus.get(run).text


def test_UX_A5_a_manager_merges_into_the_oldest_after_a_second_look(world: World) -> None:
    for n in range(3):
        world.ticket(f"Question {n}")
    ada = Seat(world, "Ada")
    run = ada.post("/queue/all/bulk", do="merge", tickets=["ACME-3", "ACME-1", "ACME-2"]).location
    page = read(ada.get(run))
    assert "Merge: ACME-1" in page.text
    assert "This cannot be undone." in page.text
    ada.post(f"{run}/start")
    with world.inside():
        merged = db.session.scalars(select(Ticket.merged_into_id).order_by(Ticket.id)).all()
        assert merged == [None, 1, 1]


def test_UX_A5_who_has_lost_his_rights_meanwhile_changes_nothing(awake: World) -> None:
    run = large_run(awake)
    with awake.inside():
        shop, gus = awake.one(Merchant, prefix="ACME"), awake.user("Gus")
        awake.one(Membership, user_id=gus.id, merchant_id=shop.id).deleted_at = clock.now()
    run_periodic(awake.app)
    assert states(awake, run) == {"done": 0, "skipped": 104, "finished": True}
    assert whys(awake, run) == {"It is not there any more, or not yours to see."}


def test_UX_A5_who_has_left_meanwhile_changes_nothing(awake: World) -> None:
    run = large_run(awake, "Linh")
    with awake.inside():
        awake.user("Linh").is_active = False
    run_periodic(awake.app)
    assert states(awake, run)["skipped"] == 104
    assert whys(awake, run) == {"Bạn không có quyền thực hiện việc này."}  # in her language


@both_databases
def test_UX_A5_a_worker_that_dies_neither_loses_nor_doubles_a_ticket(make_app: Any, redis_url: str) -> None:
    world = World(make_app(redis_url=redis_url))
    run = large_run(world)
    with (
        world.app.app_context(),
        inside(world.organizers["acme"]),
    ):  # as far as a worker came before it was killed
        with transaction():
            assert BulkRun._lease(run)
        for _ in range(3):
            BulkRun._do_one(run)
    run_periodic(world.app)
    assert states(world, run)["finished"] is False  # his lease is not over yet
    clock.travel(timedelta(minutes=1).total_seconds())
    run_periodic(world.app)
    assert states(world, run) == {"done": 104, "skipped": 0, "finished": True}
    with world.inside():
        assert world.count(Event, name="ticket.reprioritised") == 104


def test_UX_A5_what_still_waits_can_be_stopped(awake: World) -> None:
    run = large_run(awake)
    with awake.app.app_context(), inside(awake.organizers["acme"]):
        BulkRun._do_one(run)
    gus = Seat(awake, "Gus")
    gus.post(f"/bulk/{run}/stop")
    run_jobs(awake.app)
    assert states(awake, run) == {"done": 1, "skipped": 103, "finished": True}
    assert "You stopped it before this one." in gus.get(f"/bulk/{run}").text
