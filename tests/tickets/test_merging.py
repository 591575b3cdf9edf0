"""TKT-013: a duplicate goes into another ticket of the same customer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from sqlalchemy import select

from helpdesk.agents.agent import Agent
from helpdesk.core import storage
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.notifications.delivery import Delivery
from helpdesk.tickets.attachment import Upload
from helpdesk.tickets.draft import Draft
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.reading_mark import ReadingMark
from helpdesk.tickets.ticket import Ticket
from tests.support.page import read
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in
from tests.support.world import CUSTOMERS

S = Status


def merge(world, number: str, into: str, who: str = "Mai", **options) -> int:
    return Seat(world, who).post(f"/tickets/{number}/merge", into=into, **options).status_code


def two(world, source: Status = S.IN_PROGRESS, target: Status = S.IN_PROGRESS) -> tuple[int, int]:
    """A ticket with one of everything that is said, and another one of Linh's."""
    first, second = ticket_in(world, source, "Gus"), ticket_in(world, target, "Linh")
    return first, second


def said(world, ticket_id: int) -> None:
    with at_work(world, ticket_id) as (ticket, me):
        file = Upload("a.txt", "text/plain", *storage.keep(BytesIO(b"x"), most_bytes=1))
        ticket.reply("An answer.", by=me, files=[file], key="a")
        ticket.note("A note.", by=me)
        ticket.hear("A question.", by=ticket.customer)


def test_TKT_013_what_people_said_moves_under_a_system_message(any_world):
    world = any_world
    source, target = two(world)
    said(world, source)
    with world.inside():
        moving = [m.id for m in thread_of(source) if m.kind != "system"]
        lines = [m.id for m in thread_of(source) if m.kind == "system"]
        before = [(c.kind, c.due_at, c.met_at) for c in world.one(Ticket, id=target).tracker.clocks]
    assert merge(world, "ACME-1", "ACME-2") == 303
    with world.inside():
        old, new = world.one(Ticket, id=source), world.one(Ticket, id=target)
        assert (old.status, old.close_reason, old.closed_by, old.merged_into_id) == (
            "CLOSED", "merged", "manager", target)  # fmt: skip
        moved = [m for m in thread_of(target) if m.origin_id == source]
        assert [m.id for m in moved] == moving
        assert {m.submission_key for m in moved} == {None, "a"}, "a form that is sent again is known there"
        assert sum(len(m.attachments) for m in moved) == 1
        assert [m.id for m in thread_of(source)][:-1] == lines, "what the system wrote stays"
        assert thread_of(source)[-1].event_name == "ticket.merged"
        assert thread_of(target)[-1].event_name == "ticket.absorbed"
        merged, absorbed = events_of(source)[-1], events_of(target)[-1]
        assert (merged.data["from"], merged.data["to"], merged.data["into"]) == (
            "IN_PROGRESS",
            "CLOSED",
            "ACME-2",
        )
        assert (absorbed.data, new.status) == ({"origin": "ACME-1", "messages": len(moving)}, "IN_PROGRESS")
        assert [(c.kind, c.due_at, c.met_at) for c in new.tracker.clocks] == before
        assert not [c for c in old.tracker.clocks if c.running_since or c.next_look_at]
        assert Agent.of(world.user("Gus").id).load == 0
        assert Agent.of(world.user("Linh").id).load == 1


def test_TKT_013_a_merge_ends_escalations_and_mails_nobody(world):
    source, _ = two(world)
    with at_work(world, source) as (ticket, me):
        Escalation.raise_by_hand(ticket, by=me, level=1, reason="Late")
    world.run_reactions()
    with world.inside():
        mails = world.count(Delivery)
    assert merge(world, "ACME-1", "ACME-2") == 303
    world.run_reactions()
    with world.inside():
        assert world.count(Delivery) == mails
        row = world.one(Escalation)
        assert (row.outcome, row.climbs_at, row.ended_at is not None) == ("finished", None, True)


def test_TKT_013_only_a_manager_merges(world):
    two(world)
    assert merge(world, "ACME-1", "ACME-2", "Gus") == 403
    with world.inside():
        assert world.one(Ticket, number="ACME-1").status == "IN_PROGRESS"


def test_TKT_013_twice_is_once(world):
    two(world)
    assert [merge(world, "ACME-1", "ACME-2") for _ in range(2)] == [303, 303]
    with world.inside():
        assert world.count(Event, name="ticket.merged") == world.count(Event, name="ticket.absorbed") == 1


