"""TKT-008: what several people change does not get lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.page import form
from tests.support.seat import Seat, events_of, ticket_in


def version(world) -> int:
    with world.inside():
        return world.one(Ticket).version


@pytest.mark.parametrize("door,values", [
    ("status", {"status": "WAITING_INTERNAL"}),
    ("priority", {"priority": "CRITICAL"}),
    ("assignment", {"agent": ""}),
])  # fmt: skip
@pytest.mark.parametrize("htmx", [False, True])
def test_TKT_008_an_edit_against_an_outdated_version_is_refused(world, door, values, htmx):
    made = ticket_in(world, Status.IN_PROGRESS, "Linh")
    mai, seen = Seat(world, "Mai"), version(world)
    assert Seat(world, "Linh").post("/tickets/ACME-1/priority", priority="LOW").status_code == 303
    with world.inside():
        before = len(events_of(made))
    answer = mai.post(f"/tickets/ACME-1/{door}", htmx=htmx, version=str(seen), **values)
    assert answer.status_code == 409
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.priority, ticket.assignee.name) == ("IN_PROGRESS", "LOW", "Linh")
        assert len(events_of(made)) == before


def test_TKT_008_the_page_brings_the_version_that_it_shows(world):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    gus = Seat(world, "Gus")
    sent = form(gus.get("/tickets/ACME-1"), "/tickets/ACME-1/priority")
    assert sent.fields["version"] == str(version(world))
    assert sent.send(gus.client, priority="HIGH").status_code == 303
    assert sent.send(gus.client, priority="LOW").status_code == 409  # the page is outdated by its own deed


def test_TKT_008_of_two_edits_at_once_one_is_refused(any_world):
    ticket_in(any_world, Status.ASSIGNED, "Gus")
    seats, seen = [Seat(any_world, name) for name in ("Mai", "Ada")], str(version(any_world))

    def edit(pair):
        seat, priority = pair
        return seat.post("/tickets/ACME-1/priority", version=seen, priority=priority).status_code

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(edit, zip(seats, ["HIGH", "LOW"], strict=True)))
    assert sorted(codes) == [303, 409]
    with any_world.inside():
        assert any_world.one(Ticket).priority == ["HIGH", "LOW"][codes.index(303)]


def test_TKT_008_a_version_that_is_no_number_is_a_bad_request(world):
    ticket_in(world, Status.ASSIGNED, "Gus")
    gus = Seat(world, "Gus")
    for odd in ("x", "1.5", "٣x", "9" * 400):
        assert gus.post("/tickets/ACME-1/priority", version=odd, priority="HIGH").status_code in (400, 409)
    with world.inside():
        assert world.one(Ticket).priority == "MEDIUM"


def test_TKT_008_the_refusal_says_what_to_do_in_both_languages(world):
    ticket_in(world, Status.ASSIGNED, "Gus")
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "en")
    english = gus.post("/tickets/ACME-1/priority", version="0", priority="HIGH").text
    assert "Somebody changed this ticket meanwhile" in english


@pytest.mark.parametrize("htmx", [False, True])
def test_TKT_008_an_outdated_resolution_is_refused_and_keeps_its_note(world, htmx):
    ticket_in(world, Status.IN_PROGRESS)
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "en")
    filled = form(gus.get("/tickets/ACME-1"), "/resolution")
    Seat(world, "Mai").post("/tickets/ACME-1/priority", priority="LOW")
    refused = filled.send(gus.client, htmx, note_vi="Đã gửi lại.")
    assert refused.status_code == 409
    assert "Somebody changed this ticket meanwhile" in refused.text
    again = form(refused, "/resolution")
    assert again.fields["note_vi"] == "Đã gửi lại."
    assert [again.send(gus.client, htmx).status_code for _ in range(2)] == [200 if htmx else 303] * 2
    with world.inside():
        assert world.one(Ticket).status == "RESOLVED"


def test_TKT_008_outdated_closures_and_reopenings_are_refused(world):
    ticket_in(world, Status.RESOLVED)
    mai = Seat(world, "Mai")
    page = mai.get("/tickets/ACME-1")
    Seat(world, "Gus").post("/tickets/ACME-1/priority", priority="LOW")
    with world.inside():
        world.one(Ticket).subject = "Changed"
    assert form(page, "/reopening").send(mai.client).status_code == 409
    assert form(page, "/closure").send(mai.client).status_code == 409
    fresh = form(mai.get("/tickets/ACME-1"), "/closure")
    assert [fresh.send(mai.client).status_code for _ in range(2)] == [303, 303]
