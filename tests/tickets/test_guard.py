"""MSG-006: a reply that was written past somebody else's words is shown them first, and is sent if it is to be."""

from __future__ import annotations

from io import BytesIO

import pytest

from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from tests.support.page import Filled, form, read
from tests.support.seat import Seat, at_work, thread_of, ticket_in
from tests.support.world import World
from tests.tickets.held import holds

S = Status


def replies(world: World, made: int) -> list[str]:
    with world.inside():
        return [m.body for m in thread_of(made) if m.kind in ("agent_reply", "comment")][1:]


def newest(world: World, made: int) -> int:
    with world.inside():
        return max(m.id for m in thread_of(made))


def test_MSG_006_two_agents_write_at_once(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    gus, linh = Seat(any_world, "Gus"), Seat(any_world, "Linh")
    his, hers = form(gus.get("/tickets/ACME-1"), "/replies"), form(linh.get("/tickets/ACME-1"), "/replies")
    assert hers.send(linh.client, body="Linh's answer.").status_code == 303
    refused = his.send(gus.client, body="Gus's <i>answer</i>.", then="keep")
    assert refused.status_code == 409
    assert replies(any_world, made) == ["Linh's answer."]
    again = form(refused, "/replies")
    assert again.fields["body"] == "Gus's <i>answer</i>."
    assert again.fields["then"] == "keep"
    assert "Linh replied at" in refused.text
    assert "Send anyway" in refused.text
    assert again.send(gus.client).status_code == 303
    assert replies(any_world, made) == ["Linh's answer.", "Gus's <i>answer</i>."]


@pytest.mark.parametrize("said", ["customer", "note", "comment", "reply", "held"])
def test_MSG_006_whatever_a_person_wrote_is_shown_first(world, said):
    made = ticket_in(world, S.ASSIGNED)
    seen = newest(world, made)
    holds(world, 30 if said == "held" else 0, "Linh")
    with at_work(world, made, "Linh") as (ticket, linh):
        made_by = {
            "customer": lambda: ticket.hear("Newer.", by=ticket.customer),
            "note": lambda: ticket.note("Newer.", by=linh),
            "comment": lambda: ticket.comment("Newer.", by=linh),
            "reply": lambda: ticket.reply("Newer.", by=linh),
            "held": lambda: ticket.reply("Newer.", by=linh),
        }
        new = made_by[said]().id
    for door in ("replies", "comments"):
        answer = Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", body="Mine.", last_seen=seen)
        assert answer.status_code == 409
        assert f'href="#message-{new}"' in answer.text
        own = next(
            f for f in read(answer).all("form") if (f.attributes.get("action") or "").endswith("/replies")
        )
        assert Filled(own).fields["last_seen"] == str(newest(world, made))
    assert "Mine." not in replies(world, made)


def test_MSG_006_moves_and_ones_own_words_hold_nothing(world):
    made = ticket_in(world, S.ASSIGNED)
    seen = newest(world, made)
    holds(world, 30)
    with at_work(world, made) as (ticket, me):
        ticket.note("My own.", by=me)
        ticket.reply("My own, held.", by=me)
        ticket.move_to(S.WAITING_INTERNAL, by=me)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Mine.", last_seen=seen)
    assert answer.status_code == 303


def test_MSG_006_an_undone_reply_of_a_colleague_holds_nothing(world):
    made = ticket_in(world, S.ASSIGNED)
    seen = newest(world, made)
    holds(world, 30, "Linh")
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.take_back(ticket.reply("No.", by=linh), by=linh)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Mine.", last_seen=seen)
    assert answer.status_code == 303


@pytest.mark.parametrize("door", ["replies", "comments", "notes"])
@pytest.mark.parametrize("last_seen", ["x", "-1", "1.5", "9" * 30, "٣", "0x1"])
def test_MSG_006_what_is_no_number_does_not_pass_the_guard(world, door, last_seen):
    made = ticket_in(world, S.ASSIGNED)
    before = newest(world, made)
    answer = Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", body="Mine.", last_seen=last_seen)
    assert answer.status_code == 400
    assert "Mine." in answer.text, "what was written is given back"
    assert newest(world, made) == before


@pytest.mark.parametrize("last_seen", [None, ""])
def test_MSG_006_a_form_that_does_not_say_is_not_held(world, last_seen):
    made = ticket_in(world, S.ASSIGNED)
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.note("Newer.", by=linh)
    fields = {} if last_seen is None else {"last_seen": last_seen}
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Mine.", **fields)
    assert answer.status_code == 303


def test_MSG_006_who_has_seen_nothing_is_shown_everything(world):
    ticket_in(world, S.ASSIGNED)
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", body="Mine.", last_seen=0)
    assert answer.status_code == 409
    assert "Bea wrote at" in answer.text


def test_MSG_006_a_note_is_not_held(world):
    ticket_in(world, S.ASSIGNED)
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Mine.", last_seen=0).status_code == 303


def test_MSG_006_a_part_of_the_page_gets_the_composer_and_the_new_messages(world):
    made = ticket_in(world, S.ASSIGNED)
    seen = newest(world, made)
    with at_work(world, made, "Linh") as (ticket, linh):
        new = ticket.note("Look <b>here</b>.", by=linh).id
    answer = Seat(world, "Gus").post("/tickets/ACME-1/replies", htmx=True, body="Mine.", last_seen=seen)
    assert answer.status_code == 409
    root = read(answer)
    assert not list(root.all("html"))
    assert form(answer, "/replies").fields["body"] == "Mine."
    (shown,) = root.all("li", id=f"message-{new}")
    assert "Look" in shown.text


def test_MSG_006_files_of_a_reply_that_is_held_are_kept(world):
    made = ticket_in(world, S.ASSIGNED)
    seat = Seat(world, "Gus")
    files = [(BytesIO(b"one line\n"), "log.txt")]
    answer = seat.post("/tickets/ACME-1/replies", body="Mine.", last_seen=0, files=files)
    assert answer.status_code == 409
    assert "log.txt" in answer.text
    assert form(answer, "/replies").send(seat.client).status_code == 303
    with world.inside():
        sent = world.one(Message, ticket_id=made, kind="agent_reply")
        assert [file.name for file in sent.attachments] == ["log.txt"]


def test_MSG_007_a_reply_that_was_sent_already_is_not_held_when_it_comes_again(world):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    seen = newest(world, made)
    assert (
        gus.post("/tickets/ACME-1/replies", body="Once.", last_seen=seen, submission="k").status_code == 303
    )
    with at_work(world, made, "Linh") as (ticket, linh):
        ticket.note("Newer.", by=linh)
    assert (
        gus.post("/tickets/ACME-1/replies", body="Once.", last_seen=seen, submission="k").status_code == 303
    )
    assert replies(world, made) == ["Once."]


@pytest.mark.parametrize("door", ["replies", "comments"])
@pytest.mark.parametrize("left", ["{{customer_name}}", "{{ ticket_number }}"])
def test_MSG_008_a_gap_that_nobody_filled_in_is_not_sent(world, door, left):
    made = ticket_in(world, S.ASSIGNED)
    answer = Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", body=f"Dear {left},\nhello.")
    assert answer.status_code == 422
    assert f"Fill in “{left}” before you send this." in answer.text
    assert form(answer, "/replies").fields["body"] == f"Dear {left},\nhello."
    assert replies(world, made) == []


@pytest.mark.parametrize("body", ["{{}}", "{name}", "{{ two words }}", "a {{ b", "${{x-y}}"])
def test_MSG_008_other_braces_are_words(world, body):
    made = ticket_in(world, S.ASSIGNED)
    assert Seat(world, "Gus").post("/tickets/ACME-1/replies", body=body).status_code == 303
    assert replies(world, made) == [body]


def test_MSG_008_a_note_may_speak_of_gaps(world):
    ticket_in(world, S.ASSIGNED)
    assert Seat(world, "Gus").post("/tickets/ACME-1/notes", body="Use {{customer_name}}.").status_code == 303
