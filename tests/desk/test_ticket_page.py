"""The ticket's page: the marks that outsiders rely on, and its deeds as a plain form and as a part of the page."""

from __future__ import annotations

from io import BytesIO

import pytest

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.ticket import Ticket
from tests.support.browser import MOST_QUERIES, counted
from tests.support.page import form, read
from tests.support.seat import Seat, at_work, thread_of, ticket_in

S = Status
KINDS = {"comment", "customer_reply", "agent_reply", "internal_note", "system"}


def mark(page):
    """The one element that says which ticket it is."""
    (element,) = page.with_attribute("data-ticket")
    return {name: element.attributes[f"data-{name}"] for name in ("ticket", "status", "priority", "assignee")}


def badges(page):
    return [(b["data-kind"], b["data-state"]) for b in page.all("time", class_="sla")]


def busy_ticket(world) -> int:
    made = ticket_in(world, S.ASSIGNED, priority="HIGH")
    with at_work(world, made) as (ticket, me):
        ticket.reply("An answer.", by=me, then=S.WAITING_USER)
        ticket.note("A secret.", by=me)
        ticket.hear("A question.", by=ticket.customer)
    return made


def test_the_page_marks_the_ticket_and_every_message(world):
    made = busy_ticket(world)
    page = read(Seat(world, "Linh").get("/tickets/ACME-1"))
    with world.inside():
        gus = str(world.user("Gus").id)
        thread = [(str(m.id), m.kind) for m in thread_of(made)]
    assert mark(page) == {"ticket": "ACME-1", "status": "IN_PROGRESS", "priority": "HIGH", "assignee": gus}
    assert [(m["data-message"], m["data-kind"]) for m in page.with_attribute("data-message")] == thread
    assert {kind for _, kind in thread} == KINDS


def test_an_unassigned_ticket_is_marked_with_nobody(world):
    world.ticket()
    assert mark(read(Seat(world, "Gus").get("/tickets/ACME-1")))["assignee"] == ""


def test_SLA_012_badges_say_kind_state_and_instant(world):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    page = read(gus.get("/tickets/ACME-1"))
    assert set(badges(page)) == {("first", "running"), ("resolution", "running")}
    with world.inside():
        due = {c.kind: c.due_at for c in world.one(Ticket, id=made).tracker.clocks}
    for badge in page.all("time", class_="sla"):
        instant = due[badge["data-kind"]]
        assert int(badge["data-due"]) // 1000 == int(instant.timestamp())
        assert badge["datetime"].startswith(instant.strftime("%Y-%m-%dT%H:%M:%S"))
        assert badge["datetime"].endswith("Z")
    gus.post("/tickets/ACME-1/replies", body="Hello.", then="waiting_user")
    assert {("first", "met"), ("resolution", "paused")} <= set(badges(read(gus.get("/tickets/ACME-1"))))


def test_SLA_012_a_missed_deadline_is_marked_as_missed(world):
    ticket_in(world, S.ASSIGNED)
    clock.travel(9 * 3600)
    from helpdesk.sla.clock import Clock

    with world.inside():
        Clock.mark_due()
    assert ("first", "missed") in badges(read(Seat(world, "Gus").get("/tickets/ACME-1")))


DEEDS = [
    ("replies", {"body": "Words."}), ("notes", {"body": "Words."}), ("comments", {"body": "Words."}),
    ("status", {"status": "WAITING_INTERNAL"}), ("priority", {"priority": "LOW"}), ("assignment", {"agent": ""}),
    ("resolution", {"note_en": "Done.", "note_vi": "Xong."}), ("escalations", {"level": "1", "reason": "Look."}),
]  # fmt: skip


@pytest.mark.parametrize("door,values", DEEDS, ids=[d for d, _ in DEEDS])
def test_a_deed_answers_a_plain_form_by_sending_it_on(world, door, values):
    ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    answer = gus.post(f"/tickets/ACME-1/{door}", **values)
    assert (answer.status_code, answer.location) == (303, "/tickets/ACME-1")
    assert "HX-Request" in answer.vary
    assert gus.get(answer.location).status_code == 200


@pytest.mark.parametrize("door,values", DEEDS, ids=[d for d, _ in DEEDS])
def test_a_deed_answers_a_part_of_the_page_with_what_changed(world, door, values):
    ticket_in(world, S.IN_PROGRESS)
    answer = Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", htmx=True, **values)
    assert answer.status_code == 200
    assert "HX-Request" in answer.vary
    assert "<html" not in answer.text
    parts = list(read(answer).all("hx-partial"))
    assert parts
    assert all(part["hx-target"].startswith("#") for part in parts)
    if door in ("replies", "notes", "comments"):
        assert len(read(answer).with_attribute("data-message")) >= 1


def test_the_deeds_of_the_end(world):
    for door, values, status in (("reopening", {}, "ASSIGNED"), ("closure", {"reason": "spam"}, "CLOSED")):
        made = ticket_in(world, S.RESOLVED)
        with world.inside():
            number = world.one(Ticket, id=made).number
        answer = Seat(world, "Mai").post(f"/tickets/{number}/{door}", htmx=True, **values)
        assert answer.status_code == 200
        assert mark(read(answer))["status"] == status


