"""The request page: the thread without notes, and what the customer can do on it."""

import io

import pytest
from sqlalchemy import select

from helpdesk.core import clock
from helpdesk.core.db import db
from helpdesk.core.events import Event
from helpdesk.escalations.escalation import Escalation
from helpdesk.tickets.message import Message
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.upload import Upload
from tests.portal.test_form import picture
from tests.support.page import form, read


def page(browser, ticket):
    return browser.get(f"/requests/{ticket}?lang=en")


def deed(world, what, *names, **values):
    """Something that Gus does on the only ticket."""
    with world.inside():
        getattr(Ticket.for_deed(world.one(Ticket).id), what)(*names, by=world.user("Gus"), **values)


def resolved(world):
    deed(world, "take")
    deed(world, "resolve", note_vi="Đã gửi lại.")


def state(world):
    with world.inside():
        return world.one(Ticket).status


def kinds(answer):
    return [element["data-kind"] for element in read(answer).with_attribute("data-message")]


def test_TKT_002_the_page_shows_the_thread_and_the_status_in_plain_words(world, bea, ticket):
    deed(world, "reply", "We **look** into it.")
    answer = page(bea, ticket)
    assert kinds(answer) == ["comment", "agent_reply"]
    assert "<strong>look</strong>" in answer.text
    strip = read(answer).with_attribute("data-ticket")
    assert [(e["data-ticket"], e["data-status"]) for e in strip] == [("ACME-1", "IN_PROGRESS")]
    assert "In progress" not in answer.text, "these are the agents' words"


def test_MSG_003_no_note_is_on_the_page_or_in_what_it_catches_up(world, bea, ticket):
    secret = "Bea is a difficult customer"
    deed(world, "note", secret, files=[])
    with world.inside():
        note = world.one(Message, kind="internal_note").id
    for address in ("", "/changes?since=0", f"/attachments/{note}/x.txt"):
        answer = bea.get(f"/requests/{ticket}{address}", headers={"HX-Request": "true"})
        assert secret not in answer.text
        assert f"message-{note}" not in answer.text
        assert "note" not in kinds(answer)


def test_MSG_003_a_notes_file_is_not_found(world, bea, ticket):
    with world.inside(), io.BytesIO(b"secret plans") as stream:
        from werkzeug.datastructures import FileStorage

        files = [Upload.receive(FileStorage(stream, "plan.txt"))]
        public, note = Ticket.for_deed(ticket), world.user("Gus")
        said = [
            public.reply("See this.", by=note, files=files),
            public.note("Not this.", by=note, files=files),
        ]
        shown, hidden = (message.attachments[0].id for message in said)
    assert bea.get(f"/requests/{ticket}/attachments/{shown}/plan.txt", buffered=True).text == "secret plans"
    assert bea.get(f"/requests/{ticket}/attachments/{hidden}/plan.txt").status_code == 404


def test_TKT_009_a_reply_on_a_waiting_ticket_moves_it_on(world, bea, ticket):
    deed(world, "take")
    deed(world, "reply", "Which colour?", then="WAITING_USER")
    sent = form(page(bea, ticket), "/replies").send(bea, body="Blue.", files=(picture(), "blue.png"))
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/requests/{ticket}")
    assert state(world) == "IN_PROGRESS"
    answer = page(bea, ticket)
    assert kinds(answer) == ["comment", "agent_reply", "customer_reply"]
    shown = next(image for image in read(answer).all("img") if "/attachments/" in image["src"])
    file = bea.get(shown["src"], buffered=True)
    assert file.mimetype == "image/webp", "small; the link leads to the picture itself"
    assert "attachment" not in file.headers.get("Content-Disposition", "")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert "default-src 'none'" in file.headers["Content-Security-Policy"]