@pytest.mark.parametrize("into,code", [
    ("ACME-1", 409), ("", 422), ("   ", 422), ("ACME-99", 404), ("GLOB-1", 404), ("BETA-1", 404), ("x", 404),
    ("9" * 30, 404), ("A" * 100_000, 404), ("\ud800", 404), ("ACME-2\x00", 303), (" acme-2 ", 303),
    ("\u202eACME-2", 303), ("<b>ACME-2</b>", 404), ("📎", 404),
])  # fmt: skip
def test_TKT_013_a_number_is_read_kindly_and_a_bad_one_refused(world, into, code):
    two(world)
    world.ticket(by="Cyd")
    assert merge(world, "ACME-1", into.encode("utf-8", "surrogatepass")) == code
    with world.inside():
        assert (world.one(Ticket, number="ACME-1").status == "CLOSED") == (code == 303)


def test_TKT_013_another_customer_s_ticket_is_refused_with_a_sentence(world):
    from helpdesk.accounts.customer import Customer

    two(world)
    with world.inside():
        shop = world.customer("Bea").merchant
        Customer.find_or_create(shop, email="dan@mail.example", name="Dan", language="en")
    CUSTOMERS["Dan"] = ("ACME", "en")
    try:
        world.ticket(by="Dan")
    finally:
        del CUSTOMERS["Dan"]
    mai = Seat(world, "Mai")
    mai.client.set_cookie("lang", "en")
    answer = mai.post("/tickets/ACME-1/merge", into="ACME-3")
    assert answer.status_code == 409
    assert "same customer" in answer.text


@pytest.mark.parametrize("source,target", [(S.CLOSED, S.OPEN), (S.OPEN, S.CLOSED)])
def test_TKT_013_what_is_closed_is_neither_merged_nor_merged_into(world, source, target):
    two(world, source, target)
    assert merge(world, "ACME-1", "ACME-2") == 409


def test_TKT_013_there_are_no_cycles(world):
    two(world)
    world.ticket()
    assert merge(world, "ACME-1", "ACME-2") == 303
    assert merge(world, "ACME-2", "ACME-1") == 409
    assert merge(world, "ACME-2", "ACME-3") == 303
    assert merge(world, "ACME-3", "ACME-1") == 409
    with world.inside():
        assert world.one(Ticket, number="ACME-1").survivor.number == "ACME-3"
        assert world.count(Message, ticket_id=world.one(Ticket, number="ACME-3").id, kind="comment") == 3


def test_TKT_012_a_deleted_ticket_is_not_there_to_merge(world):
    two(world)
    Seat(world, "Mai").post("/tickets/ACME-2/deletion")
    assert merge(world, "ACME-1", "ACME-2") == 404
    assert merge(world, "ACME-2", "ACME-1") == 404


def test_TKT_012_a_deleted_ticket_is_named_by_no_message_that_came_from_it(world, client):
    source, target = two(world)
    said(world, source)
    merge(world, "ACME-1", "ACME-2")
    assert Seat(world, "Mai").post("/tickets/ACME-1/deletion").status_code == 303
    agents = Seat(world, "Linh").get("/tickets/ACME-2", lang="en")
    client.get(world.link(target))
    his = client.get(f"/requests/{target}?lang=en")
    for page, words in ((agents, "from another ticket"), (his, "from another request")):
        assert words in page.text
        assert not read(page).with_attribute("data-origin")
        assert "from ACME-1" not in page.text
        assert "/tickets/ACME-1" not in page.text


def test_TKT_012_a_merged_ticket_names_no_deleted_one(world, client):
    source, _ = two(world)
    merge(world, "ACME-1", "ACME-2")
    client.get(world.link(source))
    assert "This request is part of another one" in client.get(f"/requests/{source}?lang=en").text
    assert Seat(world, "Mai").post("/tickets/ACME-2/deletion").status_code == 303
    old = Seat(world, "Linh").get("/tickets/ACME-1", lang="en")
    assert "one that is not there any more" in old.text
    assert "/tickets/ACME-2" not in old.text
    his = client.get(f"/requests/{source}?lang=en").text
    assert "This request is closed" in his
    assert "This request is part of another one" not in his
    assert "Send a new request" in his


def test_TKT_012_past_a_deleted_ticket_agents_are_led_to_the_one_that_goes_on(world):
    two(world)
    world.ticket()
    merge(world, "ACME-1", "ACME-2")
    merge(world, "ACME-2", "ACME-3")
    assert Seat(world, "Mai").post("/tickets/ACME-2/deletion").status_code == 303
    old = Seat(world, "Linh").get("/tickets/ACME-1", lang="en").text
    assert 'href="/tickets/ACME-3"' in old
    assert "/tickets/ACME-2" not in old


