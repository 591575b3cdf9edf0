"""MSG: what is said on a ticket, by whom, and who may read it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from helpdesk.core.db import db
from helpdesk.tickets.attachment import Attachment
from helpdesk.tickets.lifecycle import Status
from helpdesk.tickets.message import Message
from helpdesk.tickets.public_message import PublicAttachment, PublicMessage
from helpdesk.tickets.ticket import Ticket
from helpdesk.tickets.upload import Upload
from tests.support.page import form
from tests.support.seat import Seat, at_work, events_of, thread_of, ticket_in

S = Status


def upload(name="log.txt") -> Upload:
    from werkzeug.datastructures import FileStorage

    return Upload.receive(FileStorage(BytesIO(b"one line\n"), name))


def full_thread(world) -> int:
    """A ticket with every kind of message, each with a file where a person wrote it."""
    made = ticket_in(world, S.ASSIGNED)
    with at_work(world, made) as (ticket, me):
        ticket.reply("An answer.", by=me, files=[upload("reply.txt")], then=S.WAITING_USER)
        ticket.note("A secret.", by=me, files=[upload("note.txt")])
        ticket.comment("A remark.", by=me, files=[upload("comment.txt")])
        ticket.hear("A question.", by=ticket.customer, files=[upload("customer.txt")])
        ticket.resolve(by=me, note_en="Done.", note_vi="Xong.")
    return made


@pytest.mark.parametrize(
    "door,kind", [("replies", "agent_reply"), ("notes", "internal_note"), ("comments", "comment")]
)
def test_MSG_001_each_door_writes_its_kind(world, door, kind):
    made = ticket_in(world, S.ASSIGNED)
    assert Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", body="Some **words**.").status_code == 303
    with world.inside():
        message = next(m for m in reversed(thread_of(made)) if m.kind != "system")
        assert (message.kind, message.author_kind, message.author_name) == (kind, "user", "Gus")
        assert message.author_id == world.user("Gus").id
        assert message.body == "Some **words**."


@pytest.mark.parametrize("door", ["replies", "notes", "comments"])
@pytest.mark.parametrize("body", ["", "   \n\t", "\x00\x01"])
def test_MSG_002_an_empty_message_is_not_one(world, door, body):
    made = ticket_in(world, S.ASSIGNED)
    with world.inside():
        before = len(thread_of(made)), len(events_of(made))
    assert Seat(world, "Gus").post(f"/tickets/ACME-1/{door}", body=body).status_code == 422
    with world.inside():
        assert (len(thread_of(made)), len(events_of(made))) == before


def test_MSG_003_a_note_is_never_among_the_messages_of_the_customer(world):
    made = full_thread(world)
    with world.inside():
        everything = {m.kind for m in thread_of(made)}
        public = db.session.scalars(PublicMessage.thread(made)).all()
        assert "internal_note" in everything
        assert {m.kind for m in public} == {"comment", "agent_reply", "customer_reply", "system"}
        assert all(m.visibility == "public" for m in public)
        assert not any("secret" in m.body for m in public)
        assert [m.event_name for m in public if m.kind == "system"] == ["ticket.resolved"]


def test_MSG_003_a_note_cannot_be_loaded_by_its_id_on_the_customer_s_side(world):
    made = full_thread(world)
    with world.inside():
        note = world.one(Message, ticket_id=made, kind="internal_note")
        (file,) = note.attachments
        assert db.session.get(PublicMessage, note.id) is None
        assert db.session.get(PublicAttachment, file.id) is None
        assert (
            db.session.scalar(select(PublicAttachment).where(PublicAttachment.message_id == note.id)) is None
        )


def test_MSG_003_files_of_a_note_are_not_among_the_files_of_the_customer(world):
    made = full_thread(world)
    with world.inside():
        assert {a.name for a in db.session.scalars(select(Attachment))} == {
            "reply.txt", "note.txt", "comment.txt", "customer.txt"}  # fmt: skip
        assert {a.name for a in db.session.scalars(select(PublicAttachment))} == {
            "reply.txt", "comment.txt", "customer.txt"}  # fmt: skip
        shown = [a.name for m in db.session.scalars(PublicMessage.thread(made)) for a in m.attachments]
        assert sorted(shown) == ["comment.txt", "customer.txt", "reply.txt"]


def test_MSG_003_the_customer_s_drawer_keeps_the_wall_between_organizers(world):
    made = full_thread(world)
    with world.inside("globex"):
        assert db.session.scalars(PublicMessage.thread(made)).all() == []
        assert db.session.scalars(select(PublicAttachment)).all() == []


def test_MSG_003_no_event_holds_what_was_written(world):
    made = full_thread(world)
    with world.inside():
        said = [(str(e.data), e.name) for e in events_of(made)]
    for words in ("secret", "An answer", "A remark", "A question", "note.txt"):
        assert not [name for data, name in said if words in data]


FORBIDDEN = [
    "UPDATE messages SET visibility = 'public' WHERE kind = 'internal_note'",
    "UPDATE messages SET kind = 'comment' WHERE kind = 'internal_note'",
    "UPDATE messages SET author_name = 'Nobody' WHERE kind = 'system'",
    "UPDATE messages SET event_data = NULL WHERE kind = 'system'",
    "UPDATE messages SET deleted_at = created_at WHERE kind = 'system'",
    "DELETE FROM messages WHERE kind = 'system'",
]


def test_MSG_003_MSG_004_the_database_keeps_visibility_and_system_messages(any_world):
    full_thread(any_world)
    with any_world.app.app_context():
        for change in FORBIDDEN:
            with pytest.raises(DatabaseError):
                db.session.execute(text(change))
            db.session.rollback()


def test_MSG_004_a_system_message_is_in_the_reader_s_language_when_it_is_read(world):
    full_thread(world)
    gus, linh = (
        Seat(world, "Gus").get("/tickets/ACME-1").text,
        Seat(world, "Linh").get("/tickets/ACME-1").text,
    )
    assert "Gus resolved the request." in gus
    assert "Gus resolved the request." not in linh


def test_MSG_005_markdown_is_rendered_and_links_are_marked_as_foreign(world):
    made = world.ticket(body="**Bold** and [a link](https://shop.example/x) and `code`\nnext line")
    with world.inside():
        html = thread_of(made)[0].body_html
    assert "<strong>Bold</strong>" in html
    assert "<code>code</code>" in html
    assert "<br>" in html
    assert '<a href="https://shop.example/x" rel="noopener nofollow ugc">a link</a>' in html


@pytest.mark.parametrize("source", [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](https://tracker.example/p.png)", "<a href='x' onclick=y>z</a>",
    "<style>*{}</style>", "[x](vbscript:y)", "<svg/onload=alert(1)>", '[x](https://e.example "t" onmouseover=y)',
])  # fmt: skip
def test_MSG_005_nothing_active_comes_out_of_a_message(world, source):
    from tests.support.page import read

    made = world.ticket(body=source)
    with world.inside():
        html = thread_of(made)[0].body_html
    for element in read(html).all():
        assert element.tag in {
            "p",
            "br",
            "strong",
            "em",
            "code",
            "pre",
            "blockquote",
            "ul",
            "ol",
            "li",
            "a",
            "hr",
        }
        assert set(element.attributes) <= {"href", "rel"}
        assert element.attributes.get("href", "https:").startswith(("https:", "http:", "mailto:", "tel:"))


def test_MSG_005_a_bare_address_becomes_a_link(world):
    made = world.ticket(body="See https://shop.example/orders/7?a=1&b=2 please.")
    with world.inside():
        html = thread_of(made)[0].body_html
    assert '<a href="https://shop.example/orders/7?a=1&amp;b=2" rel="noopener nofollow ugc">' in html


@pytest.mark.parametrize("door", ["replies", "notes", "comments"])
def test_MSG_007_the_same_form_sent_twice_writes_one_message(world, door):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    codes = [gus.post(f"/tickets/ACME-1/{door}", body="Once.", submission="k1").status_code for _ in range(3)]
    assert codes == [303, 303, 303]
    with world.inside():
        assert [m.body for m in thread_of(made)].count("Once.") == 1
    gus.post(f"/tickets/ACME-1/{door}", body="Once.", submission="k2")
    with world.inside():
        assert [m.body for m in thread_of(made)].count("Once.") == 2


def test_MSG_007_a_repeated_reply_moves_nothing_again(world):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    gus.post("/tickets/ACME-1/replies", body="Once.", submission="k1", then="waiting_user")
    with at_work(world, made) as (ticket, _):
        ticket.hear("Thanks.", by=ticket.customer)
    gus.post("/tickets/ACME-1/replies", body="Once.", submission="k1", then="waiting_user")
    with world.inside():
        assert world.one(Ticket, id=made).status == S.IN_PROGRESS


def test_MSG_007_a_repeated_reply_that_resolved_does_not_resolve_again(world):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    gus.post("/tickets/ACME-1/replies", body="Once.", submission="k1", then="resolved")
    with at_work(world, made) as (ticket, _):
        ticket.hear("No, it is not.", by=ticket.customer)
    gus.post("/tickets/ACME-1/replies", body="Once.", submission="k1", then="resolved")
    with world.inside():
        assert world.one(Ticket, id=made).status == S.ASSIGNED


def test_MSG_007_two_threads_that_send_one_form_write_one_message(any_world):
    made = ticket_in(any_world, S.ASSIGNED)
    seats = [Seat(any_world, "Gus") for _ in range(4)]

    def send(seat):
        return seat.post(
            "/tickets/ACME-1/replies", body="Once.", submission="k1", then="waiting_user"
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(send, seats))
    assert codes == [303] * 4
    with any_world.inside():
        assert [m.body for m in thread_of(made)].count("Once.") == 1
        assert [e.name for e in events_of(made)].count("ticket.replied") == 1


def test_MSG_007_the_page_gives_each_form_a_key_of_its_own(world):
    ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    pages = [gus.get("/tickets/ACME-1") for _ in range(2)]
    keys = [form(page, door).fields["submission"] for page in pages for door in ("/replies", "/notes")]
    assert len(set(keys)) == 4
    assert min(map(len, keys)) >= 16


def test_MSG_007_a_double_click_on_the_page_s_own_form_writes_one_message(world):
    made = ticket_in(world, S.ASSIGNED)
    gus = Seat(world, "Gus")
    reply = form(gus.get("/tickets/ACME-1"), "/replies")
    assert [reply.send(gus.client, body="Once.").status_code for _ in range(2)] == [303, 303]
    with world.inside():
        assert [m.body for m in thread_of(made)].count("Once.") == 1