def test_MSG_002_other_files_are_saved_and_never_shown(world, bea, ticket):
    text = io.BytesIO(b"So I wrote <script>alert(1)</script>")
    form(page(bea, ticket), "/replies").send(bea, body="Look.", files=(text, "notes.txt"))
    link = next(a for a in read(page(bea, ticket)).all("a") if "/attachments/" in a["href"])
    file = bea.get(link["href"], buffered=True)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.mimetype == "text/plain"


def test_MSG_007_the_same_reply_twice_is_one_message(world, bea, ticket):
    filled = form(page(bea, ticket), "/replies")
    first, second = (filled.send(bea, htmx=True, body="Hello?") for _ in range(2))
    assert kinds(first) == kinds(second) == ["customer_reply"]
    filled.send(bea, body="Hello? Anybody?")
    with world.inside():
        assert world.count(Message, kind="customer_reply") == 2, "a changed text is another message"


def test_MSG_007_a_form_cannot_name_somebody_elses_message(world, bea, ticket):
    deed(world, "note", "A secret", key="known")
    answer = form(page(bea, ticket), "/replies").send(bea, htmx=True, body="Mine.", submission="known")
    assert "A secret" not in answer.text
    assert kinds(answer) == ["customer_reply"]


@pytest.mark.parametrize("htmx", [True, False])
def test_MSG_006_a_refused_reply_comes_back_with_its_words(world, bea, ticket, htmx):
    page_of_html = io.BytesIO(b"<html><script>1</script>")
    sent = form(page(bea, ticket), "/replies").send(bea, htmx, body="Keep me", files=(page_of_html, "x.png"))
    assert sent.status_code == 422
    assert form(sent, "/replies").fields["body"] == "Keep me"
    assert ("<html" in sent.text) is not htmx
    assert form(page(bea, ticket), "/replies").send(bea, htmx, body=" \n ").status_code == 422
    with world.inside():
        assert world.count(Message) == 1


def test_TKT_009_a_reply_on_a_resolved_ticket_reopens_it(world, bea, ticket):
    resolved(world)
    form(page(bea, ticket), "/replies").send(bea, body="It has not come.")
    assert state(world) == "ASSIGNED"
    assert kinds(page(bea, ticket))[-2:] == ["customer_reply", "system"]


def test_TKT_010_the_customer_confirms_and_rates(world, bea, ticket):
    resolved(world)
    answer = page(bea, ticket)
    assert "Đã gửi lại." in answer.text
    sent = form(answer, "/confirmation").send(bea, rating="5", comment="Nhanh!")
    assert sent.status_code == 303
    with world.inside():
        closed = world.one(Ticket)
        assert (closed.status, closed.closed_by, closed.rating, closed.rating_comment) == (
            "CLOSED",
            "customer",
            5,
            "Nhanh!",
        )
        assert closed.closed_at
    again = form(answer, "/confirmation").send(bea, htmx=True, rating="1")
    assert again.status_code == 200
    with world.inside():
        assert world.one(Ticket).rating == 5
        assert world.count(Event, name="ticket.closed") == 1


@pytest.mark.parametrize("rating", ["0", "6", "five", "５"])
def test_TKT_010_a_rating_is_one_to_five(world, bea, ticket, rating):
    resolved(world)
    filled = form(page(bea, ticket), "/confirmation")
    assert filled.send(bea, htmx=True, rating=rating).status_code == 422
    assert filled.send(bea, rating=rating).status_code == 422
    assert state(world) == "RESOLVED"


