"""TKT-008: what several people change does not get lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.ticket import Ticket
from tests.support.databases import both_databases
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, events_of, ticket_in


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


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("stands", [Status.ASSIGNED, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED])
@pytest.mark.parametrize("seen", ["now", "before", "none"])
def test_TKT_004_the_status_that_it_has_already_is_no_change(world, stands, seen, htmx):
    made = ticket_in(world, stands, "Gus")
    now = version(world)
    with world.inside():
        before = (world.one(Ticket).updated_at, len(events_of(made)))
    said = {"now": {"version": str(now)}, "before": {"version": str(now - 1)}, "none": {}}[seen]
    answer = Seat(world, "Gus").post("/tickets/ACME-1/status", htmx=htmx, status=stands.value, **said)
    assert answer.status_code == (200 if htmx else 303)
    assert not htmx or f'data-status="{stands.value}"' in answer.text
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.version) == (stands, now)
        assert (ticket.updated_at, len(events_of(made))) == before


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


EDITS = [
    ("priority", {"priority": "CRITICAL"}, {"priority": "LOW"}, "Low", "Urgent"),
    ("status", {"status": "WAITING_USER"}, {"status": "WAITING_INTERNAL"}, "On hold", "Waiting for customer"),
]


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("door,mine,hers,present,wanted", EDITS)
def test_TKT_008_a_conflict_shows_both_values_and_lets_choose(world, door, mine, hers, present, wanted, htmx):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    gus, seen = Seat(world, "Gus"), str(version(world))
    assert Seat(world, "Mai").post(f"/tickets/ACME-1/{door}", **hers).status_code == 303
    answer = gus.post(f"/tickets/ACME-1/{door}", htmx=htmx, version=seen, **mine)
    assert answer.status_code == 409
    assert ("<html" in answer.text) is not htmx
    [conflict] = read(answer).with_attribute("data-conflict")
    assert f"Mai set this to “{present}”" in conflict.text
    assert f"You chose “{wanted}”" in conflict.text
    sent = form(answer, f"/tickets/ACME-1/{door}")
    assert sent.send(gus.client, keep="1").status_code == 303
    assert value(world, door) == next(iter(hers.values()))
    assert sent.send(gus.client).status_code == 303
    assert value(world, door) == next(iter(mine.values()))


def value(world, door: str) -> str:
    with world.inside():
        return getattr(world.one(Ticket), door)


def test_TKT_008_a_conflict_with_a_merge_names_who_merged(world):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    seen = str(version(world))
    world.ticket()
    assert Seat(world, "Mai").post("/tickets/ACME-1/merge", into="ACME-2").status_code == 303
    gus = Seat(world, "Gus")
    gus.client.set_cookie("lang", "en")
    answer = gus.post("/tickets/ACME-1/status", version=seen, status="WAITING_USER")
    assert answer.status_code == 409
    [conflict] = read(answer).with_attribute("data-conflict")
    assert "Mai set this to “Closed”" in conflict.text


@pytest.mark.parametrize("htmx", [False, True])
def test_TKT_008_a_conflict_about_the_assignee_names_both(world, htmx):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    mai, seen = Seat(world, "Mai"), str(version(world))
    mai.client.set_cookie("lang", "en")
    with world.inside():
        linh, gus = str(world.user("Linh").id), str(world.user("Gus").id)
    Seat(world, "Gus").post("/tickets/ACME-1/assignment", agent="")
    answer = mai.post("/tickets/ACME-1/assignment", htmx=htmx, version=seen, agent=linh)
    assert answer.status_code == 409
    [conflict] = read(answer).with_attribute("data-conflict")
    assert "You chose “Linh”" in conflict.text
    assert "Keep “Unassigned”" in conflict.text
    sent = form(answer, "/tickets/ACME-1/assignment")
    assert sent.send(mai.client, keep="1").status_code == 303
    with world.inside():
        assert world.one(Ticket).assignee is None
    assert sent.send(mai.client).status_code == 303
    with world.inside():
        assert str(world.one(Ticket).assignee_id) == linh != gus


def test_TKT_008_who_wants_the_same_is_not_asked(world):
    made = ticket_in(world, Status.IN_PROGRESS, "Gus")
    gus, seen = Seat(world, "Gus"), str(version(world))
    Seat(world, "Mai").post("/tickets/ACME-1/priority", priority="HIGH")
    with world.inside():
        before = len(events_of(made))
    assert gus.post("/tickets/ACME-1/priority", version=seen, priority="HIGH").status_code == 303
    with world.inside():
        assert len(events_of(made)) == before


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    "door,values", [("priority", {"priority": "LOW"}), ("resolution", {"note_en": "Hers."})]
)
def test_TKT_008_a_resolution_that_comes_too_late_keeps_its_words(world, door, values, htmx):
    ticket_in(world, Status.IN_PROGRESS, "Gus", language="en")
    gus, seen = Seat(world, "Gus"), str(version(world))
    assert Seat(world, "Mai").post(f"/tickets/ACME-1/{door}", **values).status_code == 303
    answer = gus.post(
        "/tickets/ACME-1/resolution", htmx=htmx, version=seen, note_en="My words.", note_vi="Lời tôi."
    )
    assert answer.status_code == 409
    assert "My words." in answer.text
    assert "Lời tôi." in answer.text
    if door == "priority":  # it can still be resolved, against what it is now
        sent = form(answer, "/tickets/ACME-1/resolution")
        assert sent.fields["note_en"] == "My words."
        assert sent.send(gus.client).status_code == 303
    with world.inside():
        ticket = world.one(Ticket)
        assert ticket.resolution_note_en == ("My words." if door == "priority" else "Hers.")


def test_TKT_008_the_same_resolution_sent_twice_is_one(world):
    ticket_in(world, Status.IN_PROGRESS, "Gus", language="en")
    gus, seen = Seat(world, "Gus"), str(version(world))
    for _ in range(2):
        assert gus.post("/tickets/ACME-1/resolution", version=seen, note_en="Done.").status_code == 303


@both_databases
def test_TKT_008_only_what_can_be_edited_counts_as_another_version(world):
    made = ticket_in(world, Status.WAITING_INTERNAL, "Gus")
    seen = version(world)
    with at_work(world, made) as (ticket, me):
        ticket.note("A note.", by=me)
        ticket.comment("A remark.", by=me)
        ticket.reply("A reply.", by=me)
        ticket.hear("An answer.", by=ticket.customer)
    assert version(world) == seen
    with at_work(world, made) as (ticket, me):
        ticket.reprioritise(Priority.HIGH, by=me)
    assert version(world) == seen + 1
    with at_work(world, made) as (ticket, me):
        ticket.reprioritise(Priority.HIGH, by=me)
    assert version(world) == seen + 1
    with at_work(world, made) as (ticket, me):
        ticket.release(by=me)
    assert version(world) > seen + 1


def test_TKT_008_an_edit_that_names_no_version_is_taken(world):
    ticket_in(world, Status.ASSIGNED, "Gus")
    assert Seat(world, "Gus").post("/tickets/ACME-1/priority", priority="HIGH").status_code == 303


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


def test_TKT_008_a_conflict_says_no_falsehood_where_another_property_was_changed(world):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    gus, seen = Seat(world, "Gus"), str(version(world))
    gus.client.set_cookie("lang", "en")
    assert Seat(world, "Mai").post("/tickets/ACME-1/priority", priority="LOW").status_code == 303
    answer = gus.post("/tickets/ACME-1/status", version=seen, status="WAITING_USER")
    assert answer.status_code == 409
    [conflict] = read(answer).with_attribute("data-conflict")
    assert "Gus set this to “In progress”" in conflict.text


def test_TKT_008_a_closure_against_an_older_state_is_told_the_present_one(world):
    ticket_in(world, Status.IN_PROGRESS, "Gus")
    mai, seen = Seat(world, "Mai"), str(version(world))
    mai.client.set_cookie("lang", "en")
    assert Seat(world, "Gus").post("/tickets/ACME-1/priority", priority="LOW").status_code == 303
    answer = mai.post("/tickets/ACME-1/closure", version=seen, reason="spam")
    assert answer.status_code == 409
    for present in ("“In progress”", "“Low”", "Gus"):
        assert present in answer.text