def test_what_a_deed_answers_is_what_the_page_shows_then(world):
    ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    answer = read(gus.post("/tickets/ACME-1/status", htmx=True, status="WAITING_USER"))
    page = read(gus.get("/tickets/ACME-1"))
    assert mark(answer) == mark(page)
    assert badges(next(answer.all("header"))) == badges(next(page.all("header", class_="ticket-header")))


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("door,field", [("replies", "body"), ("notes", "body")])
def test_MSG_006_a_form_that_is_refused_keeps_what_was_typed(world, door, field, htmx):
    ticket_in(world, S.IN_PROGRESS)
    typed = "Dòng một <b>&\nline two"
    bad = [(BytesIO(b"MZ\x90\x00" + b"\0" * 50), "setup.exe")]
    answer = Seat(world, "Gus").post(
        f"/tickets/ACME-1/{door}", htmx=htmx, body=typed, submission="key-1", files=bad
    )
    assert answer.status_code == 422
    sent = form(answer, f"/{door}")
    assert sent.fields[field].replace("\r\n", "\n") == typed
    assert sent.fields["submission"] == "key-1"
    assert "setup.exe" in answer.text
    assert ("<html" in answer.text) is not htmx


@pytest.mark.parametrize("htmx", [False, True])
def test_MSG_006_a_resolution_that_is_refused_keeps_what_was_typed(world, htmx):
    ticket_in(world, S.IN_PROGRESS, language="vi")
    answer = Seat(world, "Gus").post("/tickets/ACME-1/resolution", htmx=htmx, note_en="A long note.")
    assert answer.status_code == 422
    assert form(answer, "/resolution").fields["note_en"] == "A long note."


def test_MSG_002_a_text_that_is_too_long_is_refused_and_kept(world):
    ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    assert gus.post("/tickets/ACME-1/notes", htmx=True, body="x" * 50_000).status_code == 200
    answer = gus.post("/tickets/ACME-1/notes", htmx=True, body="y" * 50_001)
    assert answer.status_code == 422
    assert "y" * 50_001 in answer.text


@pytest.mark.parametrize("door,values", DEEDS, ids=[d for d, _ in DEEDS])
def test_Q_2_without_the_token_nothing_happens(world, door, values):
    ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    assert gus.client.post(f"/tickets/ACME-1/{door}", data=values).status_code == 400
    with world.inside():
        ticket = world.one(Ticket)
        assert (ticket.status, ticket.priority, len(thread_of(ticket.id))) == ("IN_PROGRESS", "MEDIUM", 3)


def test_Q_4_a_long_thread_takes_no_more_queries_than_a_short_one(world):
    made = busy_ticket(world)
    gus = Seat(world, "Gus")
    asked = []
    for more in (0, 100):
        with at_work(world, made) as (ticket, me):
            for n in range(more):
                (ticket.note if n % 2 else ticket.comment)(f"Line {n}.", by=me)
            if more:
                Escalation.raise_by_hand(ticket, by=me, level=1, reason="Look.")
        for address in ("/tickets/ACME-1", "/tickets/ACME-1?all=1"):
            with counted() as sent:
                page = read(gus.get(address))
            asked.append(len(sent))
    assert len(page.with_attribute("data-message")) > 100
    assert set(asked) == {asked[0]}
    assert asked[0] <= MOST_QUERIES


def test_the_page_shows_order_customer_and_other_tickets(world):
    world.ticket(subject="An older one")
    world.ticket(order={"id": "A-77", "total": "1.250.000 ₫", "items": [{"name": "Giày", "quantity": 2}]})
    page = Seat(world, "Gus").get("/tickets/ACME-2").text
    for words in ("A-77", "1.250.000 ₫", "Giày", "bea@mail.example", "An older one", "/tickets/ACME-1"):
        assert words in page


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_page_in_both_languages(world, status):
    ticket_in(world, status)
    for name, language in (("Gus", "en"), ("Linh", "vi")):
        answer = Seat(world, name).get("/tickets/ACME-1")
        assert answer.status_code == 200
        assert next(read(answer).all("html"))["lang"] == language


def test_a_deleted_ticket_is_gone(world):
    made = ticket_in(world, S.IN_PROGRESS)
    with world.inside():
        db.session.get_one(Ticket, made).deleted_at = clock.now()
    mai = Seat(world, "Mai")
    assert mai.get("/tickets/ACME-1").status_code == mai.get("/tickets/ACME-1/changes").status_code == 404
    assert mai.post("/tickets/ACME-1/notes", body="Hello?").status_code == 404


def test_TKT_012_the_page_of_a_deleted_ticket_says_so_and_gives_back_what_was_being_written(world):
    made = ticket_in(world, S.IN_PROGRESS)
    gus = Seat(world, "Gus")
    gus.post("/tickets/ACME-1/drafts", kind="reply", body="We are looking into it", submission="a" * 32)
    with world.inside():
        db.session.get_one(Ticket, made).deleted_at = clock.now()
    for name, heading, words in (("Gus", "ACME-1 was deleted", "We are looking into it"),
                                 ("Linh", "ACME-1 đã bị xóa", "")):  # fmt: skip
        answer = gus.get("/tickets/ACME-1") if name == "Gus" else Seat(world, name).get("/tickets/ACME-1")
        assert answer.status_code == 404
        assert heading in answer.text
        assert ("We are looking into it" in answer.text) == bool(words)
        assert "bea@" not in answer.text
    assert "was deleted" not in gus.get("/tickets/ACME-2").text