def test_TKT_010_the_customer_says_that_it_is_not_solved(world, bea, ticket):
    resolved(world)
    answer = page(bea, ticket)
    empty = form(answer, "/reopening").send(bea, htmx=True)
    assert empty.status_code == 422
    assert "Write something first." in empty.text
    assert form(answer, "/reopening").send(bea, body="").status_code == 422
    filled = form(answer, "/reopening")
    first, second = (filled.send(bea, body="Still nothing.") for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert state(world) == "ASSIGNED"
    with world.inside():
        assert world.count(Message, kind="customer_reply") == 1
        assert world.count(Event, name="ticket.reopened") == 1


def test_TKT_010_confirming_what_was_reopened_elsewhere_shows_how_it_stands(world, bea, ticket):
    resolved(world)
    answer = page(bea, ticket)
    form(answer, "/reopening").send(bea, body="Still nothing.")
    late = form(answer, "/confirmation").send(bea, htmx=True, rating="5")
    assert late.status_code == 200
    assert 'data-status="ASSIGNED"' in late.text


def test_SLA_008_the_customer_asks_for_more_attention_once_a_day(world, bea, ticket):
    filled = form(page(bea, ticket), "/escalation")
    assert filled.send(bea, htmx=True, reason=" ").status_code == 422
    assert filled.send(bea, reason="Nobody answers.").status_code == 303
    with world.inside():
        raised = world.one(Escalation)
        assert (raised.trigger, raised.reason, raised.raised_by["name"]) == (
            "customer",
            "Nobody answers.",
            "Bea",
        )
    for htmx in (True, False):
        again = filled.send(bea, htmx, reason="And again.")
        assert again.status_code == 422
        assert "You have asked already." in again.text
        assert "And again." in again.text
    with world.inside():
        assert world.count(Escalation) == 1


def test_Q_2_deeds_need_the_forms_token(world, bea, ticket):
    for where in ("replies", "confirmation", "reopening", "escalation", "leaving"):
        assert bea.post(f"/requests/{ticket}/{where}", data={"body": "x", "reason": "x"}).status_code == 400


def test_Q_2_nobody_frames_the_page(bea, ticket):
    answer = page(bea, ticket)
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_NTF_001_a_page_that_was_away_catches_up(world, bea, ticket):
    world.run_reactions()
    seen = next(read(page(bea, ticket)).all("live-socket"))["data-sequence"]
    quiet = bea.get(f"/requests/{ticket}/changes?since={seen}")
    assert kinds(quiet) == []
    deed(world, "reply", "Here we are.")
    deed(world, "note", "Between us.")
    world.run_reactions()
    missed = bea.get(f"/requests/{ticket}/changes?since={seen}")
    assert "agent_reply" in kinds(missed)
    assert "Between us." not in missed.text
    assert int(next(read(missed).all("span", id="live-sequence"))["data-sequence"]) > int(seen)


@pytest.mark.parametrize("since", ["", "x", "-1", "１", "9" * 40, "0x10"])
def test_Q_2_nonsense_for_a_sequence_is_no_error(bea, ticket, since):
    assert bea.get(f"/requests/{ticket}/changes", query_string={"since": since}).status_code == 200


@pytest.mark.parametrize("id", ["01", "１", "-1", "9" * 30, "1e3"])
def test_Q_2_an_id_has_one_spelling(bea, id):
    assert bea.get(f"/requests/{id}").status_code == 404


@pytest.mark.parametrize("how", ["merged", "removed"])
def test_NTF_001_a_page_that_was_away_loses_the_messages_that_went_away(world, bea, ticket, how):
    other = world.ticket("A duplicate")
    world.run_reactions()
    seen = next(read(page(bea, ticket)).all("live-socket"))["data-sequence"]
    clock.travel(3600)
    with world.inside():
        mine, mai = Ticket.for_deed(ticket), world.user("Mai")
        if how == "merged":
            mine.merge_into(Ticket.for_deed(other), by=mai)
        else:
            for message in db.session.scalars(select(Message).where(Message.ticket_id == ticket)).all():
                if message.kind != "system":
                    message.remove(mine, by=mai)
    world.run_reactions()
    answer = bea.get(f"/requests/{ticket}/changes?since={seen}")
    [thread] = read(answer).all("hx-partial", hx_target="#thread")
    assert thread["hx-swap"] == "innerMorph", "what is there no more goes away"
    shown = [m["data-message"] for m in read(bea.get(f"/requests/{ticket}")).with_attribute("data-message")]
    assert [m["data-message"] for m in thread.with_attribute("data-message")] == shown
    assert len(shown) == (how == "merged"), "but for the line that says where they are"
