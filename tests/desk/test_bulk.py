"""The same done to many tickets: the bar above the queue (UX A5)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from helpdesk.core.db import db
from helpdesk.tickets.bulk_item import BulkItem
from helpdesk.tickets.bulk_run import BulkRun
from helpdesk.tickets.follower import Follower
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import many
from tests.support.jobs import run_jobs
from tests.support.page import read
from tests.support.seat import Seat, events_of, ticket_in
from tests.support.world import World


@pytest.fixture
def awake(make_app: Any, redis_url: str) -> World:
    """The cast, with Redis: workers are woken."""
    return World(make_app(redis_url=redis_url))


@pytest.fixture
def gus(world: World) -> Seat:
    return Seat(world, "Gus")


@pytest.fixture
def mai(world: World) -> Seat:
    return Seat(world, "Mai")


def numbers(world: World, ids: list[int]) -> list[str]:
    with world.inside():
        return [db.session.get_one(Ticket, id_).number for id_ in ids]


def last_run(world: World) -> int:
    return max(db.session.scalars(select(BulkRun.id)))


def test_UX_A5_chosen_tickets_are_changed_and_the_list_says_so(world: World, gus: Seat) -> None:
    ids = [world.ticket(), world.ticket("Other")]
    answer = gus.post(
        "/queue/all/bulk?status=OPEN", do="priority", priority="HIGH", tickets=numbers(world, ids)
    )
    assert answer.status_code == 303
    assert "/queue/all?status=OPEN&bulk=" in answer.location
    assert "2 done" in read(gus.get(answer.location)).text
    with world.inside():
        assert {db.session.get_one(Ticket, id_).priority for id_ in ids} == {"HIGH"}
        assert [
            event.actor["name"] for event in events_of(ids[0]) if event.name == "ticket.reprioritised"
        ] == ["Gus"]


def test_UX_A5_each_deed_of_the_bar_does_what_it_does_on_the_ticket(world: World, mai: Seat) -> None:
    ids = [world.ticket(), world.ticket("Other")]
    chosen = numbers(world, ids)
    with world.inside():
        gus_id = world.user("Gus").id
    for said in (
        {"do": "assign", "assign": str(gus_id)},
        {"do": "status", "status": "IN_PROGRESS"},
        {"do": "tags", "add_tags": "Late, VIP", "remove_tags": ""},
        {"do": "tags", "add_tags": "", "remove_tags": "vip"},
        {"do": "snooze", "until": "tomorrow"},
        {"do": "follow"},
    ):
        assert mai.post("/queue/all/bulk", htmx=True, tickets=chosen, **said).status_code == 200, said
    with world.inside():
        for id_ in ids:
            ticket = db.session.get_one(Ticket, id_)
            assert (ticket.assignee_id, ticket.status) == (gus_id, "IN_PROGRESS")
            assert [tag.name for tag in ticket.tags] == ["late"]
            assert ticket.snoozed_until
            assert Follower.has(id_, world.user("Mai").id)


def test_UX_A5_what_cannot_be_done_is_skipped_with_its_reason_and_holds_no_other(
    world: World, gus: Seat
) -> None:
    taken, free = ticket_in(world, Status.ASSIGNED, "Linh"), world.ticket("Free")
    answer = gus.post("/queue/all/bulk", do="assign", assign="me", tickets=numbers(world, [taken, free]))
    page = read(gus.get(answer.location))
    assert "1 done, 1 skipped" in page.text
    with world.inside():
        assert db.session.get_one(Ticket, free).assignee.name == "Gus"
        assert db.session.get_one(Ticket, taken).assignee.name == "Linh"
        run = last_run(world)
    shown = read(gus.get(f"/bulk/{run}"))
    assert "Linh has this ticket already." in shown.text


def test_UX_A5_undo_brings_back_what_nobody_has_touched_since(world: World, mai: Seat, gus: Seat) -> None:
    ids = [ticket_in(world, Status.IN_PROGRESS), ticket_in(world, Status.WAITING_USER), world.ticket("Third")]
    chosen = numbers(world, ids)
    before = [("IN_PROGRESS", "Gus"), ("WAITING_USER", "Gus"), ("OPEN", None)]
    with world.inside():
        linh = str(world.user("Linh").id)
    mai.post("/queue/all/bulk", do="assign", assign=linh, tickets=chosen)
    with world.inside():
        run = last_run(world)
        Ticket.for_deed(ids[1]).note("I am at it", by=world.user("Linh"))
    assert mai.post(f"/bulk/{run}/undo").status_code == 303
    with world.inside():
        states = [
            (t.status, t.assignee and t.assignee.name) for t in (db.session.get_one(Ticket, i) for i in ids)
        ]
        assert states == [before[0], ("ASSIGNED", "Linh"), before[2]]
        back = last_run(world)
    assert "Đã có người đổi phiếu này sau đó" in read(mai.get(f"/bulk/{back}")).text
    assert mai.post(f"/bulk/{run}/undo").location.endswith(f"/bulk/{back}")  # twice is once


def test_UX_A5_all_results_are_pinned_and_counted_before_anything_happens(awake: World) -> None:
    world, gus = awake, Seat(awake, "Gus")
    many(world, 120)
    answer = gus.post("/queue/all/bulk?priority=MEDIUM", do="priority", priority="LOW", all="1")
    late = world.ticket("Came later")
    page = read(gus.get(answer.location))
    assert "Change 120 tickets?" in page.text
    with world.inside():
        run = last_run(world)
        assert world.count(Ticket, priority="LOW") == 0
    gus.post(f"/bulk/{run}/start")
    run_jobs(world.app)
    with world.inside():
        assert world.count(Ticket, priority="LOW") == 120
        assert db.session.get_one(Ticket, late).priority == "MEDIUM"
        assert db.session.get_one(BulkRun, run).finished_at
        assert world.count(BulkItem, run_id=run, state="done") == 120


def unread(seat: Seat) -> int:
    """The number at somebody's bell."""
    return int(next(read(seat.get("/notifications/bell")).all("a", id="bell"))["data-count"])


def test_UX_A8_a_job_that_is_done_stands_at_the_bell_until_it_was_looked_at(awake: World) -> None:
    mai = Seat(awake, "Mai")
    many(awake, 101)
    mai.post("/queue/all/bulk", do="follow", all="1")
    with awake.inside():
        run = last_run(awake)
    mai.post(f"/bulk/{run}/start")
    run_jobs(awake.app)
    told = unread(mai)  # with what happened to the tickets
    assert "101 xong" in read(mai.get("/notifications")).text
    mai.post(f"/bulk/{run}/reading", htmx=True)
    assert unread(mai) == told - 1
    assert "101 xong" not in read(mai.get("/notifications")).text
