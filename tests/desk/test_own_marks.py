"""What only its reader knows of a row: unread and draft; what is pushed to everybody says nothing of it."""

from __future__ import annotations

from helpdesk.core.db import db
from helpdesk.desk.filters import Filters
from helpdesk.desk.queries import VIEWS, page_of
from helpdesk.desk.row import Row
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.own_mark import OwnMark
from helpdesk.tickets.ticket import Ticket
from tests.desk.queue_pages import numbers
from tests.support.browser import counted
from tests.support.page import Element, read
from tests.support.seat import Seat, at_work, ticket_in


def unread(page: Element) -> set[str]:
    rows = [row for row in page.all("tr") if "data-ticket" in row.attributes]
    return {row["data-ticket"] for row in rows if list(row.all("span", class_="queue-unread"))}


def drafts(page: Element) -> list[str]:
    return [each.text for each in page.all("span", class_="queue-draft")]


def newest(world) -> int:
    with world.inside():
        return max(db.session.scalars(db.select(Message.id)))


def test_UX_A1_unread_is_what_this_reader_has_not_read_since(any_world):
    any_world.ticket()
    gus, linh = Seat(any_world, "Gus"), Seat(any_world, "Linh")
    assert unread(read(gus.get("/queue/all"))) == {"ACME-1"}
    gus.post("/tickets/ACME-1/reading", message=str(newest(any_world)))
    assert unread(read(gus.get("/queue/all"))) == set()
    assert unread(read(linh.get("/queue/all"))) == {"ACME-1"}, "for her it is"
    linh.post("/tickets/ACME-1/notes", body="Look at this")
    assert unread(read(gus.get("/queue/all/rows"))) == {"ACME-1"}
    gus.post("/tickets/ACME-1/reading", message=str(newest(any_world)))
    gus.post("/tickets/ACME-1/notes", body="I have")
    assert unread(read(gus.get("/queue/all"))) == set(), "his own words are not new to him"


def test_UX_A1_what_is_finished_waits_for_nobody(world):
    ticket_in(world, Status.RESOLVED, "Gus")
    assert unread(read(Seat(world, "Linh").get("/queue/all"))) == set()


def test_MSG_005_a_draft_is_shown_to_who_writes_it(any_world):
    any_world.ticket()
    gus, linh = Seat(any_world, "Gus"), Seat(any_world, "Linh")
    gus.post("/tickets/ACME-1/drafts", kind="reply", body="Dear <b>Bea</b>,\n\nwe  look")
    assert drafts(read(gus.get("/queue/all"))) == ["Draft Dear <b>Bea</b>, we look"]
    assert drafts(read(linh.get("/queue/all"))) == []
    assert "Dear" not in linh.get("/queue/all").text
    gus.post("/tickets/ACME-1/drafts", kind="reply", body="")
    assert drafts(read(gus.get("/queue/all"))) == []


def test_UX_A1_a_row_without_its_reader_says_that_it_does_not_know(world):
    """As it is pushed to everybody on a queue; pages keep what they know."""
    number = ticket_in(world, Status.ASSIGNED, "Gus")
    with at_work(world, number) as (ticket, gus):
        template = world.app.jinja_env.get_template("desk/row_changed.stream.html")
        with world.app.test_request_context():
            pushed = template.render(row=Row.of(ticket, []))
        assert "data-unknown" in pushed
        assert "queue-unread" not in pushed
        assert OwnMark.on([], gus) == {}


def test_Q_4_marks_of_fifty_rows_are_one_question(world):
    for _ in range(3):
        world.ticket()
    gus = Seat(world, "Gus")
    assert len(numbers(read(gus.get("/queue/all")))) == 3
    with world.inside():
        tickets = db.session.scalars(db.select(Ticket)).all()
        reader = world.user("Gus")
        with counted() as statements:
            assert len(OwnMark.on(tickets, reader)) == 3
        assert len(statements) == 1


def test_a_row_that_is_pushed_is_the_row_of_the_list(world):
    """They are read in two ways: as a whole ticket, and as columns with the clock that is due first."""
    for status in (Status.OPEN, Status.ASSIGNED, Status.IN_PROGRESS, Status.WAITING_USER, Status.RESOLVED):
        ticket_in(world, status, *(["Gus"] if status == Status.ASSIGNED else []))
    with world.inside():
        reader = world.user("Gus")
        lines = page_of(VIEWS["all"], reader, Filters()).lines
        listed = {row.number: row for row in Row.every(lines, reader, ())}
        pushed = {ticket.number: Row.of(ticket, []) for ticket in db.session.scalars(db.select(Ticket))}
        assert len(pushed) == 5
        assert {number: row._replace(own=None) for number, row in listed.items()} == pushed
        assert {row.clock.state if row.clock else None for row in pushed.values()} >= {"running", None}
