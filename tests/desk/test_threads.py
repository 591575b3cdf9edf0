"""The thread of the ticket's page: its ends, its folds, the line above what is new, and how that line moves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from helpdesk.core.db import db
from helpdesk.tickets.lifecycle import Priority, Status
from helpdesk.tickets.reading_mark import ReadingMark
from tests.support.databases import both_databases
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work, thread_of, ticket_in

S = Status


def rows(page: Element) -> list[Element]:
    """The rows of the thread, in order."""
    [thread] = page.all("ol", id="thread")
    return [child for child in thread.children if isinstance(child, Element)]


def ids(page: Element) -> list[int]:
    return [int(element["data-message"]) for element in page.with_attribute("data-message")]


def long_thread(world, messages: int) -> tuple[int, list[int]]:
    """A ticket with so many messages, and their ids."""
    made = world.ticket()
    with at_work(world, made) as (ticket, _):
        for n in range(messages - 1):
            ticket.note(f"Line {n}.", by=world.user("Linh"))
    with world.inside():
        return made, [message.id for message in thread_of(made)]


def place_of_line(page: Element) -> int:
    """The id of the first message below the line "New"; 0 where there is no line."""
    found = rows(page)
    for row, after in pairwise(found):
        if row.attributes.get("class") == "thread-new":
            return int(after.attributes.get("data-message") or after["data-before"])
    return 0


@both_databases
def test_TKT_a_long_thread_shows_its_ends_and_comes_on_demand(world):
    _, all_ids = long_thread(world, 150)
    gus = Seat(world, "Gus")
    page = read(gus.get("/tickets/ACME-1"))
    assert ids(page) == [all_ids[0], *all_ids[-20:]]
    [gap] = page.with_attribute("data-after")
    assert "129" in gap.text
    [link] = gap.all("a")
    assert ids(read(gus.get(link["href"]))) == all_ids  # without scripts
    more = read(gus.get(link["hx-get"]))
    assert ids(more) == all_ids[-120:-20]
    [smaller] = more.with_attribute("data-after")
    assert (smaller["data-after"], smaller["data-before"]) == (str(all_ids[0]), str(all_ids[-120]))
    rest = read(gus.get(next(smaller.all("a"))["hx-get"]))
    assert ids(rest) == all_ids[1:-120]
    assert rest.with_attribute("data-after") == []


def test_TKT_a_thread_of_thirty_is_shown_whole(world):
    _, all_ids = long_thread(world, 30)
    page = read(Seat(world, "Gus").get("/tickets/ACME-1"))
    assert ids(page) == all_ids
    assert page.with_attribute("data-after") == []


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "٣"])
def test_TKT_a_part_of_the_middle_that_is_none_is_refused(world, before):
    long_thread(world, 40)
    assert Seat(world, "Gus").get("/tickets/ACME-1/messages", before=before).status_code == 400


def test_TKT_more_than_three_changes_in_a_row_are_one_line(world):
    made = ticket_in(world, S.ASSIGNED)
    with at_work(world, made) as (ticket, me):
        for priority in (Priority.LOW, Priority.HIGH):
            ticket.reprioritise(priority, by=me)
    gus = Seat(world, "Gus")
    assert not list(read(gus.get("/tickets/ACME-1")).all("li", class_="changes"))
    with at_work(world, made) as (ticket, me):
        ticket.reprioritise(Priority.LOW, by=me)
    page = read(gus.get("/tickets/ACME-1"))
    [fold] = page.all("li", class_="changes")
    assert "Show 4 changes" in fold.text
    assert len(fold.with_attribute("data-message")) == 4
    with world.inside():
        assert ids(page) == [message.id for message in thread_of(made)]


def test_TKT_the_line_new_stands_before_what_others_said_since(world):
    made = ticket_in(world, S.ASSIGNED)
    gus, linh = Seat(world, "Gus"), Seat(world, "Linh")
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == 0  # everything is new to who was never here
    with world.inside():
        newest = thread_of(made)[-1].id
    assert gus.post("/tickets/ACME-1/reading", message=str(newest)).status_code == 204
    assert gus.post("/tickets/ACME-1/notes", body="My own.").status_code == 303
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == 0
    linh.post("/tickets/ACME-1/notes", body="Hers.")
    with world.inside():
        hers = thread_of(made)[-1].id
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == hers
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == hers  # looking alone moves nothing
    gus.post("/tickets/ACME-1/reading", message=str(hers))
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == 0


def test_TKT_the_line_stands_before_the_gap_where_it_would_be_inside(world):
    _, all_ids = long_thread(world, 60)
    gus = Seat(world, "Gus")
    gus.post("/tickets/ACME-1/reading", message=str(all_ids[5]))
    assert place_of_line(read(gus.get("/tickets/ACME-1"))) == all_ids[-20]
    assert place_of_line(read(gus.get("/tickets/ACME-1?all=1"))) == all_ids[6]


@both_databases
def test_TKT_the_mark_moves_on_only_and_stays_within_its_ticket(world):
    made, all_ids = long_thread(world, 5)
    gus = Seat(world, "Gus")
    for said, reached in ((3, 3), (1, 3), (4, 4), (10**15, 4)):
        message = all_ids[said] if said < 10 else said
        assert gus.post("/tickets/ACME-1/reading", message=str(message)).status_code == 204
        with world.inside():
            mark = world.one(ReadingMark, ticket_id=made)
            assert (mark.message_id, mark.user_id) == (all_ids[reached], world.user("Gus").id)


@pytest.mark.parametrize("odd", ["", "x", "-1", "9" * 30, "\0"])
def test_TKT_a_mark_that_is_no_message_is_a_bad_request(world, odd):
    world.ticket()
    assert Seat(world, "Gus").post("/tickets/ACME-1/reading", message=odd).status_code == 400
    with world.inside():
        assert world.count(ReadingMark) == 0


def test_TKT_who_writes_has_read_what_his_page_showed(world):
    made, all_ids = long_thread(world, 4)
    Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Mine.", last_seen=str(all_ids[2]))
    with world.inside():
        assert world.one(ReadingMark, ticket_id=made).message_id == all_ids[2]


def test_TKT_a_look_writes_nothing(world):
    made, _ = long_thread(world, 4)
    Seat(world, "Gus").get("/tickets/ACME-1")
    with world.inside():
        assert world.count(ReadingMark) == 0
        assert db.session.is_modified(thread_of(made)[0]) is False


def test_MSG_003_notes_are_printed_only_when_asked_for(world):
    made = ticket_in(world, S.ASSIGNED)
    with at_work(world, made) as (ticket, me):
        ticket.note("A secret.", by=me)
    gus = Seat(world, "Gus")
    assert "A secret." not in gus.get("/tickets/ACME-1", print="thread").text
    page = gus.get("/tickets/ACME-1", print="notes")
    assert "A secret." in page.text
    assert "prints-notes" in next(read(page).all("main")).parent["class"]


def test_MSG_005_quotations_are_folded_for_agent_and_customer_in_their_languages(world):
    made = world.ticket()
    with at_work(world, made) as (ticket, _):
        ticket.hear("New words.\n\nVào 5/11, Gus đã viết:\n> old words", by=ticket.customer)
    client = world.app.test_client()
    client.get(world.link(made), follow_redirects=True)
    pages = {
        "Quoted text": Seat(world, "Gus").get("/tickets/ACME-1"),
        "Nội dung trích dẫn": client.get(f"/requests/{made}?lang=vi"),
    }
    for words, page in pages.items():
        summaries = [summary.text for summary in read(page).all("summary")]
        assert words in summaries