def test_TKT_008_a_merge_on_an_outdated_page_is_refused(world):
    two(world)
    assert merge(world, "ACME-1", "ACME-2", version="1") == 409


def test_TKT_013_opposite_merges_at_once_end_with_one(any_world):
    world = any_world
    two(world)
    seats = [(Seat(world, "Mai"), "ACME-1", "ACME-2"), (Seat(world, "Ada"), "ACME-2", "ACME-1")]

    def go(order) -> int:
        seat, number, into = order
        return seat.post(f"/tickets/{number}/merge", into=into).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, seats)) == [303, 409]
    with world.inside():
        closed = db.session.scalars(select(Ticket).where(Ticket.merged_into_id.is_not(None))).all()
        assert len(closed) == 1
        assert world.count(Event, name="ticket.merged") == 1


def test_TKT_013_agents_are_led_to_the_other_one(world):
    source, _ = two(world)
    said(world, source)
    assert merge(world, "ACME-1", "ACME-2") == 303
    old = Seat(world, "Linh").get("/tickets/ACME-1", lang="en")
    assert "This ticket was merged." in old.text
    assert 'href="/tickets/ACME-2"' in old.text
    new = read(Seat(world, "Linh").get("/tickets/ACME-2"))
    assert {m["data-origin"] for m in new.with_attribute("data-origin")} == {"ACME-1"}
    assert [(r["data-relation"], r["data-how"]) for r in new.with_attribute("data-how")] == [
        ("ACME-1", "absorbed")
    ]


def test_the_answer_to_a_merge_shows_what_is_left(world):
    source, _ = two(world)
    said(world, source)
    answer = Seat(world, "Mai").post("/tickets/ACME-1/merge", htmx=True, into="ACME-2")
    assert answer.status_code == 200
    assert {m["data-kind"] for m in read(answer).with_attribute("data-message")} == {"system"}


def test_TKT_013_what_came_from_the_other_one_is_new_to_who_had_read_this_one(any_world):
    source, target = two(any_world)
    with at_work(any_world, source) as (ticket, _):
        ticket.hear("A question.", by=ticket.customer)
        moved = [m.id for m in thread_of(source) if m.kind != "system"]
    with at_work(any_world, target) as (ticket, gus):
        ticket.note("The newest.", by=any_world.user("Linh"))
        newest = Message.last_on(ticket)
        ReadingMark.advance(ticket, newest, by=gus)
    assert merge(any_world, "ACME-1", "ACME-2") == 303
    with any_world.inside():
        assert any_world.one(ReadingMark, ticket_id=target).message_id == moved[0] - 1
    assert list(read(Seat(any_world, "Gus").get("/tickets/ACME-2")).all(class_="thread-new")), (
        "the line “New”"
    )


def test_TKT_013_a_mark_below_what_came_stays(world):
    first, _ = two(world)  # the older one is the target now
    with at_work(world, first) as (ticket, gus):
        opening = thread_of(first)[0].id
        ReadingMark.advance(ticket, opening, by=gus)
    assert merge(world, "ACME-2", "ACME-1") == 303
    with world.inside():
        assert world.one(ReadingMark, ticket_id=first).message_id == opening


def test_MSG_006_unsent_words_go_with_a_merge(any_world):
    source, target = two(any_world)
    gus, linh = Seat(any_world, "Gus"), Seat(any_world, "Linh")
    file = (BytesIO(b"one line\n"), "log.txt")
    gus.post("/tickets/ACME-1/drafts", kind="reply", body="Mine there.", files=[file], then="keep")
    gus.post("/tickets/ACME-1/drafts", kind="note", body="A note.")
    linh.post("/tickets/ACME-1/drafts", kind="reply", body="Hers there.")
    linh.post("/tickets/ACME-2/drafts", kind="reply", body="Hers here.")
    assert merge(any_world, "ACME-1", "ACME-2") == 303
    with any_world.inside():
        assert not Draft.kept(source, any_world.user("Gus"))
        assert not Draft.kept(source, any_world.user("Linh"))
        mine = Draft.kept(target, any_world.user("Gus"))
        assert {kind: draft.body for kind, draft in mine.items()} == {
            "reply": "Mine there.",
            "note": "A note.",
        }
        assert ([f.name for f in mine["reply"].words.files], mine["reply"].then) == (["log.txt"], "keep")
        hers = Draft.kept(target, any_world.user("Linh"))
        assert {kind: draft.body for kind, draft in hers.items()} == {"reply": "Hers here.\n\nHers there."}
